public import AssayImage

/// Where on an image something is marked, and what it is.
public struct AnnotatedRegion: Sendable, Hashable {
  public enum Shape: Sendable, Hashable {
    /// In pixels of the photograph.
    case box(PixelRectangle)
    /// Corners of each polygon, in pixels of the photograph. What lies inside any of them (even-odd rule in each) is
    /// marked.
    case polygons([[PixelPoint]])
    case runs(RunLengthMask)
    /// Absolute path of a mask image of the photograph's size; every pixel above 0 is marked.
    case file(String)
  }

  public var label: String
  public var shape: Shape

  public init(label: String, shape: Shape) {
    self.label = label
    self.shape = shape
  }

  public var isBox: Bool { if case .box = shape { true } else { false } }

  /// The mask image, where it is one.
  var file: String? { if case .file(let path) = shape { path } else { nil } }
}
