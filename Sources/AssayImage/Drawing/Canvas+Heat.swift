/// A coarse map of values, `[height, width]`, row-major, on an absolute scale: 0 is cold, 1 is hottest.
public struct HeatGrid: Sendable, Equatable {
  public let width: Int
  public let height: Int
  public let values: [Float]

  /// Traps when a side is below 1 or the number of values is not `width * height`.
  public init(width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0, "a grid has at least one value, not \(width) x \(height)")
    precondition(values.count == width * height, "\(width) x \(height) values expected, \(values.count) given")
    self.width = width
    self.height = height
    self.values = values
  }

  /// The grid stretched over a picture of `width` x `height` pixels, `[height, width]`: bilinear between the centres of its
  /// cells, constant beyond the outermost centres.
  ///
  /// The grid covers the network's input of `network` pixels, in which `placement` says where the photograph lies; without
  /// them it covers the whole picture. NaN where the network did not see the picture.
  public func stretched(
    width: Int, height: Int, placement: Placement? = nil, network: (width: Int, height: Int)? = nil
  ) -> [Float] {
    var (origin, end) = (PixelPoint(x: 0, y: 0), PixelPoint(x: 1, y: 1))
    if let placement, let network {
      // The picture may be smaller than the file that the placement speaks of.
      func seen(_ x: Int, _ y: Int) -> PixelPoint {
        let point = placement.toNetwork(PixelPoint(x: Double(x), y: Double(y)))
        return PixelPoint(x: point.x / Double(network.width), y: point.y / Double(network.height))
      }
      (origin, end) = (seen(0, 0), seen(placement.sourceWidth, placement.sourceHeight))
    }
    func places(_ count: Int, _ start: Double, _ end: Double) -> [Double] {
      (0..<count).map { start + (Double($0) + 0.5) / Double(count) * (end - start) }
    }
    let (columns, rows) = (places(width, origin.x, end.x), places(height, origin.y, end.y))
    let across = columns.map { (place: Self.neighbours($0, self.width), isSeen: (0...1).contains($0)) }
    var result = [Float](repeating: .nan, count: width * height)
    for (row, y) in rows.enumerated() where (0...1).contains(y) {
      let (top, bottom, alongY) = Self.neighbours(y, self.height)
      for (column, (place, isSeen)) in across.enumerated() where isSeen {
        let (left, right, alongX) = place
        let upper = values[top * self.width + left] * (1 - alongX) + values[top * self.width + right] * alongX
        let lower = values[bottom * self.width + left] * (1 - alongX) + values[bottom * self.width + right] * alongX
        result[row * width + column] = upper * (1 - alongY) + lower * alongY
      }
    }
    return result
  }

  private static func neighbours(_ place: Double, _ count: Int) -> (Int, Int, Float) {
    let at = min(max(place * Double(count) - 0.5, 0), Double(count - 1))
    let first = Int(clamping: at)
    return (first, min(first + 1, count - 1), Float(at - Double(first)))
  }
}

extension Canvas {
  /// Blends a heat map over the picture. A value of 0 leaves the photograph, a value of 1 covers it with the hottest
  /// colour at `opacity` 0...1; values outside of 0...1 are clamped, and NaN is 0.
  ///
  /// The grid covers the network's input of `network` pixels, in which `placement` says where the photograph lies; without
  /// them it covers the whole picture. What the network did not see stays as it is.
  public mutating func blend(
    _ grid: HeatGrid, opacity: Float = 0.7, placement: Placement? = nil, network: (width: Int, height: Int)? = nil
  ) {
    let heat = grid.stretched(width: width, height: height, placement: placement, network: network)
    for y in 0..<height {
      for x in 0..<width {
        let value = heat[y * width + x]
        guard !value.isNaN else { continue }
        let clamped = min(max(value, 0), 1)
        mix(x, y, HeatColours.colour(for: clamped), clamped * opacity)
      }
    }
  }

  private mutating func mix(_ x: Int, _ y: Int, _ colour: Colour, _ alpha: Float) {
    let at = 3 * (y * width + x)
    func mixed(_ under: UInt8, _ over: UInt8) -> UInt8 {
      UInt8(clamping: (Float(under) * (1 - alpha) + Float(over) * alpha).rounded())
    }
    pixels[at] = mixed(pixels[at], colour.red)
    pixels[at + 1] = mixed(pixels[at + 1], colour.green)
    pixels[at + 2] = mixed(pixels[at + 2], colour.blue)
  }
}
