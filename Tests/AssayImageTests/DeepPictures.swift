/// Pictures of 16 bits in one channel, made byte by byte from their formats' specifications.
enum DeepPicture {
  /// An uncompressed TIFF, little-endian, one strip.
  /// - Parameters:
  ///   - largest: SMaxSampleValue (tag 341); nil for none.
  ///   - isInverted: 0 is white (photometric interpretation 0).
  static func tiff(width: Int, _ values: [UInt16], largest: Int? = nil, isInverted: Bool = false) -> [UInt8] {
    func short(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)] }
    func long(_ value: Int) -> [UInt8] { short(value & 0xFFFF) + short(value >> 16) }
    let height = values.count / width
    var entries: [(tag: Int, isShort: Bool, value: Int)] = [
      (256, false, width), (257, false, height), (258, true, 16), (259, true, 1), (262, true, isInverted ? 0 : 1),
      (273, false, 8), (277, true, 1), (278, false, height), (279, false, 2 * values.count),
    ]
    if let largest { entries.append((341, true, largest)) }
    var bytes = Array("II".utf8) + short(42) + long(8 + 2 * values.count)
    bytes += values.flatMap { short(Int($0)) }
    bytes += short(entries.count)
    for entry in entries {
      bytes += short(entry.tag) + short(entry.isShort ? 3 : 4) + long(1)
      bytes += entry.isShort ? short(entry.value) + [0, 0] : long(entry.value)
    }
    return bytes + long(0)
  }

  /// A PNG whose pixels are stored, not compressed.
  /// - Parameter significantBits: of the chunk sBIT; nil for none.
  static func png(width: Int, _ values: [UInt16], significantBits: UInt8? = nil) -> [UInt8] {
    func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      let body = Array(name.utf8) + data
      return big(UInt32(data.count)) + body + big(checksum(body))
    }
    let height = values.count / width
    var rows: [UInt8] = []
    for row in 0..<height {
      rows.append(0)
      rows += bigEndian(Array(values[row * width..<(row + 1) * width]))
    }
    // RFC 1950 and 1951: one stored block, and Adler's sum.
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in rows {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    let length = [UInt8(rows.count & 0xFF), UInt8(rows.count >> 8)]
    var pixels: [UInt8] = [0x78, 0x01, 0x01]
    pixels += length + length.map { ~$0 } + rows
    pixels += big(b << 16 | a)
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    bytes += chunk("IHDR", big(UInt32(width)) + big(UInt32(height)) + [16, 0, 0, 0, 0])
    if let significantBits { bytes += chunk("sBIT", [significantBits]) }
    return bytes + chunk("IDAT", pixels) + chunk("IEND", [])
  }

  private static func bigEndian(_ values: [UInt16]) -> [UInt8] {
    values.flatMap { value -> [UInt8] in [UInt8(value >> 8), UInt8(value & 0xFF)] }
  }

  /// A binary PGM.
  static func pgm(width: Int, _ values: [UInt16], maxval: Int) -> [UInt8] {
    Array("P5 \(width) \(values.count / width) \(maxval)\n".utf8) + bigEndian(values)
  }

  /// CRC-32 of PNG, annex D.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
    }
    return ~crc
  }
}
