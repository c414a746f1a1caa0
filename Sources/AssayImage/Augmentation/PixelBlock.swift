/// A rectangle of whole pixels inside an image.
public struct PixelBlock: Sendable, Hashable {
  public let x: Int
  public let y: Int
  public let width: Int
  public let height: Int

  /// The number of pixels.
  public var area: Int { width * height }

  /// A rectangle with shares of the sides of an image of `width` x `height` pixels, rounded. `x` and `y` are its place
  /// among all those where it is inside: 0 is left and top, 1 right and bottom.
  init(widthShare: Double, heightShare: Double, x: Double, y: Double, width: Int, height: Int) {
    self.width = min(Int(clamping: (widthShare * Double(width)).rounded()), width)
    self.height = min(Int(clamping: (heightShare * Double(height)).rounded()), height)
    // Every whole place is as likely when x and y are uniform.
    self.x = min(Int(clamping: x * Double(width - self.width + 1)), width - self.width)
    self.y = min(Int(clamping: y * Double(height - self.height + 1)), height - self.height)
  }
}
