public import AssayGraph

/// A network that was brought into the catalogue, as the person who brought it needs to know it.
public struct ImportedNetwork: Codable, Sendable {
  public var description: BackboneDescription
  /// SHA-256 of the file, hexadecimal.
  public var sha256: String
  /// What it was recognised as; nil for a graph.
  public var architecture: String?
  /// Elements of what was trained.
  public var parameters: Int
  public var taps: [Tap]
  public var defaultTaps: [String]
  public var patchTaps: [String]
  public var normalisation: ImportedBackbone.Normalisation
  /// Of padding; nil for a network that has only one.
  public var convention: String?
  /// How the publisher evaluates it, in words; nil when that is not known.
  public var evaluation: String?
  /// For the default taps and input, one image, on the machine that it was imported on; median.
  public var milliseconds: Double?

  /// Features for each image: mean and deviation of every channel of the default taps.
  public var features: Int {
    taps.filter { defaultTaps.contains($0.name) }.reduce(0) { $0 + 2 * $1.channels }
  }
}
