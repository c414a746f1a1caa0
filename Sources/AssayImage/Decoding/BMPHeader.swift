/// The headers of a Windows or OS/2 bitmap.
struct BMPHeader {
  var stored: StoredHeader
  var bits: Int
  var topDown: Bool
  /// Where the rows begin, in bytes.
  var pixelOffset: Int
  /// RGB triples, for 1, 4 and 8 bits.
  var palette: [UInt8]
  /// Where red, green and blue are, for 16 and 32 bits.
  var masks: [Int]

  /// Bytes of a row, padded to four.
  var rowBytes: Int { (stored.width * bits + 31) / 32 * 4 }
}

extension BMPDecoder {
  /// Sizes of the second header: OS/2 1.x, Windows 3, with masks, with alpha mask, OS/2 2.x, version 4, version 5.
  static let headerSizes: Set<Int> = [12, 40, 52, 56, 64, 108, 124]

  static func header(_ source: ByteSource) throws(DecodingFailure) -> BMPHeader {
    // Largest header, masks after it, largest palette.
    let bytes = source.bytes(at: 0, count: 14 + 124 + 16 + 1024)
    guard let offset = bytes.littleEndian32(10), let size = bytes.littleEndian32(14), bytes.count >= 14 + min(size, 40)
    else { throw incomplete(source) }
    guard headerSizes.contains(size) else { throw .corrupt(.bmp, "its header length is \(size)") }
    let isCore = size == 12
    guard let width = isCore ? bytes.littleEndian16(18) : bytes.littleEndian32(18),
      let rawHeight = isCore ? bytes.littleEndian16(20) : bytes.littleEndian32(22),
      let planes = bytes.littleEndian16(isCore ? 22 : 26), let bits = bytes.littleEndian16(isCore ? 24 : 28),
      let compression = isCore ? 0 : bytes.littleEndian32(30), let colours = isCore ? 0 : bytes.littleEndian32(46)
    else { throw incomplete(source) }
    let height = isCore ? rawHeight : Int(Int32(truncatingIfNeeded: rawHeight))
    guard width <= 0x7FFF_FFFF, planes == 1 else {
      throw .corrupt(.bmp, "its header says \(width) pixels in a row and \(planes) planes")
    }
    guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw .corrupt(.bmp, "it has \(bits) bits per pixel") }
    try checkCompression(compression, bits: bits, size: size)

    var header = BMPHeader(
      stored: StoredHeader(width: width, height: abs(height), channels: 3, bitsPerSample: 8), bits: bits,
      topDown: height < 0, pixelOffset: offset, palette: [], masks: [])
    var end = 14 + size
    if bits == 16 { header.masks = [0x7C00, 0x03E0, 0x001F] }
    if bits == 32 { header.masks = [0xFF0000, 0x00FF00, 0x0000FF] }
    if compression == bitFields || compression == alphaBitFields {
      header.masks = [54, 58, 62].compactMap(bytes.littleEndian32)
      guard header.masks.count == 3 else { throw incomplete(source) }
      guard header.masks.allSatisfy({ isContiguous($0) && $0 < 1 << bits }) else {
        throw .corrupt(.bmp, "its colour masks are \(header.masks)")
      }
      if size == 40 { end += compression == alphaBitFields ? 16 : 12 }
    }
    if bits <= 8 {
      let entry = isCore ? 3 : 4
      let entries = colours == 0 ? 1 << bits : min(colours, 1 << bits)
      guard end + entries * entry <= bytes.count else { throw incomplete(source) }
      // Stored blue, green, red.
      for i in 0..<entries {
        let first = end + i * entry
        header.palette += [bytes[first + 2], bytes[first + 1], bytes[first]]
      }
      let isGray = stride(from: 0, to: header.palette.count, by: 3).allSatisfy { i in
        let red = header.palette[i]
        return header.palette[i + 1] == red && header.palette[i + 2] == red
      }
      // A bitmap has no other way to be mono.
      if isGray { header.stored.channels = 1 }
      header.stored.bitsPerSample = bits
      end += entries * entry
    }
    guard offset >= end || offset >= 14 + size && bits > 8 else {
      throw .corrupt(.bmp, "its pixels would begin at byte \(offset), inside the header of \(end) bytes")
    }
    return header
  }

  private static let bitFields = 3
  private static let alphaBitFields = 6

  private static func checkCompression(_ compression: Int, bits: Int, size: Int) throws(DecodingFailure) {
    if compression == 0 { return }
    if compression == bitFields || compression == alphaBitFields, bits == 16 || bits == 32, size != 64 { return }
    let name =
      switch compression {
      case 1, 2: "run-length compression"
      case 4: "with an embedded JPEG"
      case 5: "with an embedded PNG"
      default: "compression \(compression) with \(bits) bits"
      }
    throw .unsupported(.bmp, name, "save it uncompressed or as PNG")
  }

  private static func isContiguous(_ mask: Int) -> Bool {
    guard mask != 0 else { return true }
    let shifted = mask >> mask.trailingZeroBitCount
    return shifted & (shifted + 1) == 0
  }

  private static func incomplete(_ source: ByteSource) -> DecodingFailure {
    .truncated(.bmp, at: source.size, detail: ": its header is incomplete")
  }
}
