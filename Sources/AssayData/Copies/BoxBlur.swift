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
    for y in 0..<height {
      let row = y * width
      var sum: Float = 0
      for x in 0..<radius { sum += source[row + x] }
      for x in 0..<width {
        if x + radius < width { sum += source[row + x + radius] }
        if x > radius { sum -= source[row + x - radius - 1] }
        target[row + x] = sum / Float(min(width - 1, x + radius) - max(0, x - radius) + 1)
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
