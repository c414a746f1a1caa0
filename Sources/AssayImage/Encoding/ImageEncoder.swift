import CCodecs

/// Writes 8-bit images, for maps and the thumbnails of reports.
public enum ImageEncoder {
  /// A PNG of `[height, width, channels]` samples: 1 (gray), 3 (RGB) or 4 (RGBA, not premultiplied) channels.
  ///
  /// Traps when the number of samples is wrong. Throws `ImageError` when the encoder refuses or memory is short.
  public static func png(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(ImageError) -> [UInt8] {
    check(width, height, channels, pixels.count, allowed: [1, 3, 4])
    var writer = assay_png_writer()
    defer { assay_png_free(&writer) }
    let done = assay_png_encode(&writer, UInt32(width), UInt32(height), Int32(channels), pixels)
    guard done != 0 else {
      let message = withUnsafeBytes(of: writer.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw failure("PNG", width, height, message)
    }
    return Array(UnsafeBufferPointer(start: writer.bytes, count: writer.count))
  }

  /// A JPEG of `[height, width, channels]` samples: 1 (gray) or 3 (RGB) channels. `quality` is 1...100; from 90 on,
  /// colour keeps its full resolution.
  ///
  /// Traps when the number of samples is wrong. Throws `ImageError` when the encoder refuses (sides above 65,500).
  public static func jpeg(
    width: Int, height: Int, channels: Int, pixels: [UInt8], quality: Int = 85
  ) throws(ImageError) -> [UInt8] {
    check(width, height, channels, pixels.count, allowed: [1, 3])
    precondition((1...100).contains(quality), "JPEG quality is 1...100, not \(quality)")
    guard let encoder = tjInitCompress() else { throw failure("JPEG", width, height, "out of memory") }
    defer { tjDestroy(encoder) }
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    defer { tjFree(bytes) }
    let format = channels == 1 ? TJPF_GRAY : TJPF_RGB
    let sampling = channels == 1 ? TJSAMP_GRAY : quality >= 90 ? TJSAMP_444 : TJSAMP_420
    let status = tjCompress2(
      encoder, pixels, Int32(width), 0, Int32(height), Int32(format.rawValue), &bytes, &count,
      Int32(sampling.rawValue), Int32(quality), TJFLAG_ACCURATEDCT)
    guard status == 0, bytes != nil else {
      throw failure("JPEG", width, height, tjGetErrorStr2(encoder).map { String(cString: $0) } ?? "unknown error")
    }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  private static func check(_ width: Int, _ height: Int, _ channels: Int, _ count: Int, allowed: [Int]) {
    precondition(width > 0 && height > 0, "an image has at least one pixel, not \(width) x \(height)")
    precondition(allowed.contains(channels), "\(channels) channels cannot be encoded, only \(allowed)")
    precondition(
      count == width * height * channels, "\(width) x \(height) x \(channels) samples expected, \(count) given")
  }

  private static func failure(_ format: String, _ width: Int, _ height: Int, _ message: String) -> ImageError {
    ImageError(
      file: "image of \(width) x \(height)", reason: .unsupported,
      cause: "it cannot be written as \(format) (\(message))",
      remedy: "make it smaller")
  }
}
