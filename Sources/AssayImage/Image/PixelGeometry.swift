/// A place in an image, in pixels from the top left corner; the first pixel's centre is (0.5, 0.5).
public struct PixelPoint: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// A rectangle in an image, in pixels; the whole image is `(0, 0, width, height)`.
public struct PixelRectangle: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The part inside `(0, 0, width, height)`; a rectangle outside becomes an empty one on the border.
  public func clamped(width limitX: Double, height limitY: Double) -> PixelRectangle {
    let left = min(max(x, 0), limitX)
    let top = min(max(y, 0), limitY)
    let right = min(max(x + width, left), limitX)
    let bottom = min(max(y + height, top), limitY)
    return PixelRectangle(x: left, y: top, width: right - left, height: bottom - top)
  }
}
