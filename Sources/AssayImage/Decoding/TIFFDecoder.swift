import CCodecs

/// TIFF by libtiff, first page: 1 to 16 bits, gray, RGB or palette, strips or tiles, interleaved or separate planes.
///
/// Samples below 8 bits are scaled to 0...255, those of 9 to 15 bits to 0...65535. Extra samples (alpha) are dropped.
enum TIFFDecoder {
  static func header(_ source: ByteSource) throws(DecodingFailure) -> StoredHeader {
    try TIFFHandle.open(source, largestBlock: smallBlock) { (handle) throws(DecodingFailure) in
      try TIFFLayout(handle).stored
    }
  }

  static func decode(_ source: ByteSource, header: StoredHeader) throws(DecodingFailure) -> StoredImage {
    // 16 samples of 16 bits a pixel.
    let limit = smallBlock + 32 * header.width * header.height
    return try TIFFHandle.open(source, largestBlock: limit) { (handle) throws(DecodingFailure) in
      let layout = try TIFFLayout(handle)
      guard layout.stored == header else { throw .corrupt(.tiff, "its header changed between two readings") }
      try TIFFWork.check(handle, layout, source)
      let blockSize = Int(layout.isTiled ? TIFFTileSize(handle.tiff) : TIFFStripSize(handle.tiff))
      guard blockSize > 0, blockSize <= limit else {
        throw .corrupt(.tiff, "its blocks would have \(blockSize) bytes")
      }
      let reader = TIFFReader(handle: handle, layout: layout, blockSize: blockSize)
      var failure: DecodingFailure?
      let count = layout.width * layout.height * layout.channels
      let samples: Image.Samples
      if layout.bits > 8 {
        let table: [UInt16] = (0..<1 << layout.bits).map { UInt16(level($0, layout, full: 65_535)) }
        samples = .uint16(
          [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
            failure = reader.read(into: buffer, table: table, colours: 1)
            initialized = count
          })
      } else {
        let table = try layout.isPalette ? palette(handle, layout) : levels(layout)
        samples = .uint8(
          [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            failure = reader.read(into: buffer, table: table, colours: layout.isPalette ? 3 : 1)
            initialized = count
          })
      }
      if let failure { throw failure }
      return StoredImage(width: layout.width, height: layout.height, channels: layout.channels, samples: samples)
    }
  }

  /// A tile of 4,096 x 4,096 pixels of RGBA, or the places of eight million blocks.
  private static let smallBlock = 64 << 20

  private static func level(_ value: Int, _ layout: TIFFLayout, full: Int) -> Int {
    let largest = (1 << layout.bits) - 1
    // Black is where white would be: at the level that the file declares, when it declares one.
    let shown = layout.isInverted ? max(0, (layout.depth.white ?? largest) - value) : value
    return (shown * full * 2 + largest) / (2 * largest)
  }

  private static func levels(_ layout: TIFFLayout) -> [UInt8] {
    (0..<1 << layout.bits).map { UInt8(level($0, layout, full: 255)) }
  }

  /// RGB triples. Palettes hold 16 bits, but some old writers store 8.
  private static func palette(_ handle: TIFFHandle, _ layout: TIFFLayout) throws(DecodingFailure) -> [UInt8] {
    var (red, green, blue):
      (UnsafeMutablePointer<UInt16>?, UnsafeMutablePointer<UInt16>?, UnsafeMutablePointer<UInt16>?)
    guard assay_tiff_palette(handle.tiff, &red, &green, &blue) != 0, let red, let green, let blue else {
      throw handle.failure("it has no palette")
    }
    let entries = 1 << layout.bits
    let values = (0..<entries).flatMap { [red[$0], green[$0], blue[$0]] }
    let isShort = values.contains { $0 > 255 }
    return values.map { UInt8(truncatingIfNeeded: isShort ? $0 >> 8 : $0) }
  }
}

/// Reads the blocks of a page into an interleaved image.
private struct TIFFReader {
  let handle: TIFFHandle
  let layout: TIFFLayout
  let blockSize: Int

  private var interleaved: Int { layout.interleaved }
  private var rowBytes: Int { layout.rowBytes }

