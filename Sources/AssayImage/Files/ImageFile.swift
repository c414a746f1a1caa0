import Glibc

/// Reads image files: the format is recognised by content, whatever the name says.
///
/// Everything here may be called from many threads at once. Messages of the codec libraries are captured in the error.
public enum ImageFile {
  /// File name extensions of the formats that are read, lower case without the dot.
  public static let extensions: Set<String> = ImageFormat.allCases.reduce(into: []) { $0.formUnion($1.extensions) }

  /// What the first bytes of a file announce.
  public enum Content: Sendable, Hashable {
    case image(ImageFormat)
    /// An image of a format that is not read, as a clause: "a GIF image".
    case foreign(String)
    case other
  }

  /// What a file's first bytes announce, whatever its name is. Nothing is decoded.
  ///
  /// Throws `ImageError` when the file is missing or unreadable.
  public static func content(path: String) throws(ImageError) -> Content {
    let file = try OpenFile(path: path)
    return try file.withSource { (source) throws(ImageError) in
      if let format = ImageFormat.recognised(in: source.head.prefix(32)) { return .image(format) }
      return ForeignContent.imageName(source.head.prefix(512)).map { .foreign($0) } ?? .other
    }
  }

  /// The header of a file. Only the head of the file, or the few places that hold the header, are read.
  ///
  /// Throws `ImageError` when the file is missing, unreadable, empty, no image, or its header damaged or unsupported.
  public static func header(path: String, maximumPixels: Int = .max) throws(ImageError) -> ImageHeader {
    let file = try OpenFile(path: path)
    return try file.withSource { (source) throws(ImageError) in
      try header(of: source, name: path, maximumPixels: maximumPixels).header
    }
  }

  /// The header of an image in memory; `name` is used for messages and `extensionMismatch`.
  ///
  /// Throws `ImageError`, also when the image has more than `maximumPixels` pixels.
  public static func header(
    of bytes: [UInt8], name: String, maximumPixels: Int = .max
  ) throws(ImageError) -> ImageHeader {
    try header(of: ByteSource(bytes), name: name, maximumPixels: maximumPixels).header
  }

  /// Decodes a file.
  ///
  /// Throws `ImageError` for everything that keeps a whole image from being returned; a truncated file is an error too.
  public static func read(path: String, options: DecodingOptions = .init()) throws(ImageError) -> Image {
    let file = try OpenFile(path: path)
    return try file.withSource { (source) throws(ImageError) in
      try decode(source, name: path, options: options)
    }
  }

  /// All bytes of an image file, for callers that hash and decode the same bytes.
  ///
  /// Throws `ImageError` when the file is missing or unreadable, and before it is read when it is larger than such an image
  /// can be (``ImageHeader/mostFileBytes``): of a file above 64 MiB the header is looked at, and it must not have more than
  /// `maximumPixels`.
  public static func contents(
    path: String, maximumPixels: Int = DecodingOptions().maximumPixels
  ) throws(ImageError) -> [UInt8] {
    let file = try OpenFile(path: path)
    return try file.withSource { (source) throws(ImageError) in
      if source.size > ImageHeader.besidePixels {
        let header = try header(of: source, name: path, maximumPixels: maximumPixels).header
        do throws(DecodingFailure) { try checkSize(source, header) } catch { throw error.named(path) }
      }
      return source.all()
    }
  }

  /// All bytes of a file that is no image, such as annotations.
  ///
  /// Throws `ImageError` when the file is missing, unreadable, or larger than `limit` bytes.
  public static func bytes(path: String, limit: Int) throws(ImageError) -> [UInt8] {
    let file = try OpenFile(path: path)
    return try file.withSource { (source) throws(ImageError) in
      guard source.size <= limit else {
        throw ImageError(
          file: path, reason: .tooLarge, cause: "it has \(source.size) bytes, more than the limit of \(limit)",
          remedy: "divide it, or name the right file")
      }
      return source.all()
    }
  }

