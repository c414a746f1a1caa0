import AssayWeights
import Foundation

/// A small constant of a graph whose numbers a rule needs.
package struct ConstantTensor {
  package let shape: [Int]
  /// nil for a tensor of floating-point numbers.
  package let integers: [Int]?
  /// nil for a tensor of whole numbers.
  package let floats: [Float]?

  /// More numbers are no axes, bounds or scales.
  private static let mostValues = 4096

  /// nil for what is larger, of another type, or not as long as its shape says.
  package init?(_ tensor: Assay_Onnx_Tensor) {
    var count = 1
    for extent in tensor.dims {
      guard (0...Int64(Self.mostValues)).contains(extent) else { return nil }
      count *= Int(extent)
      guard count <= Self.mostValues else { return nil }
    }
    shape = tensor.dims.map(Int.init)
    func raw<Value: BitwiseCopyable>(_ type: Value.Type) -> [Value] {
      let size = MemoryLayout<Value>.size
      return tensor.rawData.withUnsafeBytes { bytes in
        (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: type) }
      }
    }
    let isRaw = tensor.hasRawData
    switch tensor.dataType {
    case 1: (integers, floats) = (nil, isRaw ? raw(Float.self) : tensor.floatData)
    case 10:
      let halves = isRaw ? raw(UInt16.self) : tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      (integers, floats) = (nil, halves.map { Float(halfBits: $0) })
    case 11: (integers, floats) = (nil, (isRaw ? raw(Double.self) : tensor.doubleData).map { Float($0) })
    case 6: (integers, floats) = (isRaw ? raw(Int32.self).map { Int($0) } : tensor.int32Data.map { Int($0) }, nil)
    case 7: (integers, floats) = (isRaw ? raw(Int64.self).map { Int($0) } : tensor.int64Data.map { Int($0) }, nil)
    case 9:
      (integers, floats) = (isRaw ? raw(UInt8.self).map { Int($0) } : tensor.int32Data.map { Int($0) }, nil)
    default: return nil
    }
    guard (integers?.count ?? floats?.count) == count else { return nil }
  }

  /// What a `Constant` node gives by its attribute.
  package init?(constant attribute: Assay_Onnx_Attribute) {
    switch attribute.name {
    case "value": self.init(attribute.t)
    case "value_int": self.init(shape: [], integers: [Int(attribute.i)], floats: nil)
    case "value_ints": self.init(shape: [attribute.ints.count], integers: attribute.ints.map { Int($0) }, floats: nil)
    case "value_float": self.init(shape: [], integers: nil, floats: [attribute.f])
    case "value_floats": self.init(shape: [attribute.floats.count], integers: nil, floats: attribute.floats)
    default: return nil
    }
  }

  private init(shape: [Int], integers: [Int]?, floats: [Float]?) {
    self.shape = shape
    self.integers = integers
    self.floats = floats
  }

  package var isEmpty: Bool { (integers?.count ?? floats?.count) == 0 }
}
