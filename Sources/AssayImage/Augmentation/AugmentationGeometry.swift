import Glibc

/// Where the image's content goes. All changes make one affine map, and the image is resampled once.
///
/// In this order: flips, quarter turns, scale with aspect, rotation, shift, crop; all about the centre.
public struct AugmentationGeometry: Sendable, Hashable {
  /// Left and right, top and bottom exchanged.
  public var flipsHorizontally = false
  public var flipsVertically = false
  /// Turns by 90 degrees, counter-clockwise as seen. Odd ones are for square inputs only.
  public var quarterTurns = 0
  /// Counter-clockwise as seen.
  public var degrees = 0.0
  /// Above 1 enlarges the content. No antialiasing: meant for 0.8...1.25.
  public var scale = 1.0
  /// The ratio of horizontal to vertical enlargement.
  public var aspect = 1.0
  /// Shares of width and height by which the content moves right and down.
  public var shiftX = 0.0
  public var shiftY = 0.0
  /// The sides of the window that becomes the whole, as a share of the image's, and its place: 0 is left and top, 1
  /// right and bottom.
  public var cropShare = 1.0
  public var cropX = 0.5
  public var cropY = 0.5

  public init() {}

  /// From indices of the output's pixels to indices of the source's.
  func map(width: Int, height: Int, sourceWidth: Int, sourceHeight: Int) -> AffineMap {
    precondition(
      width == height || quarterTurns.isMultiple(of: 2),
      "\(quarterTurns) quarter turns do not fit an input of \(width) x \(height)")
    let (w, h) = (Double(width), Double(height))
    // The way back, from what is seen to where it was: every step is the inverse of the one described.
    let map = AffineMap.identity
      .followed(byShiftX: 0.5 - w / 2, y: 0.5 - h / 2)
      .followed(byScaleX: cropShare, y: cropShare)
      .followed(
        byShiftX: (cropX - 0.5) * (1 - cropShare) * w - shiftX * w,
        y: (cropY - 0.5) * (1 - cropShare) * h - shiftY * h
      )
      .followed(by: rotation)
      .followed(byScaleX: 1 / (scale * aspect.squareRoot()), y: aspect.squareRoot() / scale)
      .followed(by: quarterTurn)
      .followed(byScaleX: flipsHorizontally ? -1 : 1, y: flipsVertically ? -1 : 1)
      .followed(byShiftX: w / 2, y: h / 2)
    return map.followed(byScaleX: Double(sourceWidth) / w, y: Double(sourceHeight) / h)
      .followed(byShiftX: -0.5, y: -0.5)
  }

  private var rotation: AffineMap {
    let (s, c) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
    return AffineMap(a: c, b: -s, c: 0, d: s, e: c, f: 0)
  }

  /// In whole numbers, so that turned images are permutations of their pixels.
  private var quarterTurn: AffineMap {
    let (s, c) = [(0.0, 1.0), (1, 0), (0, -1), (-1, 0)][((quarterTurns % 4) + 4) % 4]
    return AffineMap(a: c, b: -s, c: 0, d: s, e: c, f: 0)
  }
}