  /// Decodes an image in memory; `name` is used for messages only.
  ///
  /// Throws `ImageError` for everything that keeps a whole image from being returned; truncated bytes are an error too.
  public static func decode(
    _ bytes: [UInt8], name: String, options: DecodingOptions = .init()
  ) throws(ImageError) -> Image {
    try decode(ByteSource(bytes), name: name, options: options)
  }

  private static func header(
    of source: ByteSource, name: String, maximumPixels: Int
  ) throws(ImageError) -> (stored: StoredHeader, header: ImageHeader) {
    do throws(DecodingFailure) {
      guard source.size > 0 else {
        throw DecodingFailure(reason: .empty, cause: "the file is empty (0 bytes)", remedy: "copy it again")
      }
      guard let format = ImageFormat.recognised(in: source.head.prefix(32)) else {
        throw ForeignContent.failure(source.head.prefix(512), size: source.size)
      }
      let stored = try format.storedHeader(source)
      try check(stored, format: format, maximumPixels: maximumPixels)
      let turned = stored.orientation >= 5
      let suffix = fileExtension(name)
      let header = ImageHeader(
        format: format, width: turned ? stored.height : stored.width, height: turned ? stored.width : stored.height,
        channels: stored.channels, bitsPerSample: stored.bitsPerSample, orientation: stored.orientation,
        extensionMismatch: extensions.contains(suffix) && !format.extensions.contains(suffix), depth: stored.depth,
        codecBytes: stored.codecBytes)
      return (stored, header)
    } catch {
      throw error.named(name)
    }
  }

  private static func check(
    _ stored: StoredHeader, format: ImageFormat, maximumPixels: Int
  ) throws(DecodingFailure) {
    guard stored.width > 0, stored.height > 0 else {
      throw .corrupt(format, "its header says \(stored.width) x \(stored.height) pixels")
    }
    try ImageHeader.check(
      width: stored.width, height: stored.height, maximumPixels: maximumPixels, subject: format.title)
  }

  private static func checkSize(_ source: ByteSource, _ header: ImageHeader) throws(DecodingFailure) {
    guard source.size > header.mostFileBytes else { return }
    throw DecodingFailure(
      reason: .tooLarge,
      cause: "\(header.format.title) has \(source.size) bytes, and of \(header.width) x \(header.height) pixels at most"
        + " \(header.mostFileBytes) are read",
      remedy: "export it again without what follows the image")
  }

  private static func decode(
    _ source: ByteSource, name: String, options: DecodingOptions
  ) throws(ImageError) -> Image {
    let (stored, header) = try header(of: source, name: name, maximumPixels: options.maximumPixels)
    do throws(DecodingFailure) {
      // A TIFF is read in place: its other pages do not count.
      if header.format != .tiff { try checkSize(source, header) }
      let decoded = try header.format.decode(source, stored: stored, options: options)
      return decoded.oriented(stored.orientation, full: (header.width, header.height), depth: stored.depth)
    } catch {
      throw error.named(name)
    }
  }

  private static func fileExtension(_ path: String) -> String {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return "" }
    return String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
  }
}

extension ImageFormat {
  fileprivate func storedHeader(_ source: ByteSource) throws(DecodingFailure) -> StoredHeader {
    switch self {
    case .jpeg: try JPEGHeader.read(source).stored
    case .png: try PNGDecoder.header(source)
    case .tiff: try TIFFDecoder.header(source)
    case .bmp: try BMPDecoder.header(source).stored
    case .webp: try WebPDecoder.header(source)
    case .pnm: try PNMDecoder.header(source).stored
    }
  }

  fileprivate func decode(
    _ source: ByteSource, stored: StoredHeader, options: DecodingOptions
  ) throws(DecodingFailure) -> StoredImage {
    switch self {
    case .jpeg: try JPEGDecoder.decode(source.all(), options: options)
    case .png: try PNGDecoder.decode(source.all(), header: stored)
    case .tiff: try TIFFDecoder.decode(source, header: stored)
    case .bmp: try BMPDecoder.decode(source.all())
    case .webp: try WebPDecoder.decode(source.all(), header: stored)
    case .pnm: try PNMDecoder.decode(source.all())
    }
  }
}
