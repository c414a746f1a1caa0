import CCodecs

/// PNG through libpng: palette, gray of 1 to 16 bits, RGB, alpha (dropped), interlaced. 16-bit samples stay 16-bit.
struct PNGDecoder: ImageDecoder {
  private let bytes: ByteView
  private let headerFields: ImageHeader

  init(_ bytes: ByteView) throws(DecodingFailure) {
    self.bytes = bytes
    guard bytes.count >= 33 else { throw .truncated(.png, at: bytes.count) }
    guard bytes.uint32BE(12) == 0x4948_4452 else { throw .corrupt(.png, "it does not begin with an IHDR chunk") }
    // Colour type 0 is gray and 4 gray with alpha; palettes become RGB.
    let isGray = bytes[25] == 0 || bytes[25] == 4
    headerFields = ImageHeader(
      format: .png, width: bytes.uint32BE(16), height: bytes.uint32BE(20), channels: isGray ? 1 : 3,
      bitsPerSample: bytes[24] == 16 ? 16 : 8)
  }

  func header() throws(DecodingFailure) -> ImageHeader { headerFields }

  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image {
    // libpng keeps pointers into this struct, so it must not move.
    let state = UnsafeMutablePointer<assay_png>.allocate(capacity: 1)
    defer { state.deallocate() }
    var message = assay_message()
    let failed = withUnsafeMutablePointer(to: &message) { message in
      assay_png_open(state, bytes.base.bindMemory(to: UInt8.self).baseAddress, bytes.count, message)
    }
    guard failed == 0 else { throw failure(state, message) }
    defer { assay_png_close(state) }
    let (width, height) = (Int(state.pointee.width), Int(state.pointee.height))
    let channels = Int(state.pointee.channels)
    guard channels == 1 || channels == 3, width == headerFields.width, height == headerFields.height else {
      throw .corrupt(.png, "it decodes to \(channels) channels")
    }
    let count = width * height * channels
    var code: Int32 = 0
    let samples: Image.Samples
    if state.pointee.bits == 16 {
      samples = .uint16(
        [UInt16](unsafeUninitializedCapacity: count) { buffer, filled in
          buffer.withMemoryRebound(to: UInt8.self) { raw in
            withUnsafeMutablePointer(to: &message) { message in
              state.pointee.source.message = message
              code = assay_png_decode(state, raw.baseAddress, width * channels * 2)
            }
          }
          filled = code == 0 ? count : 0
        })
    } else {
      samples = .uint8(
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
          withUnsafeMutablePointer(to: &message) { message in
            state.pointee.source.message = message
            code = assay_png_decode(state, buffer.baseAddress, width * channels)
          }
          filled = code == 0 ? count : 0
        })
    }
    guard code == 0 else { throw failure(state, message) }
    return Image(width: width, height: height, channels: channels, samples: samples)
  }

  private func failure(_ state: UnsafeMutablePointer<assay_png>, _ message: assay_message) -> DecodingFailure {
    state.pointee.source.ran_out != 0
      ? .truncated(.png, at: bytes.count) : .corrupt(.png, message.text)
  }
}

extension assay_message {
  /// The C library's own words.
  var text: String {
    withUnsafeBytes(of: message) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
