/// Rows of floats as bytes of half the size.
public enum HalfFloats {
  public static func encode(_ values: [Float]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: values.count * 2) { bytes, count in
      values.withUnsafeBufferPointer { values in
        bytes.withMemoryRebound(to: UInt16.self) { HalfPrecision.encode(values, into: $0) }
      }
      count = values.count * 2
    }
  }

  public static func decode(_ bytes: [UInt8]) -> [Float] {
    [Float](unsafeUninitializedCapacity: bytes.count / 2) { values, count in
      bytes.withUnsafeBytes { HalfPrecision.decode($0.bindMemory(to: UInt16.self), into: values) }
      count = bytes.count / 2
    }
  }
}
