/// How a photograph of any shape is brought to the network's input.
public enum FramingPolicy: String, Codable, Sendable, CaseIterable {
  /// Both axes are scaled on their own; the aspect ratio changes, nothing is lost.
  case stretch
  /// Scaled to fit inside, the rest is filled with ``Preprocessing/padding``.
  case letterbox
  /// The shorter side is scaled to fit, the middle is kept.
  case centreCrop = "centre-crop"
}

/// Everything between a decoded image and the network's input; stored in the bundle, so that inspection does exactly what
/// training did.
public struct Preprocessing: Codable, Hashable, Sendable {
  /// Network input size in pixels.
  public var width: Int
  public var height: Int
  public var policy: FramingPolicy
  public var filter: ResamplingFilter
  /// Value of the letterbox margins, 0...1.
  public var padding: Float

  public init(
    width: Int, height: Int, policy: FramingPolicy = .stretch, filter: ResamplingFilter = .bilinear, padding: Float = 0.5
  ) {
    self.width = width
    self.height = height
    self.policy = policy
    self.filter = filter
    self.padding = padding
  }

  /// Where a source of this size goes.
  public func placement(sourceWidth: Int, sourceHeight: Int) -> Placement {
    let (sw, sh, w, h) = (Double(sourceWidth), Double(sourceHeight), Double(width), Double(height))
    switch policy {
    case .stretch:
      return Placement(source: Rectangle(x: 0, y: 0, width: sw, height: sh), target: (0, 0, width, height))
    case .letterbox:
      let scale = min(w / sw, h / sh)
      let tw = min(width, max(1, Int((sw * scale).rounded())))
      let th = min(height, max(1, Int((sh * scale).rounded())))
      return Placement(
        source: Rectangle(x: 0, y: 0, width: sw, height: sh), target: ((width - tw) / 2, (height - th) / 2, tw, th))
    case .centreCrop:
      let scale = max(w / sw, h / sh)
      let (cw, ch) = (min(sw, w / scale), min(sh, h / scale))
      return Placement(
        source: Rectangle(x: (sw - cw) / 2, y: (sh - ch) / 2, width: cw, height: ch), target: (0, 0, width, height))
    }
  }
}

/// An axis-parallel rectangle in pixels; `x`, `y` is its upper left corner.
public struct Rectangle: Codable, Hashable, Sendable {
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
}

/// The part of the source that is used, and where in the network's input it lies.
public struct Placement: Sendable {
  /// In source pixels.
  public let source: Rectangle
  /// In pixels of the network's input.
  public let target: (x: Int, y: Int, width: Int, height: Int)

  /// Maps a rectangle of the network's input (pixels) back to the source, clipped to the part that was used.
  public func sourceRectangle(_ r: Rectangle) -> Rectangle {
    let sx = source.width / Double(target.width)
    let sy = source.height / Double(target.height)
    func clip(_ value: Double, _ limit: Double) -> Double { min(max(value, 0), limit) }
    let left = clip((r.x - Double(target.x)) * sx, source.width)
    let top = clip((r.y - Double(target.y)) * sy, source.height)
    let right = clip((r.x + r.width - Double(target.x)) * sx, source.width)
    let bottom = clip((r.y + r.height - Double(target.y)) * sy, source.height)
    return Rectangle(x: source.x + left, y: source.y + top, width: right - left, height: bottom - top)
  }

  /// Maps a rectangle of the source to the network's input (pixels).
  public func targetRectangle(_ r: Rectangle) -> Rectangle {
    let sx = Double(target.width) / source.width
    let sy = Double(target.height) / source.height
    return Rectangle(
      x: (r.x - source.x) * sx + Double(target.x), y: (r.y - source.y) * sy + Double(target.y), width: r.width * sx,
      height: r.height * sy)
  }
}
