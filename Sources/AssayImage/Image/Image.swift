/// Decoded pixels, upright: the orientation that the file asks for has been applied.
///
/// Samples are `[H, W, C]`, row-major and interleaved, in their full stored precision. Alpha is dropped.
public struct Image: Sendable, Equatable {
  /// Samples of 8 or 16 bits; 0 is black and 255 is white. Which value of 16 bits is white is known to
  /// ``Preprocessing/white(of:)``.
  public enum Samples: Sendable, Equatable {
    case uint8([UInt8])
    case uint16([UInt16])

    /// The number of samples, `H * W * C`.
    public var count: Int {
      switch self {
      case .uint8(let values): values.count
      case .uint16(let values): values.count
      }
    }
  }

  /// Pixels in a row, and rows.
  public let width: Int
  public let height: Int
  /// 1 (mono) or 3 (RGB).
  public let channels: Int
  /// `[H, W, C]`, interleaved.
  public let samples: Samples
  /// The size in the file, upright: larger than `width` and `height` after scaled decoding (`DecodingOptions.reduceTo`).
  public let fullWidth: Int
  public let fullHeight: Int
  /// Of 16-bit samples: what the file says of their range.
  public let depth: SampleDepth

  /// An image of `[height, width, channels]` samples.
  ///
  /// Traps when a side is below 1, `channels` is neither 1 nor 3, or the number of samples is not
  /// `height * width * channels`.
  public init(
    width: Int, height: Int, channels: Int, samples: Samples, fullWidth: Int? = nil, fullHeight: Int? = nil,
    depth: SampleDepth = SampleDepth()
  ) {
    precondition(width > 0 && height > 0, "an image has at least one pixel, not \(width) x \(height)")
    precondition(channels == 1 || channels == 3, "an image has 1 or 3 channels, not \(channels)")
    precondition(
      samples.count == width * height * channels,
      "\(width) x \(height) x \(channels) samples expected, \(samples.count) given")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
    self.fullWidth = fullWidth ?? width
    self.fullHeight = fullHeight ?? height
    self.depth = depth
  }

  /// The largest of 16-bit samples, in the file's own values; nil for samples of 8 bits.
  public var largestStored: Int? {
    guard case .uint16(let values) = samples else { return nil }
    var largest: UInt16 = 0
    values.withUnsafeBufferPointer { for value in $0 { largest = max(largest, value) } }
    return (Int(largest) * depth.full + 32_767) / 65_535
  }

  /// Bits of a decoded sample: 8 or 16.
  public var bitsPerSample: Int {
    switch samples {
    case .uint8: 8
    case .uint16: 16
    }
  }
}
