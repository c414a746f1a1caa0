import CCodecs

/// WebP (lossy and lossless, first frame only through the still-image API) with libwebp. Always RGB; alpha is dropped.
struct WebPDecoder: ImageDecoder {
  private let bytes: ByteView
  private let width: Int
  private let height: Int

  init(_ bytes: ByteView) throws(DecodingFailure) {
    self.bytes = bytes
    var features = WebPBitstreamFeatures()
    let status = WebPGetFeatures(bytes.base.bindMemory(to: UInt8.self).baseAddress, bytes.count, &features)
    guard status == VP8_STATUS_OK else {
      throw status == VP8_STATUS_NOT_ENOUGH_DATA ? .truncated(.webp, at: bytes.count) : .corrupt(.webp, "bad header")
    }
    guard features.has_animation == 0 else {
      throw .unsupported(.webp, "animation", remedy: "export the frame as a still image")
    }
    (width, height) = (Int(features.width), Int(features.height))
  }

  func header() throws(DecodingFailure) -> ImageHeader {
    ImageHeader(format: .webp, width: width, height: height, channels: 3, bitsPerSample: 8)
  }

  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image {
    let declared = bytes.uint32LE(4) + 8
    guard declared <= bytes.count else { throw .truncated(.webp, at: bytes.count, of: declared) }
    let count = width * height * 3
    var decoded = false
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      decoded =
        WebPDecodeRGBInto(
          bytes.base.bindMemory(to: UInt8.self).baseAddress, bytes.count, buffer.baseAddress, count, Int32(width * 3))
        != nil
      filled = decoded ? count : 0
    }
    guard decoded else { throw .corrupt(.webp, "the image data cannot be decoded") }
    return Image(width: width, height: height, channels: 3, samples: .uint8(pixels))
  }
}