  /// Fills `output`, `[H, W, C]`. `table` gives, for each stored value, one level or the `colours` of a palette.
  func read<Sample: FixedWidthInteger>(
    into output: UnsafeMutableBufferPointer<Sample>, table: [Sample], colours: Int
  ) -> DecodingFailure? {
    let block = UnsafeMutableRawPointer.allocate(byteCount: blockSize, alignment: 16)
    let raw = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: layout.blockWidth * interleaved)
    defer {
      block.deallocate()
      raw.deallocate()
    }
    let planes = layout.isSeparate && colours == 1 ? layout.channels : 1
    for y in stride(from: 0, to: layout.height, by: layout.blockHeight) {
      let rows = min(layout.blockHeight, layout.height - y)
      for x in stride(from: 0, to: layout.width, by: layout.blockWidth) {
        for plane in 0..<planes {
          if let failure = load(block, x: x, y: y, plane: plane, rows: rows) { return failure }
          for row in 0..<rows {
            unpack(UnsafeRawPointer(block + row * rowBytes), into: raw)
            table.withUnsafeBufferPointer {
              put(raw, row: y + row, x: x, plane: plane, into: output, table: $0, colours: colours)
            }
          }
        }
      }
    }
    return nil
  }

  private func load(_ block: UnsafeMutableRawPointer, x: Int, y: Int, plane: Int, rows: Int) -> DecodingFailure? {
    let got: Int
    let needed: Int
    if layout.isTiled {
      let tile = TIFFComputeTile(handle.tiff, UInt32(x), UInt32(y), 0, UInt16(plane))
      needed = layout.blockHeight * rowBytes
      guard needed <= blockSize else { return .corrupt(.tiff, "its tiles have \(blockSize) of \(needed) bytes") }
      got = Int(TIFFReadEncodedTile(handle.tiff, tile, block, tmsize_t(needed)))
    } else {
      let strip = TIFFComputeStrip(handle.tiff, UInt32(y), UInt16(plane))
      needed = rows * rowBytes
      guard needed <= blockSize else { return .corrupt(.tiff, "its strips have \(blockSize) of \(needed) bytes") }
      got = Int(TIFFReadEncodedStrip(handle.tiff, strip, block, tmsize_t(needed)))
    }
    return got == needed ? nil : handle.failure("the block at (\(x), \(y)) has \(max(0, got)) of \(needed) bytes")
  }

  /// One stored row as integers: 16 bits are in host order, fewer are packed from the highest bit down.
  private func unpack(_ row: UnsafeRawPointer, into raw: UnsafeMutableBufferPointer<UInt16>) {
    switch layout.bits {
    case 8:
      for i in raw.indices { raw[i] = UInt16(row.load(fromByteOffset: i, as: UInt8.self)) }
    case 16:
      for i in raw.indices { raw[i] = row.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self) }
    default:
      var (bits, available, next) = (0, 0, 0)
      let mask = (1 << layout.bits) - 1
      for i in raw.indices {
        while available < layout.bits {
          bits = (bits << 8 | Int(row.load(fromByteOffset: next, as: UInt8.self))) & 0xFFFFFF
          next += 1
          available += 8
        }
        available -= layout.bits
        raw[i] = UInt16(bits >> available & mask)
      }
    }
  }

  private func put<Sample: FixedWidthInteger>(
    _ raw: UnsafeMutableBufferPointer<UInt16>, row: Int, x: Int, plane: Int,
    into output: UnsafeMutableBufferPointer<Sample>, table: UnsafeBufferPointer<Sample>, colours: Int
  ) {
    let channels = layout.channels
    let start = (row * layout.width + x) * channels
    let columns = min(layout.blockWidth, layout.width - x)
    for i in 0..<columns {
      let pixel = start + i * channels
      if colours == 3 {
        let entry = 3 * Int(raw[i * interleaved])
        for c in 0..<3 { output[pixel + c] = table[entry + c] }
      } else if layout.isSeparate {
        output[pixel + plane] = table[Int(raw[i])]
      } else {
        for c in 0..<channels { output[pixel + c] = table[Int(raw[i * interleaved + c])] }
      }
    }
  }
}
