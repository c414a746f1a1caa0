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

  /// The value at a place 0...1 from left to right and top to bottom: bilinear between the centres of the cells, constant
  /// beyond the outermost centres.
  public func value(x: Double, y: Double) -> Float {
    let (left, right, alongX) = Self.neighbours(x, width)
    let (top, bottom, alongY) = Self.neighbours(y, height)
    let upper = values[top * width + left] * (1 - alongX) + values[top * width + right] * alongX
    let lower = values[bottom * width + left] * (1 - alongX) + values[bottom * width + right] * alongX
    return upper * (1 - alongY) + lower * alongY
  }

  private static func neighbours(_ place: Double, _ count: Int) -> (Int, Int, Float) {
    let at = min(max(place * Double(count) - 0.5, 0), Double(count - 1))
    let first = Int(at)
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
    for y in 0..<height {
      for x in 0..<width {
        var place = PixelPoint(x: (Double(x) + 0.5) / Double(width), y: (Double(y) + 0.5) / Double(height))
        if let placement, let network {
          // The picture may be smaller than the file that the placement speaks of.
          let seen = placement.toNetwork(
            PixelPoint(x: place.x * Double(placement.sourceWidth), y: place.y * Double(placement.sourceHeight)))
          place = PixelPoint(x: seen.x / Double(network.width), y: seen.y / Double(network.height))
        }
        guard (0...1).contains(place.x), (0...1).contains(place.y) else { continue }
        let value = grid.value(x: place.x, y: place.y)
        let clamped = value.isNaN ? 0 : min(max(value, 0), 1)
        mix(x, y, HeatColours.colour(for: clamped), clamped * opacity)
      }
    }
  }

  private mutating func mix(_ x: Int, _ y: Int, _ colour: Colour, _ alpha: Float) {
    let at = 3 * (y * width + x)
    func mixed(_ under: UInt8, _ over: UInt8) -> UInt8 {
      UInt8(min(max((Float(under) * (1 - alpha) + Float(over) * alpha).rounded(), 0), 255))
    }
    pixels[at] = mixed(pixels[at], colour.red)
    pixels[at + 1] = mixed(pixels[at + 1], colour.green)
    pixels[at + 2] = mixed(pixels[at + 2], colour.blue)
  }
}
