/// Repeated box filters, the cheap stand-in for a Gaussian (Wells 1986): a pass costs the same whatever the radius.
///
/// At the border the mean is over the part of the box inside the plane, so that a crop changes little beyond its own edge.
struct BoxBlur {
  private var columns: [Float] = []
  private var plane: [Float] = []

  /// - Parameters:
  ///   - values: `[height, width]`, replaced by their blur.
  ///   - radius: the box has `2 * radius + 1` values a side, at most what the plane has.
  mutating func run(_ values: inout [Float], width: Int, height: Int, radius: Int, passes: Int) {
    if plane.count < values.count { plane = [Float](repeating: 0, count: values.count) }
    if columns.count < width { columns = [Float](repeating: 0, count: width) }
    values.withUnsafeMutableBufferPointer { values in
      plane.withUnsafeMutableBufferPointer { plane in
        columns.withUnsafeMutableBufferPointer { columns in
          for _ in 0..<passes {
            Self.rows(from: values, to: plane, width, height, min(radius, width - 1))
            Self.columns(from: plane, to: values, columns, width, height, min(radius, height - 1))
          }
        }
      }
    }
  }

  private static func rows(
    from source: UnsafeMutableBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>, _ width: Int,
    _ height: Int, _ radius: Int
  ) {
    // Each sum waits for the last one, so that four rows at a time take hardly longer than one.
    for first in stride(from: 0, to: height, by: 4) {
      let rows = (0..<4).map { min(first + $0, height - 1) * width }
      let (r0, r1, r2, r3) = (rows[0], rows[1], rows[2], rows[3])
      func at(_ x: Int) -> SIMD4<Float> { SIMD4(source[r0 + x], source[r1 + x], source[r2 + x], source[r3 + x]) }
      var sum = SIMD4<Float>.zero
      func put(_ x: Int, _ factor: Float) {
        let value = sum * factor
        (target[r0 + x], target[r1 + x], target[r2 + x], target[r3 + x]) = (value[0], value[1], value[2], value[3])
      }
      for x in 0..<radius { sum += at(x) }
      // The box is cut off at the left, whole, and cut off at the right; in a narrow plane on both sides at once.
      let whole = min(radius + 1, width)..<max(min(radius + 1, width), width - radius)
      for x in 0..<whole.lowerBound {
        if x + radius < width { sum += at(x + radius) }
        put(x, 1 / Float(min(width - 1, x + radius) + 1))
      }
      let factor = 1 / Float(2 * radius + 1)
      for x in whole {
        sum += at(x + radius) - at(x - radius - 1)
        put(x, factor)
      }
      for x in whole.upperBound..<width {
        sum -= at(x - radius - 1)
        put(x, 1 / Float(width - x + radius))
      }
    }
  }

  private static func columns(
    from source: UnsafeMutableBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>,
    _ sums: UnsafeMutableBufferPointer<Float>, _ width: Int, _ height: Int, _ radius: Int
  ) {
    for x in 0..<width { sums[x] = 0 }
    for y in 0..<radius { for x in 0..<width { sums[x] += source[y * width + x] } }
    for y in 0..<height {
      if y + radius < height { for x in 0..<width { sums[x] += source[(y + radius) * width + x] } }
      if y > radius { for x in 0..<width { sums[x] -= source[(y - radius - 1) * width + x] } }
      let factor = 1 / Float(min(height - 1, y + radius) - max(0, y - radius) + 1)
      for x in 0..<width { target[y * width + x] = sums[x] * factor }
    }
  }
}
