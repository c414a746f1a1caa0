import CCodecs

/// TIFF through libtiff: first page; 1, 8 or 16 bits; gray (either polarity), RGB, palette; strips or tiles; chunky or
/// planar; every compression that Debian's libtiff has (LZW, deflate, PackBits, JPEG, ...). 16-bit samples stay 16-bit.
struct TIFFDecoder: ImageDecoder {
  private let bytes: ByteView
  private let page: Page

  private struct Page {
    var width = 0
    var height = 0
    var bits = 0
    var samples = 0
    var photometric = 0
    var isPlanar = false
    var orientation = Orientation.up

    var isGray: Bool { photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE }
    var channels: Int { isGray ? 1 : 3 }
  }

  init(_ bytes: ByteView) throws(DecodingFailure) {
    self.bytes = bytes
    page = try TIFFDecoder.withPage(bytes) { (_, page, _) throws(DecodingFailure) in page }
  }

  func header() throws(DecodingFailure) -> ImageHeader {
    let size = page.orientation.size(width: page.width, height: page.height)
    // A palette holds 16-bit colours, but files use 8 bits of them.
    return ImageHeader(
      format: .tiff, width: size.width, height: size.height, channels: page.channels,
      bitsPerSample: page.bits == 16 ? 16 : 8)
  }

  func decode(options: DecodingOptions) throws(DecodingFailure) -> Image {
    let image = try TIFFDecoder.withPage(bytes) { (tiff, page, message) throws(DecodingFailure) in
      try TIFFDecoder.decode(tiff, page, message, fileSize: bytes.count)
    }
    return page.orientation.applied(to: image)
  }

  /// Opens the file, reads the first page's tags and closes it again after `body`.
  private static func withPage<Result>(
    _ bytes: ByteView,
    _ body: (OpaquePointer, Page, UnsafeMutablePointer<assay_message>) throws(DecodingFailure) -> Result
  ) throws(DecodingFailure) -> Result {
    let message = UnsafeMutablePointer<assay_message>.allocate(capacity: 1)
    message.initialize(to: assay_message())
    let source = UnsafeMutablePointer<assay_tiff_source>.allocate(capacity: 1)
    defer {
      message.deallocate()
      source.deallocate()
    }
    source.initialize(
      to: assay_tiff_source(
        bytes: bytes.base.bindMemory(to: UInt8.self).baseAddress, count: UInt64(bytes.count), position: 0,
        message: message))
    guard let tiff = assay_tiff_open(source, message) else {
      throw bytes.count < 64 ? .truncated(.tiff, at: bytes.count) : .corrupt(.tiff, message.pointee.text)
    }
    defer { TIFFClose(tiff) }
    func u16(_ tag: Int32, _ fallback: UInt32) -> Int { Int(assay_tiff_u16(tiff, UInt32(tag), fallback)) }
    var page = Page()
    page.width = Int(assay_tiff_u32(tiff, UInt32(TIFFTAG_IMAGEWIDTH), 0))
    page.height = Int(assay_tiff_u32(tiff, UInt32(TIFFTAG_IMAGELENGTH), 0))
    page.bits = u16(TIFFTAG_BITSPERSAMPLE, 1)
    page.samples = u16(TIFFTAG_SAMPLESPERPIXEL, 1)
    page.photometric = u16(TIFFTAG_PHOTOMETRIC, page.samples >= 3 ? 2 : 1)
    page.isPlanar = u16(TIFFTAG_PLANARCONFIG, 1) == 2
    page.orientation = Orientation(rawValue: u16(TIFFTAG_ORIENTATION, 1)) ?? .up
    let format = u16(TIFFTAG_SAMPLEFORMAT, 1)
    guard format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID else {
      throw .unsupported(
        .tiff, format == SAMPLEFORMAT_IEEEFP ? "floating-point samples" : "signed samples",
        remedy: "convert it to unsigned 16 bits")
    }
    guard page.bits == 8 || page.bits == 16 || (page.bits == 1 && page.isGray && page.samples == 1) else {
      throw .unsupported(.tiff, "\(page.bits) bits per sample", remedy: "convert it to 8 or 16 bits")
    }
    switch page.photometric {
    case Int(PHOTOMETRIC_MINISBLACK), Int(PHOTOMETRIC_MINISWHITE): break
    case Int(PHOTOMETRIC_PALETTE) where page.bits == 8 && page.samples == 1: break
    case Int(PHOTOMETRIC_RGB) where page.samples >= 3: break
    case Int(PHOTOMETRIC_YCBCR) where page.samples == 3 && u16(TIFFTAG_COMPRESSION, 1) == COMPRESSION_JPEG:
      // libtiff's JPEG codec converts to RGB when asked.
      break
    default:
      throw .unsupported(
        .tiff, "colour space \(page.photometric) and \(page.samples) samples", remedy: "convert it to gray or RGB")
    }
    return try body(tiff, page, message)
  }

