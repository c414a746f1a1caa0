/// Decoded pixels, the right way up (EXIF and TIFF orientation are already applied).
public struct Image: Sendable, Equatable {
  /// Interleaved samples `[H, W, C]`, row by row, at the precision of the file.
  public enum Samples: Sendable, Equatable {
    case uint8([UInt8])
    case uint16([UInt16])

    public var count: Int {
      switch self {
      case .uint8(let values): values.count
      case .uint16(let values): values.count
      }
    }
  }

  public let width: Int
  public let height: Int
  /// 1 (mono) or 3 (RGB). An alpha channel is dropped, as Pillow's `convert("RGB")` does.
  public let channels: Int
  public let samples: Samples

  /// - Precondition: `samples.count == width * height * channels`, and `channels` is 1 or 3.
  public init(width: Int, height: Int, channels: Int, samples: Samples) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3))
    precondition(samples.count == width * height * channels, "samples do not fill [\(height), \(width), \(channels)]")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }

  public var bitsPerSample: Int {
    if case .uint16 = samples { 16 } else { 8 }
  }
}

/// The file formats that Assay reads.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
  case jpeg, png, tiff, bmp, webp, pnm

  /// The format as people write it.
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .tiff: "TIFF"
    case .bmp: "BMP"
    case .webp: "WebP"
    case .pnm: "PGM/PPM"
    }
  }

  /// File name extensions in lower case.
  public var extensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .tiff: ["tif", "tiff"]
    case .bmp: ["bmp", "dib"]
    case .webp: ["webp"]
    case .pnm: ["pgm", "ppm", "pnm"]
    }
  }

  /// Recognises a format by its first bytes, never by the file's name.
  static func detect(_ bytes: ByteView) -> ImageFormat? {
    func starts(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + prefix.count && prefix.indices.allSatisfy { bytes[offset + $0] == prefix[$0] }
    }
    if starts([0xFF, 0xD8, 0xFF]) { return .jpeg }
    if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if starts([0x49, 0x49, 0x2A, 0]) || starts([0x4D, 0x4D, 0, 0x2A]) { return .tiff }
    if starts([0x49, 0x49, 0x2B, 0]) || starts([0x4D, 0x4D, 0, 0x2B]) { return .tiff }
    if starts(Array("RIFF".utf8)), starts(Array("WEBP".utf8), at: 8) { return .webp }
    if starts(Array("BM".utf8)), bytes.count >= 18, (12...124).contains(bytes.uint32LE(14)) { return .bmp }
    if bytes.count >= 3, bytes[0] == 0x50, [0x32, 0x33, 0x35, 0x36].contains(bytes[1]),
      [0x20, 0x09, 0x0A, 0x0D, 0x23].contains(bytes[2])
    {
      return .pnm
    }
    return nil
  }
}

/// What a file's header says, before any pixel memory is taken.
public struct ImageHeader: Sendable, Equatable, Codable {
  public let format: ImageFormat
  /// Pixels, after orientation is applied.
  public let width: Int
  public let height: Int
  /// 1 (mono) or 3 (RGB), as decoding will give.
  public let channels: Int
  /// 8 or 16, as decoding will give.
  public let bitsPerSample: Int
  /// The file name's extension, when it promises another format than the content has.
  public internal(set) var misleadingExtension: String?

  init(format: ImageFormat, width: Int, height: Int, channels: Int, bitsPerSample: Int) {
    self.format = format
    self.width = width
    self.height = height
    self.channels = channels
    self.bitsPerSample = bitsPerSample
  }
}

/// Limits and wishes for decoding.
public struct DecodingOptions: Sendable, Hashable {
  /// Images with more pixels are refused from their header alone. Default 100 megapixels.
  public var maximumPixels: Int
  /// The size in pixels that will be needed. A JPEG at least four times as large is decoded at 1/2, 1/4 or 1/8 of its
  /// size, never below twice this one, so that the antialiased resampling that follows still has enough to average.
  public var needed: (width: Int, height: Int)? {
    get { neededWidth.flatMap { width in neededHeight.map { (width, $0) } } }
    set { (neededWidth, neededHeight) = (newValue?.width, newValue?.height) }
  }
  private var neededWidth: Int?
  private var neededHeight: Int?

  public init(maximumPixels: Int = 100_000_000, needed: (width: Int, height: Int)? = nil) {
    self.maximumPixels = maximumPixels
    self.needed = needed
  }
}
