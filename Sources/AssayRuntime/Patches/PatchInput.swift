public import AssayImage

/// How photographs become items of the network: scaled as a whole, or cut into tiles.
public struct PatchInput: Codable, Hashable, Sendable {
  public var preprocessing: Preprocessing
  /// nil to look at the whole photograph at once.
  public var tiling: Tiling?

  public init(preprocessing: Preprocessing, tiling: Tiling? = nil) {
    self.preprocessing = preprocessing
    self.tiling = tiling
  }

  /// Tiles need every pixel; else a large JPEG may be decoded at a reduced size.
  public func decodingOptions(maximumPixels: Int) -> DecodingOptions {
    tiling == nil
      ? preprocessing.decodingOptions(maximumPixels: maximumPixels) : DecodingOptions(maximumPixels: maximumPixels)
  }
}
