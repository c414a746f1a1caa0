extension PickleTensor {
  /// Gathers the view's elements in row-major order, as 32-bit floats.
  func contiguous(_ bytes: [UInt8], _ range: Range<Int>) throws(PickleError) -> StateDict.Tensor {
    let size = storage.type.size
    let available = range.count / size
    var count = 1
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      let (reach, tooFar) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      // A stride of zero could otherwise ask for more elements than the file has bytes.
      guard !overflow, !tooFar, product <= max(available, 1), last <= Int.max - reach else {
        throw .truncated(bytes.count)
      }
      count = product
      last += reach
    }
    guard count == 0 || last < available else { throw .truncated(bytes.count) }
    let values = bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: count) { out, filled in
        var index = [Int](repeating: 0, count: shape.count)
        for position in 0..<count {
          var element = offset
          for axis in shape.indices { element += index[axis] * strides[axis] }
          out[position] = storage.type.load(raw, at: range.lowerBound + element * size)
          for axis in shape.indices.reversed() {
            index[axis] += 1
            if index[axis] < shape[axis] { break }
            index[axis] = 0
          }
        }
        filled = count
      }
    }
    return StateDict.Tensor(shape: shape, values: values)
  }
}

extension PickleGlobal {
  fileprivate func load(_ raw: UnsafeRawBufferPointer, at offset: Int) -> Float {
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
    default: Float(read(UInt8.self))
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
