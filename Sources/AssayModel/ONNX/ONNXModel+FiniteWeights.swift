import Foundation

extension ONNXModel {
  /// Whether every weight is a number: one that is not can vanish inside of a network, and its answers look as if nothing
  /// were wrong.
  ///
  /// A single infinite number is no weight but a bound (of a Clip, say), and is left alone.
  /// - Throws: ``ModelError`` with the name of the first tensor that is not.
  public func checkFiniteWeights(source: String) throws(ModelError) {
    for tensor in proto.graph.initializer where !Self.isFinite(tensor) {
      throw ModelError(
        file: source, cause: "its weights \(tensor.name) hold values that are not finite numbers",
        remedy: "train or export it again; the training that made it has diverged, or the file is damaged")
    }
  }

  private static func isFinite(_ tensor: Assay_Onnx_Tensor) -> Bool {
    switch tensor.dataType {
    case 1:
      isFinite(tensor.rawData, UInt32.self, 0x7F80_0000, count: 4)
        && (tensor.floatData.count == 1 ? !tensor.floatData[0].isNaN : tensor.floatData.allSatisfy(\.isFinite))
    case 11: isFinite(tensor.rawData, UInt64.self, 0x7FF0_0000_0000_0000, count: 8)
    case 10: isFinite(tensor.rawData, UInt16.self, 0x7C00, count: 2)
    case 16: isFinite(tensor.rawData, UInt16.self, 0x7F80, count: 2)
    default: true
    }
  }

  /// - Parameters:
  ///   - exponent: the bits that are all set in what is infinite (without a fraction) or no number (with one).
  ///   - count: bytes of a number.
  private static func isFinite<Word: FixedWidthInteger & UnsignedInteger>(
    _ data: Data, _ word: Word.Type, _ exponent: Word, count: Int
  ) -> Bool {
    data.withUnsafeBytes { bytes in
      let numbers = bytes.count / count
      var largest: Word = 0
      for index in 0..<numbers {
        let value = bytes.loadUnaligned(fromByteOffset: index * count, as: Word.self).littleEndian
        largest = max(largest, value & (Word.max >> 1))
      }
      return numbers == 1 ? largest <= exponent : largest < exponent
    }
  }
}
