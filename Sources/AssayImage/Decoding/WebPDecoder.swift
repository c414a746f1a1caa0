import CCodecs

/// WebP (lossy and lossless) by libwebp; alpha dropped. An animation is refused.
enum WebPDecoder {
  static func header(_ source: ByteSource) throws(DecodingFailure) -> StoredHeader {
    let riff = source.bytes(at: 0, count: 30)
    guard riff.count == 30, let length = riff.littleEndian32(4) else {
      throw .truncated(.webp, at: source.size, detail: ": its header is incomplete")
    }
    var features = WebPBitstreamFeatures()
    let head = source.head
    let status = WebPGetFeaturesInternal(head, head.count, &features, WEBP_DECODER_ABI_VERSION)
    guard status == VP8_STATUS_OK else {
      throw status == VP8_STATUS_NOT_ENOUGH_DATA
        ? .truncated(.webp, at: source.size, detail: ": its header is incomplete")
        : .corrupt(.webp, "its header is damaged")
    }
    guard length + 8 <= source.size else { throw .truncated(.webp, at: source.size, of: length + 8) }
    guard features.has_animation == 0 else {
      throw .unsupported(.webp, "animation", "export one frame as PNG")
    }
    let extended = riff[12..<16].elementsEqual("VP8X".utf8)
    let exifFlag: UInt8 = 0x08
    // Lossless pictures are decoded as ARGB before they become RGB; of lossy ones the whole alpha plane is kept.
    let isLossy = features.format == 1
    let bytesPerPixel = !isLossy ? 4 : features.has_alpha != 0 ? 1 : 0
    return StoredHeader(
      width: Int(features.width), height: Int(features.height), channels: 3, bitsPerSample: 8,
      orientation: extended && riff[20] & exifFlag != 0 ? orientation(source) : 1,
      codecBytes: Int(features.width) * Int(features.height) * bytesPerPixel)
  }

  static func decode(_ bytes: [UInt8], header: StoredHeader) throws(DecodingFailure) -> StoredImage {
    let stride = header.width * 3
    let size = stride * header.height
    var decoded = false
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      decoded = WebPDecodeRGBInto(bytes, bytes.count, buffer.baseAddress, size, Int32(stride)) != nil
      initialized = size
    }
    guard decoded else { throw .corrupt(.webp, "its pixel data is damaged") }
    return StoredImage(width: header.width, height: header.height, channels: 3, samples: .uint8(pixels))
  }

  /// The EXIF chunk follows the pixels: the chunks before it are stepped over.
  private static func orientation(_ source: ByteSource) -> Int {
    var offset = 12
    for _ in 0..<64 {
      let start = source.bytes(at: offset, count: 8)
      guard start.count == 8, let length = start.littleEndian32(4) else { return 1 }
      if start[0..<4].elementsEqual("EXIF".utf8) {
        let block = source.bytes(at: offset + 8, count: min(length, EXIF.longest))
        // Some writers keep JPEG's prefix.
        return EXIF.orientation(block.starts(with: Array("Exif\0\0".utf8)) ? Array(block.dropFirst(6)) : block)
      }
      offset += 8 + length + length % 2
    }
    return 1
  }
}
