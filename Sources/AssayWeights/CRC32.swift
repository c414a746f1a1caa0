/// The cyclic redundancy check of zip archives (polynomial 0xEDB88320, reflected), eight bytes at a time.
package enum CRC32 {
  /// `tables[k][b]`: what byte `b` contributes when `k` bytes follow it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[byte] = value
    }
    for byte in 0..<256 {
      for k in 1..<8 {
        let before = tables[(k - 1) * 256 + byte]
        tables[k * 256 + byte] = before >> 8 ^ tables[Int(before & 0xFF)]
      }
    }
    return tables
  }()

  package static func of(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
    tables.withUnsafeBufferPointer { table in
      bytes.withUnsafeBytes { raw in
        var crc = UInt32.max
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
          let eight = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ UInt64(crc)
          crc = 0
          for k in 0..<8 { crc ^= table[(7 - k) * 256 + Int(eight >> (8 * UInt64(k)) & 0xFF)] }
          at += 8
        }
        while at < range.upperBound {
          crc = crc >> 8 ^ table[Int((crc ^ UInt32(raw[at])) & 0xFF)]
          at += 1
        }
        return ~crc
      }
    }
  }
}
