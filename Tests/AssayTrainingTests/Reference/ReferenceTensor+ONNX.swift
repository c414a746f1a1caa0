import AssayGraph
import Foundation

extension ReferenceTensor {
  /// Reads float, double, int32, int64 and bool tensors, raw or typed (doubles raw only: Assay's part of the ONNX
  /// format has no typed ones).
  init(_ tensor: Assay_Onnx_Tensor) throws(ReferenceError) {
    let shape = tensor.dims.map(Int.init)
    let raw = tensor.rawData
    let read: [Double]
    switch tensor.dataType {
    case 1:
      read =
        tensor.hasRawData ? Self.elements(of: raw, as: Float.self).map(Double.init) : tensor.floatData.map(Double.init)
    case 11: read = Self.elements(of: raw, as: Double.self)
    case 6:
      read =
        tensor.hasRawData ? Self.elements(of: raw, as: Int32.self).map(Double.init) : tensor.int32Data.map(Double.init)
    case 7:
      read =
        tensor.hasRawData ? Self.elements(of: raw, as: Int64.self).map(Double.init) : tensor.int64Data.map(Double.init)
    case 9: read = tensor.hasRawData ? raw.map(Double.init) : tensor.int32Data.map(Double.init)
    default: throw ReferenceError(value: tensor.name, cause: "it has the data type \(tensor.dataType)")
    }
    guard read.count == shape.reduce(1, *) else {
      throw ReferenceError(value: tensor.name, cause: "it holds \(read.count) values for shape \(shape)")
    }
    self.init(shape: shape, values: read)
    isInteger = tensor.dataType != 1 && tensor.dataType != 11
  }

  private static func elements<Element: BitwiseCopyable>(of data: Data, as type: Element.Type) -> [Element] {
    data.withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Element>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: type)
      }
    }
  }
}