  private static func decode(
    _ tiff: OpaquePointer, _ page: Page, _ message: UnsafeMutablePointer<assay_message>, fileSize: Int
  ) throws(DecodingFailure) -> Image {
    let bytesPerSample = page.bits == 16 ? 2 : 1
    let tiled = TIFFIsTiled(tiff) != 0
    let blockWidth = tiled ? Int(assay_tiff_u32(tiff, UInt32(TIFFTAG_TILEWIDTH), 0)) : page.width
    let blockHeight =
      tiled
      ? Int(assay_tiff_u32(tiff, UInt32(TIFFTAG_TILELENGTH), 0))
      : min(Int(assay_tiff_u32(tiff, UInt32(TIFFTAG_ROWSPERSTRIP), UInt32.max)), page.height)
    let blockSize = tiled ? Int(TIFFTileSize(tiff)) : Int(TIFFStripSize(tiff))
    guard blockWidth > 0, blockHeight > 0, blockSize > 0, blockSize <= 1 << 31 else {
      throw .corrupt(.tiff, "a strip or tile of \(blockWidth) x \(blockHeight) pixels")
    }
    let samplesPerPlane = page.isPlanar ? 1 : page.samples
    let rowBytes = (blockWidth * samplesPerPlane * page.bits + 7) / 8
    guard rowBytes * blockHeight <= blockSize else { throw .corrupt(.tiff, "a block of \(blockSize) bytes") }
    let palette = page.photometric == PHOTOMETRIC_PALETTE ? try Palette(tiff) : nil
    let channels = page.channels
    var wide = [UInt16](repeating: 0, count: bytesPerSample == 2 ? page.width * page.height * channels : 0)
    var narrow = [UInt8](repeating: 0, count: bytesPerSample == 1 ? page.width * page.height * channels : 0)
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 16)
    defer { block.deallocate() }
    let inverted = page.photometric == PHOTOMETRIC_MINISWHITE
    let planes = page.isPlanar ? channels : 1
    for plane in 0..<planes {
      for top in stride(from: 0, to: page.height, by: blockHeight) {
        for left in stride(from: 0, to: page.width, by: blockWidth) {
          let read =
            tiled
            ? TIFFReadEncodedTile(
              tiff, TIFFComputeTile(tiff, UInt32(left), UInt32(top), 0, UInt16(plane)), block.baseAddress, tmsize_t(blockSize))
            : TIFFReadEncodedStrip(
              tiff, TIFFComputeStrip(tiff, UInt32(top), UInt16(plane)), block.baseAddress, tmsize_t(blockSize))
          let rows = min(blockHeight, page.height - top)
          let columns = min(blockWidth, page.width - left)
          guard read >= (rows - 1) * rowBytes + (columns * samplesPerPlane * page.bits + 7) / 8 else {
            let text = message.pointee.text
            let early = text.isEmpty || text.contains("Read error") || text.contains("Not enough data")
            throw early ? .truncated(.tiff, at: fileSize) : .corrupt(.tiff, text)
          }
          for y in 0..<rows {
            for x in 0..<columns {
              let pixel = (top + y) * page.width + left + x
              for channel in 0..<(page.isPlanar ? 1 : channels) {
                let out = pixel * channels + (page.isPlanar ? plane : channel)
                if page.bits == 1 {
                  let bit = block[y * rowBytes + x / 8] >> UInt8(7 - x % 8) & 1
                  narrow[out] = (bit == 1) != inverted ? 255 : 0
                } else if let palette {
                  narrow[out] = palette.colour(Int(block[y * rowBytes + x]), channel)
                } else if bytesPerSample == 1 {
                  let value = block[y * rowBytes + x * samplesPerPlane + channel]
                  narrow[out] = inverted ? 255 - value : value
                } else {
                  let value = block.loadUnaligned(
                    fromByteOffset: y * rowBytes + 2 * (x * samplesPerPlane + channel), as: UInt16.self)
                  wide[out] = inverted ? 65_535 - value : value
                }
              }
            }
          }
        }
      }
    }
    return Image(
      width: page.width, height: page.height, channels: channels,
      samples: bytesPerSample == 2 ? .uint16(wide) : .uint8(narrow))
  }

  private struct Palette {
    private let colours: [UInt8]

    init(_ tiff: OpaquePointer) throws(DecodingFailure) {
      var red: UnsafeMutablePointer<UInt16>?
      var green: UnsafeMutablePointer<UInt16>?
      var blue: UnsafeMutablePointer<UInt16>?
      guard assay_tiff_palette(tiff, &red, &green, &blue) != 0, let red, let green, let blue else {
        throw .corrupt(.tiff, "no colour map")
      }
      colours = (0..<256).flatMap { [red[$0], green[$0], blue[$0]].map { UInt8($0 >> 8) } }
    }

    func colour(_ index: Int, _ channel: Int) -> UInt8 { colours[3 * index + channel] }
  }
}
