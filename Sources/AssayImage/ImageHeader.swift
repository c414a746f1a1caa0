/// What an image file says about itself, known without decoding it.
public struct ImageHeader: Sendable, Equatable {
  public let format: ImageFormat
  /// Pixels, upright (after the orientation is applied).
  public let width: Int
  public let height: Int
  /// Channels after decoding: 1 (mono) or 3 (RGB; palettes and CMYK become RGB).
  public let channels: Int
  /// Bits of a sample as stored: 1...16.
  public let bitsPerSample: Int
  /// The stored orientation, 1...8 as EXIF and TIFF define it; 1 is upright.
  public let orientation: Int
  /// The file's name ends like another image format than the content is: a wrongly named file. It is read by content.
  public let extensionMismatch: Bool
  /// Of more than 8 bits: what the file says of their range.
  public let depth: SampleDepth

  /// Bits of a sample after decoding: 8 or 16.
  public var decodedBits: Int { bitsPerSample > 8 ? 16 : 8 }
}

/// A header as a decoder finds it: the stored size, before the orientation is applied.
struct StoredHeader: Equatable {
  var width: Int
  var height: Int
  var channels: Int
  var bitsPerSample: Int
  var orientation = 1
  var depth = SampleDepth()
}

/// How an image is decoded.
public struct DecodingOptions: Sendable, Equatable {
  /// Images with more pixels than this are refused before memory is taken for them.
  public var maximumPixels: Int
  /// The smallest upright size still needed. A JPEG is decoded at 1/2, 1/4 or 1/8 when that leaves at least twice this
  /// size in both directions; other formats ignore it.
  public var reduceTo: Size?

  /// A size in pixels.
  public typealias Size = (width: Int, height: Int)

  public init(maximumPixels: Int = 100_000_000, reduceTo: Size? = nil) {
    self.maximumPixels = maximumPixels
    self.reduceTo = reduceTo
  }

  public static func == (a: DecodingOptions, b: DecodingOptions) -> Bool {
    a.maximumPixels == b.maximumPixels && a.reduceTo?.width == b.reduceTo?.width
      && a.reduceTo?.height == b.reduceTo?.height
  }
}
