/// What the segments of a JPEG before its pixels say (ITU-T T.81, annex B).
struct JPEGHeader {
  var stored: StoredHeader
  /// Where the frame header (SOF) begins, in bytes.
  var frameOffset: Int

  static func read(_ source: ByteSource) throws(DecodingFailure) -> JPEGHeader {
    var offset = 2
    var orientation = 1
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
        return JPEGHeader(
          stored: try frame(source, at: offset, length: length, orientation: orientation), frameOffset: offset)
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
    _ source: ByteSource, at offset: Int, length: Int, orientation: Int
  ) throws(DecodingFailure) -> StoredHeader {
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
    return StoredHeader(
      width: width, height: height, channels: components == 1 ? 1 : 3, bitsPerSample: 8, orientation: orientation)
  }

  private static func truncated(_ source: ByteSource, _ what: String) -> DecodingFailure {
    .truncated(.jpeg, at: source.size, detail: ": \(what)")
  }
}
