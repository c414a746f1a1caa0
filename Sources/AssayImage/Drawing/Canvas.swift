/// An 8-bit RGB picture to draw on: photographs with their heat maps, boxes and verdicts.
///
/// Drawing outside of the picture is cut off.
public struct Canvas: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// `[height, width, 3]`, interleaved.
  public internal(set) var pixels: [UInt8]

  /// A picture of one colour. Traps when a side is below 1.
  public init(width: Int, height: Int, colour: Colour = .black) {
    precondition(width > 0 && height > 0, "a canvas has at least one pixel, not \(width) x \(height)")
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0, count: 3 * width * height)
    fill(x: 0, y: 0, width: width, height: height, colour)
  }

  /// A photograph as it is shown: mono in all three colours, 16 bits stretched from its own darkest to its own
  /// brightest value, so that a 12-bit camera's image is not black.
  public init(_ image: Image) {
    width = image.width
    height = image.height
    let shown: [UInt8]
    switch image.samples {
    case .uint8(let values): shown = values
    case .uint16(let values):
      let low = Float(values.min() ?? 0)
      let scale = 255 / max(Float(values.max() ?? 0) - low, 1)
      shown = values.map { UInt8(((Float($0) - low) * scale).rounded()) }
    }
    guard image.channels == 1 else {
      pixels = shown
      return
    }
    pixels = [UInt8](unsafeUninitializedCapacity: 3 * shown.count) { buffer, initialized in
      for (i, value) in shown.enumerated() {
        for c in 0..<3 { buffer[3 * i + c] = value }
      }
      initialized = 3 * shown.count
    }
  }

  /// The picture as a PNG.
  public func png() throws(ImageError) -> [UInt8] {
    try ImageEncoder.png(width: width, height: height, channels: 3, pixels: pixels)
  }

  /// The picture as a JPEG of quality 1...100.
  public func jpeg(quality: Int = 85) throws(ImageError) -> [UInt8] {
    try ImageEncoder.jpeg(width: width, height: height, channels: 3, pixels: pixels, quality: quality)
  }

  /// The picture as an image.
  public var image: Image { Image(width: width, height: height, channels: 3, samples: .uint8(pixels)) }

  /// The picture reduced so that its longest side is `maxSide` pixels; a smaller one is returned as it is.
  public func thumbnail(maxSide: Int) -> Canvas {
    precondition(maxSide > 0, "a thumbnail has at least one pixel")
    let size = ReducedSize.of(width: width, height: height, maxSide: maxSide)
    return size == (width, height) ? self : resized(width: size.width, height: size.height)
  }

  /// The picture at another size, bilinear with antialiasing. Traps when a side is below 1.
  public func resized(width newWidth: Int, height newHeight: Int) -> Canvas {
    let planes = Resampler().resize(image, width: newWidth, height: newHeight, filter: .bilinear)
    var result = Canvas(width: newWidth, height: newHeight)
    result.pixels = Interleaving.bytes(ofPlanes: planes, channels: 3)
    return result
  }
}
