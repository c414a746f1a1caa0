import Glibc

/// The colours of heat maps: dark violet, red, orange, light yellow.
///
/// Lightness rises evenly from cold to hot, so that the map is ordered for every eye and on a gray printer too. The path
/// is drawn in Oklab (Ottosson 2020), a perceptually even space: lightness 0.16 to 0.96, hue from violet over red to
/// yellow, the colourfulness highest in the middle.
public enum HeatColours {
  /// 256 colours, cold to hot.
  public static let table: [Colour] = (0..<256).map { colour(Double($0) / 255) }

  /// The colour of a value 0...1; values outside are clamped, NaN is cold.
  public static func colour(for value: Float) -> Colour {
    table[Int((value.isNaN ? 0 : min(max(value, 0), 1)) * 255 + 0.5)]
  }

  private static func colour(_ t: Double) -> Colour {
    let lightness = 0.16 + 0.80 * t
    let hue = (-70 + 175 * t) * Double.pi / 180
    // A colour outside of sRGB is made paler, never another hue or lightness.
    var chroma = 0.05 + 0.17 * sin(Double.pi * min(1, t * 0.9 + 0.1))
    var linear = rgb(lightness, chroma, hue)
    while chroma > 0, linear.contains(where: { $0 < -1e-4 || $0 > 1.0001 }) {
      chroma -= 0.002
      linear = rgb(lightness, max(chroma, 0), hue)
    }
    let bytes = linear.map { UInt8((gamma(min(max($0, 0), 1)) * 255).rounded()) }
    return Colour(red: bytes[0], green: bytes[1], blue: bytes[2])
  }

  /// Linear sRGB of an Oklab colour in polar coordinates.
  private static func rgb(_ lightness: Double, _ chroma: Double, _ hue: Double) -> [Double] {
    let a = chroma * cos(hue)
    let b = chroma * sin(hue)
    func cube(_ x: Double) -> Double { x * x * x }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
  }

  private static func gamma(_ linear: Double) -> Double {
    linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
  }
}
