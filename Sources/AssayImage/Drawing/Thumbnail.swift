/// Small JPEGs of photographs, for records and pages. Keeps a ``Resampler``: make one per thread.
public final class ThumbnailMaker {
  private let resampler = Resampler()
  /// Longest side in pixels.
  public let maxSide: Int
  /// Of the JPEG, 1...100.
  public let quality: Int

  /// Traps when `maxSide` is below 1.
  public init(maxSide: Int, quality: Int = 80) {
    precondition(maxSide > 0, "a thumbnail has at least one pixel")
    self.maxSide = maxSide
    self.quality = quality
  }

  /// The photograph as a ``Canvas`` shows it, reduced so that its longest side is ``maxSide`` pixels; a smaller one keeps its
  /// size. Mono photographs stay mono.
  /// - Throws: `ImageError` when the encoder refuses.
  public func jpeg(of image: Image) throws(ImageError) -> [UInt8] {
    let (width, height) = ReducedSize.of(width: image.width, height: image.height, maxSide: maxSide)
    let bytes: [UInt8]
    switch image.samples {
    case .uint8(let samples) where width == image.width && height == image.height: bytes = samples
    case .uint8:
      bytes = Interleaving.bytes(
        ofPlanes: resampler.resize(image, width: width, height: height, filter: .bilinear), channels: image.channels)
    case .uint16(let samples): bytes = stretched(image, samples, width: width, height: height)
    }
    return try ImageEncoder.jpeg(
      width: width, height: height, channels: image.channels, pixels: bytes, quality: quality)
  }

  /// From its own darkest to its own brightest sample. Reduced first: a large photograph is not copied for a small picture.
  private func stretched(_ image: Image, _ samples: [UInt16], width: Int, height: Int) -> [UInt8] {
    var (low, high) = (UInt16.max, UInt16.min)
    samples.withUnsafeBufferPointer { for value in $0 { (low, high) = (min(low, value), max(high, value)) } }
    let darkest = Float(low) / 65_535
    let range = Float(max(high - low, 1)) / 65_535
    var planes = resampler.resize(image, width: width, height: height, filter: .bilinear)
    for at in planes.indices { planes[at] = min(max((planes[at] - darkest) / range, 0), 1) }
    return Interleaving.bytes(ofPlanes: planes, channels: image.channels)
  }
}

enum ReducedSize {
  /// Sides reduced so that the longest is `maxSide`; smaller ones stay.
  static func of(width: Int, height: Int, maxSide: Int) -> (width: Int, height: Int) {
    let longest = max(width, height)
    guard longest > maxSide else { return (width, height) }
    func reduced(_ side: Int) -> Int { max(1, (side * maxSide * 2 + longest) / (2 * longest)) }
    return (reduced(width), reduced(height))
  }
}

enum Interleaving {
  /// Planes `[C, n]` of 0...1 as `[n, C]` bytes.
  ///
  /// Added to 2^23 a value has no room for a fraction: its last eight bits are the nearest byte. The compiler's `rounded()`
  /// is a call into the C library for every sample.
  static func bytes(ofPlanes planes: [Float], channels: Int) -> [UInt8] {
    let count = planes.count / channels
    return [UInt8](unsafeUninitializedCapacity: planes.count) { bytes, initialized in
      planes.withUnsafeBufferPointer { planes in
        guard let source = planes.baseAddress, let target = bytes.baseAddress else { return }
        for c in 0..<channels {
          let plane = source + c * count
          var at = target + c
          for i in 0..<count {
            at.pointee = UInt8(truncatingIfNeeded: (plane[i] * 255 + 8_388_608).bitPattern)
            at += channels
          }
        }
      }
      initialized = planes.count
    }
  }
}
