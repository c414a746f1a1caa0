/// What the segments of a JPEG before its pixels say (ITU-T T.81, annex B).
struct JPEGHeader {
  var stored: StoredHeader
  /// Where the frame header (SOF) begins, in bytes.
  var frameOffset: Int
  /// 1 (gray), 3 (colour) or 4 (CMYK).
  var components: Int
  var isProgressive: Bool
  var isArithmetic: Bool
  /// The pixels come in several scans, each of which goes through the whole picture.
  var hasScans: Bool

  static func read(_ source: ByteSource) throws(DecodingFailure) -> JPEGHeader {
    var orientation = 1
    var offset = 2
    // A megabyte of profile or maker notes is a few dozen segments.
    for _ in 0..<4096 {
      let start = source.bytes(at: offset, count: 4)
      guard start.count == 4 else { throw truncated(source, "the frame header is missing") }
      guard start[0] == 0xFF else { throw .corrupt(.jpeg, "no marker at byte \(offset)") }
      let marker = start[1]
      // Fill bytes may precede a marker; TEM and restart markers have no length.
      if marker == 0xFF {
        offset += 1
        continue
      }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        offset += 2
        continue
      }
      let length = Int(start[2]) << 8 | Int(start[3])
      guard length >= 2, marker != 0xD9, marker != 0xDA, marker != 0 else {
        throw .corrupt(.jpeg, "no frame header before byte \(offset)")
      }
      if isFrame(marker) {
        return try frame(source, at: offset, marker: marker, length: length, orientation: orientation)
      }
      if marker == 0xE1, orientation == 1 {
        let segment = source.bytes(at: offset + 4, count: length - 2)
        if segment.starts(with: Array("Exif\0".utf8)) { orientation = EXIF.orientation(Array(segment.dropFirst(6))) }
      }
      offset += 2 + length
    }
    throw .corrupt(.jpeg, "no frame header in its first 4096 segments")
  }

  private static func isFrame(_ marker: UInt8) -> Bool {
    (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
  }

  private static func frame(
    _ source: ByteSource, at offset: Int, marker: UInt8, length: Int, orientation: Int
  ) throws(DecodingFailure) -> JPEGHeader {
    let bytes = source.bytes(at: offset + 4, count: 6)
    guard bytes.count == 6, let height = bytes.bigEndian16(1), let width = bytes.bigEndian16(3) else {
      throw truncated(source, "the frame header is incomplete")
    }
    let components = Int(bytes[5])
    guard bytes[0] == 8 else {
      throw .unsupported(.jpeg, "with \(bytes[0]) bits per sample", "convert it to 16-bit PNG or TIFF")
    }
    guard components == 1 || components == 3 || components == 4 else {
      throw .unsupported(.jpeg, "with \(components) components", "convert it to PNG")
    }
    // SOF2, 6, 10 and 14 are progressive, those from 9 on arithmetically coded.
    let isProgressive = marker & 3 == 2
    let hasScans = isProgressive || components > firstScan(source, after: offset + 2 + length) ?? components
    // Coefficients of 16 bits of the whole picture are kept between scans; CMYK becomes RGB in a second array.
    let blocks = ((width + 15) / 16 * 16) * ((height + 15) / 16 * 16)
    return JPEGHeader(
      stored: StoredHeader(
        width: width, height: height, channels: components == 1 ? 1 : 3, bitsPerSample: 8, orientation: orientation,
        codecBytes: (hasScans ? 2 * components * blocks : 0) + (components == 4 ? 4 * width * height : 0)),
      frameOffset: offset, components: components, isProgressive: isProgressive, isArithmetic: marker > 0xC8,
      hasScans: hasScans)
  }

  /// The number of components in the first scan; nil when it is not found: the decoder then says why.
  private static func firstScan(_ source: ByteSource, after frame: Int) -> Int? {
    var offset = frame
    for _ in 0..<4096 {
      let start = source.bytes(at: offset, count: 5)
      guard start.count == 5, start[0] == 0xFF, start[1] != 0xD9 else { return nil }
      if start[1] == 0xDA { return Int(start[4]) }
      offset += start[1] == 0xFF ? 1 : 2 + (Int(start[2]) << 8 | Int(start[3]))
    }
    return nil
  }

  private static func truncated(_ source: ByteSource, _ what: String) -> DecodingFailure {
    .truncated(.jpeg, at: source.size, detail: ": \(what)")
  }
}
