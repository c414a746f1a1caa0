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
  /// What the codec holds while it decodes, besides the file and the samples, in bytes: the coefficients of a progressive JPEG,
  /// a strip of a TIFF. An upper estimate, from the header alone.
  public let codecBytes: Int

  /// The longest side that is read, in pixels, whatever the format allows: a picture of one row of 40 million pixels
  /// takes the memory of a thousand photographs on its way to the network. JPEG's own limit.
  public static let maximumSide = 65_535

  /// Refuses pixels that did not come in a file (of a camera, of a request) by the limits of a file's.
  ///
  /// Throws `ImageError` for a side above ``maximumSide`` and for more than `maximumPixels` pixels.
  public static func check(width: Int, height: Int, maximumPixels: Int, name: String) throws(ImageError) {
    do throws(DecodingFailure) {
      try check(width: width, height: height, maximumPixels: maximumPixels, subject: "the picture")
    } catch {
      throw error.named(name)
    }
  }

  static func check(width: Int, height: Int, maximumPixels: Int, subject: String) throws(DecodingFailure) {
    let size = "\(subject) has \(width) x \(height) pixels"
    guard width <= maximumSide, height <= maximumSide else {
      throw DecodingFailure(
        reason: .tooLarge, cause: "\(size), and no side may have more than \(maximumSide)",
        remedy: "cut it into pieces, or reduce it")
    }
    guard width * height <= maximumPixels else {
      throw DecodingFailure(
        reason: .tooLarge, cause: "\(size), more than the limit of \(maximumPixels)",
        remedy: "crop or reduce it, or raise the pixel limit")
    }
  }

  /// Bits of a sample after decoding: 8 or 16.
  public var decodedBits: Int { bitsPerSample > 8 ? 16 : 8 }

  /// What the decoded samples take in memory, in bytes: `width * height * channels * decodedBits / 8`.
  public var decodedBytes: Int { width * height * channels * (decodedBits / 8) }

  /// What a file may hold besides its pixels, in bytes: profiles, previews, a clip behind a photograph.
  static let besidePixels = 64 << 20

  /// The largest file of such an image that is read as a whole, in bytes: uncompressed 16-bit RGBA (in a text of Netpbm, six
  /// characters a sample) and 64 MiB besides; of a TIFF, some pages; and 2 GiB, whatever its header says.
  var mostFileBytes: Int {
    let most =
      switch format {
      case .pnm: width * height * 24 + Self.besidePixels
      case .tiff: width * height * 32 + 4 * Self.besidePixels
      case .jpeg, .png, .bmp, .webp: width * height * 8 + Self.besidePixels
      }
    return min(most, 2 << 30)
  }

  /// What decoding takes at its most, in bytes, besides the file's own: the samples, a second copy while they are turned
  /// upright, and ``codecBytes``. Known before anything is decoded, so that whoever has a budget can charge it.
  public var peakBytes: Int { decodedBytes * (orientation > 1 ? 2 : 1) + codecBytes }
}

/// A header as a decoder finds it: the stored size, before the orientation is applied.
struct StoredHeader: Equatable {
  var width: Int
  var height: Int
  var channels: Int
  var bitsPerSample: Int
  var orientation = 1
  var depth = SampleDepth()
  /// As ``ImageHeader/codecBytes``.
  var codecBytes = 0

  /// Once the sides are known to be in bounds.
  var pixels: Int { width * height }
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
