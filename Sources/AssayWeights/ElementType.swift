/// How a file stores the elements of a tensor.
package enum ElementType: Sendable, Hashable {
  case float, double, half, bfloat16, long, int, short, byte, char, bool

  /// Bytes of one element.
  package var size: Int {
    switch self {
    case .double, .long: 8
    case .float, .int: 4
    case .half, .bfloat16, .short: 2
    case .byte, .char, .bool: 1
    }
  }

  /// - Parameter offset: in bytes; the element lies inside.
  package func load(_ raw: UnsafeRawBufferPointer, at offset: Int) -> Float {
    func read<Value: BitwiseCopyable>(_ type: Value.Type) -> Value {
      raw.loadUnaligned(fromByteOffset: offset, as: type)
    }
    return switch self {
    case .float: read(Float.self)
    case .double: Float(read(Double.self))
    case .half: Float(halfBits: read(UInt16.self))
    case .bfloat16: Float(bitPattern: UInt32(read(UInt16.self)) << 16)
    case .long: Float(read(Int64.self))
    case .int: Float(read(Int32.self))
    case .short: Float(read(Int16.self))
    case .char: Float(read(Int8.self))
    case .byte, .bool: Float(read(UInt8.self))
    }
  }
}

extension Float {
  /// IEEE 754 binary16, without `Float16`, which not every Linux target has.
  package init(halfBits bits: UInt16) {
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023)
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
      }
    self = bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
