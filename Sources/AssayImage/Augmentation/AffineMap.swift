/// Where in the source an output's pixel is taken from: `(a x + b y + c, d x + e y + f)`, both in indices of pixels.
struct AffineMap: Hashable, Sendable {
  var a: Double
  var b: Double
  var c: Double
  var d: Double
  var e: Double
  var f: Double

  static let identity = AffineMap(a: 1, b: 0, c: 0, d: 0, e: 1, f: 0)

  /// First this map, then `next`.
  func followed(by next: AffineMap) -> AffineMap {
    AffineMap(
      a: next.a * a + next.b * d, b: next.a * b + next.b * e, c: next.a * c + next.b * f + next.c,
      d: next.d * a + next.e * d, e: next.d * b + next.e * e, f: next.d * c + next.e * f + next.f)
  }

  func followed(byShiftX x: Double, y: Double) -> AffineMap {
    followed(by: AffineMap(a: 1, b: 0, c: x, d: 0, e: 1, f: y))
  }

  func followed(byScaleX x: Double, y: Double) -> AffineMap {
    followed(by: AffineMap(a: x, b: 0, c: 0, d: 0, e: y, f: 0))
  }

  /// The linear index in the source of output (0, 0), and its steps along an output's row and column, when every output
  /// is exactly one pixel of a source of `sourceWidth` x `sourceHeight`; else nil.
  func permutation(
    width: Int, height: Int, sourceWidth: Int, sourceHeight: Int
  ) -> (start: Int, stepX: Int, stepY: Int)? {
    guard [a, b, d, e].allSatisfy({ $0 == 0 || abs($0) == 1 }), abs(a) + abs(b) == 1, abs(d) + abs(e) == 1,
      abs(a) + abs(d) == 1, c == c.rounded(), f == f.rounded()
    else { return nil }
    for (x, y) in [(0.0, 0.0), (Double(width - 1), Double(height - 1))] {
      guard (0..<Double(sourceWidth)).contains(a * x + b * y + c),
        (0..<Double(sourceHeight)).contains(d * x + e * y + f)
      else { return nil }
    }
    return (Int(f) * sourceWidth + Int(c), Int(d) * sourceWidth + Int(a), Int(e) * sourceWidth + Int(b))
  }
}
