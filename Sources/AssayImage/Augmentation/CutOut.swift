/// A rectangle that the network must do without (DeVries and Taylor 2017), filled with the image's mean in each channel.
///
/// It may hide what makes an image a defect. Keep it small and rare where defects are small.
public struct CutOut: Sendable, Hashable {
  /// The share of the image's area, 0...0.5.
  public let area: Double
  /// Width by height, relative to the image's.
  public let aspect: Double
  /// The place: 0 is left and top, 1 right and bottom; the rectangle is always inside.
  public let x: Double
  public let y: Double

  /// Traps when `area` is outside 0...0.5, `aspect` outside 0.25...4, or `x` or `y` outside 0...1.
  public init(area: Double, aspect: Double = 1, x: Double, y: Double) {
    precondition((0...0.5).contains(area), "a cut-out's area is 0...0.5, not \(area)")
    precondition((0.25...4).contains(aspect), "a cut-out's aspect is 0.25...4, not \(aspect)")
    precondition((0...1).contains(x) && (0...1).contains(y), "a cut-out's place is 0...1, not (\(x), \(y))")
    self.area = area
    self.aspect = aspect
    self.x = x
    self.y = y
  }

  func block(width: Int, height: Int) -> PixelBlock {
    PixelBlock(
      widthShare: (area * aspect).squareRoot(), heightShare: (area / aspect).squareRoot(), x: x, y: y, width: width,
      height: height)
  }

  func apply(to planes: PlaneBuffer) {
    let block = block(width: planes.width, height: planes.height)
    for plane in 0..<planes.planes {
      let mean = planes.mean(from: plane * planes.planeCount, count: planes.planeCount)
      for y in block.y..<(block.y + block.height) {
        (planes.plane(plane) + y * planes.width + block.x).update(repeating: mean, count: block.width)
      }
    }
  }
}
