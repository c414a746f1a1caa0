import CCodecs
import Foundation

/// JPEG through libjpeg-turbo, with scaled decoding and EXIF orientation. Grayscale stays mono.
struct JPEGDecoder: ImageDecoder {
  private let bytes: ByteView
  private let width: Int
  private let height: Int
  private let isGray: Bool
  private let orientation: Orientation

  init(_ bytes: ByteView) throws(DecodingFailure) {
    self.bytes = bytes
    let frame = try JPEGDecoder.scan(bytes)
    guard frame.bits == 8 else {
      throw .unsupported(.jpeg, "\(frame.bits) bits per sample", remedy: "convert it to 16-bit PNG or TIFF")
    }
    guard frame.components == 1 || frame.components == 3 else {
      throw .unsupported(
        .jpeg, "\(frame.components) colour components (CMYK)", remedy: "convert it to RGB or grayscale")
    }
    (width, height, isGray, orientation) = (frame.width, frame.height, frame.components == 1, frame.orientation)
  }

  func header() throws(DecodingFailure) -> ImageHeader {
    let size = orientation.size(width: width, height: height)
    return ImageHeader(
      format: .jpeg, width: size.width, height: size.height, channels: isGray ? 1 : 3, bitsPerSample: 8)
  }

  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image {
    guard let handle = tjInitDecompress() else { throw .corrupt(.jpeg, "the decoder could not start") }
    defer { tjDestroy(handle) }
    let source = bytes.base.bindMemory(to: UInt8.self).baseAddress
    let divisor = self.divisor(needed: options.needed)
    let scaled = (width: (width + divisor - 1) / divisor, height: (height + divisor - 1) / divisor)
    let channels = isGray ? 1 : 3
    let count = scaled.width * scaled.height * channels
    var code: Int32 = 0
    // Without TJFLAG_STOPONWARNING a truncated scan is filled with gray and only warned of.
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      code = tjDecompress2(
        handle, source, UInt(bytes.count), buffer.baseAddress, Int32(scaled.width), 0, Int32(scaled.height),
        isGray ? Int32(TJPF_GRAY.rawValue) : Int32(TJPF_RGB.rawValue), Int32(TJFLAG_STOPONWARNING | TJFLAG_ACCURATEDCT))
      filled = code == 0 ? count : 0
    }
    guard code == 0 else {
      let text = String(cString: tjGetErrorStr2(handle))
      throw text.contains("remature end") ? .truncated(.jpeg, at: bytes.count) : .corrupt(.jpeg, text)
    }
    let image = Image(width: scaled.width, height: scaled.height, channels: channels, samples: .uint8(pixels))
    return orientation.applied(to: image)
  }

  /// 1, 2, 4 or 8: the strongest reduction that leaves at least twice the size needed.
  private func divisor(needed: (width: Int, height: Int)?) -> Int {
    guard let needed else { return 1 }
    let size = orientation.size(width: width, height: height)
    return [8, 4, 2].first { size.width / $0 >= 2 * needed.width && size.height / $0 >= 2 * needed.height } ?? 1
  }

  private struct Frame {
    var width = 0
    var height = 0
    var bits = 8
    var components = 0
    var orientation = Orientation.up
  }

  /// Walks the marker segments up to the frame header (ITU-T T.81, B.2.2).
  private static func scan(_ bytes: ByteView) throws(DecodingFailure) -> Frame {
    var frame = Frame()
    var at = 2
    while at + 4 <= bytes.count {
      guard bytes[at] == 0xFF else { throw .corrupt(.jpeg, "no marker at byte \(at)") }
      let marker = bytes[at + 1]
      if marker == 0xFF {
        at += 1
        continue
      }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        at += 2
        continue
      }
      let length = bytes.uint16BE(at + 2)
      guard length >= 2 else { throw .corrupt(.jpeg, "a segment of length \(length) at byte \(at)") }
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        guard at + 10 <= bytes.count else { break }
        frame.bits = Int(bytes[at + 4])
        frame.height = bytes.uint16BE(at + 5)
        frame.width = bytes.uint16BE(at + 7)
        frame.components = Int(bytes[at + 9])
        return frame
      }
      if marker == 0xE1, frame.orientation == .up {
        frame.orientation = Orientation(exifSegment: bytes, at: at + 4, count: length - 2)
      }
      guard marker != 0xD9, marker != 0xDA else { throw .corrupt(.jpeg, "no frame header before the image data") }
      at += 2 + length
    }
    throw .truncated(.jpeg, at: bytes.count)
  }
}


/// JPEG encoding for maps and report thumbnails.
public enum JPEGEncoder {
  /// - Parameter quality: 1...100.
  /// - Returns: a whole JPEG file, or nil when the encoder fails.
  public static func encode(_ image: Image, quality: Int = 88) -> [UInt8]? {
    let display = image.forDisplay()
    guard let handle = tjInitCompress(), case .uint8(let pixels) = display.samples else { return nil }
    defer { tjDestroy(handle) }
    var out: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let gray = display.channels == 1
    let code = tjCompress2(
      handle, pixels, Int32(display.width), 0, Int32(display.height),
      Int32((gray ? TJPF_GRAY : TJPF_RGB).rawValue), &out, &size,
      Int32((gray ? TJSAMP_GRAY : TJSAMP_420).rawValue), Int32(max(1, min(100, quality))), 0)
    defer { tjFree(out) }
    guard code == 0, let out else { return nil }
    return Array(UnsafeBufferPointer(start: out, count: Int(size)))
  }
}

/// PNG encoding for maps.
public enum PNGEncoder {
  /// 8-bit gray or RGB; 16-bit images are stretched to their own range first (``Image/forDisplay()``).
  public static func encode(_ image: Image) -> [UInt8]? {
    let display = image.forDisplay()
    guard case .uint8(let pixels) = display.samples else { return nil }
    var buffer = assay_buffer()
    var message = assay_message()
    let code = assay_png_encode(
      pixels, UInt32(display.width), UInt32(display.height), Int32(display.channels), &buffer, &message)
    defer { free(buffer.bytes) }
    guard code == 0, let start = buffer.bytes else { return nil }
    return Array(UnsafeBufferPointer(start: start, count: buffer.count))
  }
}
