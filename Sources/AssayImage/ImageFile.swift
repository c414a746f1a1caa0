import Foundation

/// Reads image files: JPEG, PNG, TIFF, BMP, WebP, PGM and PPM, recognised by content.
///
/// Nothing here trusts its input: the header is checked against a pixel limit before memory is taken, and a damaged file
/// gives an ``ImageError`` that names file, cause and remedy. All functions may be called from any thread.
public enum ImageFile {
  /// Extensions (lower case, without the dot) that a folder is searched for.
  public static let extensions = Set(ImageFormat.allCases.flatMap(\.extensions))

  /// Reads only as much of the file as its header needs.
  public static func header(path: String, options: DecodingOptions = .init()) throws(ImageError) -> ImageHeader {
    // Orientation and dimensions sit in the first kilobytes, except where a camera embeds a large preview (JPEG) or
    // puts the directory last (TIFF): then the whole file is read.
    let head = try bytes(path: path, limit: 1 << 18)
    do {
      return try header(of: head, name: path, options: options)
    } catch {
      guard head.count == 1 << 18, error.reason == .truncated || error.reason == .corrupt else { throw error }
      return try header(of: bytes(path: path), name: path, options: options)
    }
  }

  /// - Parameter name: the file's name, for messages and for ``ImageHeader/misleadingExtension``.
  public static func header(
    of bytes: [UInt8], name: String, options: DecodingOptions = .init()
  ) throws(ImageError) -> ImageHeader {
    try withDecoder(bytes, name: name, options: options) { (decoder, header) throws(DecodingFailure) in header }
  }

  /// Reads and decodes a whole file.
  public static func read(path: String, options: DecodingOptions = .init()) throws(ImageError) -> Image {
    try decode(bytes(path: path), name: path, options: options)
  }

  /// Decodes an image held in memory.
  /// - Parameter name: the file's name, for messages only.
  public static func decode(
    _ bytes: [UInt8], name: String, options: DecodingOptions = .init()
  ) throws(ImageError) -> Image {
    try withDecoder(bytes, name: name, options: options) { (decoder, header) throws(DecodingFailure) in
      try decoder.decode(options: options)
    }
  }

  /// The bytes of a file, or of its beginning.
  public static func bytes(path: String, limit: Int = .max) throws(ImageError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw cannotOpen(path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw ImageError(
        file: path, reason: .notReadable, cause: isFolder ? "it is a folder, not an image" : "it is not a regular file",
        remedy: "name an image file")
    }
    let size = min(Int(status.st_size), limit)
    guard size > 0 else {
      throw ImageError(file: path, reason: .empty, cause: "the file is empty (0 bytes)", remedy: "copy it again")
    }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size {
        let count = Foundation.read(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
        if count < 0, errno == EINTR { continue }
        if count < 0 { failure = errno }
        if count <= 0 { break }
        filled += count
      }
    }
    guard failure == 0 else { throw cannotOpen(path, code: failure) }
    return bytes
  }

  private static func cannotOpen(_ path: String, code: Int32) -> ImageError {
    let text = String(cString: strerror(code))
    return switch code {
    case ENOENT, ENOTDIR:
      ImageError(file: path, reason: .notFound, cause: "there is no such file", remedy: "check the path")
    case EACCES, EPERM:
      ImageError(file: path, reason: .notReadable, cause: "permission denied", remedy: "make the file readable")
    default:
      ImageError(file: path, reason: .notReadable, cause: "it cannot be read (\(text))", remedy: "check disk and path")
    }
  }

  private static func withDecoder<Result>(
    _ bytes: [UInt8], name: String, options: DecodingOptions,
    _ body: (any ImageDecoder, ImageHeader) throws(DecodingFailure) -> Result
  ) throws(ImageError) -> Result {
    // Typed throws do not pass through `withUnsafeBytes`, hence the detour through a `Result`.
    let outcome: Swift.Result<Result, DecodingFailure> = bytes.withUnsafeBytes { raw in
      do throws(DecodingFailure) {
        let view = ByteView(base: raw)
        guard let format = ImageFormat.detect(view) else { throw notAnImage(view) }
        let decoder = try makeDecoder(format, view)
        var header = try decoder.header()
        guard header.width > 0, header.height > 0 else {
          throw .corrupt(format, "it declares \(header.width) x \(header.height) pixels")
        }
        let (pixels, overflow) = header.width.multipliedReportingOverflow(by: header.height)
        guard !overflow, pixels <= options.maximumPixels else {
          throw DecodingFailure(
            reason: .tooLarge,
            cause: "it declares \(header.width) x \(header.height) pixels, the limit is \(options.maximumPixels) pixels",
            remedy: "crop it, or raise --max-pixels if you trust it")
        }
        let suffix = (name as NSString).pathExtension.lowercased()
        if extensions.contains(suffix), !format.extensions.contains(suffix) { header.misleadingExtension = suffix }
        return .success(try body(decoder, header))
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success(let value): return value
    case .failure(let failure):
      throw ImageError(file: name, reason: failure.reason, cause: failure.cause, remedy: failure.remedy)
    }
  }

  private static func makeDecoder(
    _ format: ImageFormat, _ view: ByteView
  ) throws(DecodingFailure) -> any ImageDecoder {
    switch format {
    case .jpeg: try JPEGDecoder(view)
    case .png: try PNGDecoder(view)
    case .tiff: try TIFFDecoder(view)
    case .bmp: try BMPDecoder(view)
    case .webp: try WebPDecoder(view)
    case .pnm: try PNMDecoder(view)
    }
  }

  private static func notAnImage(_ bytes: ByteView) -> DecodingFailure {
    guard bytes.count > 0 else {
      return DecodingFailure(reason: .empty, cause: "the file is empty (0 bytes)", remedy: "copy it again")
    }
    let known: [(String, [UInt8])] = [
      ("a GIF", Array("GIF8".utf8)), ("a PDF", Array("%PDF".utf8)), ("a ZIP archive", [0x50, 0x4B, 3, 4]),
      ("a gzip archive", [0x1F, 0x8B]), ("a program", [0x7F, 0x45, 0x4C, 0x46]), ("a web page", Array("<!DOC".utf8)),
      ("a web page", Array("<html".utf8)), ("an XML file", Array("<?xml".utf8)), ("an SVG drawing", Array("<svg".utf8)),
      ("a JSON file", Array("{".utf8)),
    ]
    let match = known.first { _, prefix in prefix.indices.allSatisfy { bytes[$0] == prefix[$0] } }
    let isText = (0..<min(bytes.count, 64)).allSatisfy { (0x20...0x7E).contains(bytes[$0]) || (9...13).contains(bytes[$0]) }
    let looks = match?.0 ?? (isText ? "text" : "unknown data")
    return DecodingFailure(
      reason: .notAnImage, cause: "it is not an image that Assay reads: it begins like \(looks)",
      remedy: "remove it, or convert it to PNG, JPEG, TIFF, BMP, WebP or PGM/PPM")
  }
}

/// One format's reader. `init` parses the header; no pixel memory is taken before `decode`.
protocol ImageDecoder {
  init(_ bytes: ByteView) throws(DecodingFailure)
  func header() throws(DecodingFailure) -> ImageHeader
  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image
}
