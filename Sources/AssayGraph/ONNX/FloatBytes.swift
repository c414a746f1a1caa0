/// 32-bit floating-point numbers as bytes, little-endian, in files and messages.
public enum FloatBytes {
  public static func encode(_ values: [Float]) -> [UInt8] {
    values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
  }

  /// Bytes behind the last whole number are left out.
  public static func decode(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    (0..<bytes.count / 4).map {
      Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
    }
  }
}
