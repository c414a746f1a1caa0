import CCodecs

/// JPEG by libjpeg-turbo: accurate integer DCT and smooth chroma upsampling, as Pillow decodes.
enum JPEGDecoder {
  static func decode(_ bytes: [UInt8], options: DecodingOptions) throws(DecodingFailure) -> StoredImage {
    let head = try JPEGHeader.read(ByteSource(bytes))
    try JPEGScans.check(bytes, head)
    let components = head.components
    let reduction = reduction(of: head.stored, for: options.reduceTo)
    let width = (head.stored.width + reduction - 1) / reduction
    let height = (head.stored.height + reduction - 1) / reduction
    let format = components == 1 ? TJPF_GRAY : components == 3 ? TJPF_RGB : TJPF_CMYK

    guard let decoder = tjInitDecompress() else {
      throw .corrupt(.jpeg, "the decoder cannot be made (out of memory)")
    }
    defer { tjDestroy(decoder) }
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
    var status: Int32 = 0
    var pixels = [UInt8](unsafeUninitializedCapacity: width * height * components) { buffer, initialized in
      status = tjDecompress2(
        decoder, bytes, UInt(bytes.count), buffer.baseAddress, Int32(width), 0, Int32(height), format.rawValue, flags)
      initialized = width * height * components
    }
    if status != 0, let failure = failure(decoder, bytes, frameOffset: head.frameOffset) { throw failure }
    if components == 4 { pixels = rgb(fromInvertedCMYK: pixels) }
    return StoredImage(width: width, height: height, channels: components == 1 ? 1 : 3, samples: .uint8(pixels))
  }

  /// 1, 2, 4 or 8: the strongest reduction that leaves twice the wanted (upright) size.
  private static func reduction(of stored: StoredHeader, for wanted: DecodingOptions.Size?) -> Int {
    guard let wanted, wanted.width > 0, wanted.height > 0 else { return 1 }
    let turned = stored.orientation >= 5
    let (width, height) = turned ? (wanted.height, wanted.width) : (wanted.width, wanted.height)
    return [8, 4, 2].first { stored.width / $0 / 2 >= width && stored.height / $0 / 2 >= height } ?? 1
  }

  /// libjpeg goes on after damage and calls it a warning; here the pixels must be whole. Returns nil for warnings that
  /// leave them whole.
  private static func failure(_ decoder: tjhandle, _ bytes: [UInt8], frameOffset: Int) -> DecodingFailure? {
    let message = tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown error"
    let isWarning = tjGetErrorCode(decoder) == TJERR_WARNING.rawValue
    let missingEnd = DecodingFailure.truncated(
      .jpeg, at: bytes.count, detail: ": its end-of-image marker is missing")
    if message.hasPrefix("Premature end") { return missingEnd }
    if message.hasPrefix("Unsupported") || message.contains("not implemented") {
      return .unsupported(.jpeg, "of this kind (\(message))", "convert it to baseline JPEG or PNG")
    }
    guard isWarning else { return .corrupt(.jpeg, message) }
    // Padding before the end, as some cameras write it, is harmless; every other loss of synchrony is not.
    if message.hasPrefix("Corrupt JPEG data"), !message.hasSuffix("extraneous bytes before marker 0xd9") {
      return .corrupt(.jpeg, message)
    }
    // Only the first warning is kept, so a harmless one may hide the missing end.
    return endMarkerExists(bytes, after: frameOffset) ? nil : missingEnd
  }

  private static func endMarkerExists(_ bytes: [UInt8], after start: Int) -> Bool {
    var at = bytes.count - 2
    while at > start {
      if bytes[at] == 0xFF && bytes[at + 1] == 0xD9 { return true }
      at -= 1
    }
    return false
  }

  /// CMYK as Adobe writes it, inverted, to RGB as Pillow converts it: each colour times black.
  private static func rgb(fromInvertedCMYK cmyk: [UInt8]) -> [UInt8] {
    let count = cmyk.count / 4
    return [UInt8](unsafeUninitializedCapacity: count * 3) { out, initialized in
      for pixel in 0..<count {
        let black = Int(cmyk[4 * pixel + 3])
        for c in 0..<3 {
          // ink * black / 255, rounded without a division.
          let product = (255 - Int(cmyk[4 * pixel + c])) * black + 128
          out[3 * pixel + c] = UInt8(clamping: black - ((product >> 8) + product) >> 8)
        }
      }
      initialized = count * 3
    }
  }
}
