/// Where a source image lies in the network's input, and the way between the two coordinate systems.
public struct Placement: Sendable, Hashable {
  /// The source's size, in pixels.
  public let sourceWidth: Int
  public let sourceHeight: Int
  /// The part of the source that is seen, in source pixels.
  public let crop: PixelRectangle
  /// Where that part is put, in whole pixels of the network's input; padding surrounds it.
  public let x: Int
  public let y: Int
  public let width: Int
  public let height: Int

  private var scaleX: Double { crop.width / Double(width) }
  private var scaleY: Double { crop.height / Double(height) }

  /// The source place shown at a place of the network's input. Places in the padding map to outside of the source.
  public func toSource(_ point: PixelPoint) -> PixelPoint {
    PixelPoint(x: crop.x + (point.x - Double(x)) * scaleX, y: crop.y + (point.y - Double(y)) * scaleY)
  }

  /// Where a source place is shown. Places that are cropped away map to outside of the network's input.
  public func toNetwork(_ point: PixelPoint) -> PixelPoint {
    PixelPoint(x: Double(x) + (point.x - crop.x) / scaleX, y: Double(y) + (point.y - crop.y) / scaleY)
  }

  /// The source rectangle shown in a rectangle of the network's input, cut to the source.
  public func toSource(_ box: PixelRectangle) -> PixelRectangle {
    let corner = toSource(PixelPoint(x: box.x, y: box.y))
    return PixelRectangle(x: corner.x, y: corner.y, width: box.width * scaleX, height: box.height * scaleY)
      .clamped(width: Double(sourceWidth), height: Double(sourceHeight))
  }

  /// Where a source rectangle is shown, cut to the part that is shown.
  public func toNetwork(_ box: PixelRectangle) -> PixelRectangle {
    let corner = toNetwork(PixelPoint(x: box.x, y: box.y))
    let (left, top) = (Double(x), Double(y))
    let shown = PixelRectangle(
      x: corner.x - left, y: corner.y - top, width: box.width / scaleX, height: box.height / scaleY
    ).clamped(width: Double(width), height: Double(height))
    return PixelRectangle(x: shown.x + left, y: shown.y + top, width: shown.width, height: shown.height)
  }
}
