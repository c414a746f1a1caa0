import AssayWeights
import Foundation

extension ONNXModel {
  /// Whether every weight is a number that 32-bit floats hold: one that is not can vanish inside of a network, and its answers
  /// look as if nothing were wrong.
  ///
  /// Looked at are initialisers and the constants of `Constant` nodes. A bound may be infinite (of a Clip, say, or what a mask
  /// puts in place of a value); it is no weight, but never NaN.
  /// - Throws: ``ModelError`` with the name of the first tensor that is not.
  public func checkFiniteWeights(source: String) throws(ModelError) {
    let uses = ConstantUses(proto.graph)
    for tensor in proto.graph.initializer {
      try Self.check(tensor, tensor.name, mayBeInfinite: uses.isBound(tensor.name), source)
    }
    for node in proto.graph.node {
      let name = node.output.first ?? node.name
      for attribute in node.attribute {
        if attribute.hasT { try Self.check(attribute.t, name, mayBeInfinite: uses.isBound(name), source) }
        guard !attribute.f.isNaN, !attribute.floats.contains(where: \.isNaN) else {
          throw Self.refused(name, source)
        }
        let isWeight = node.opType == "Constant" && !uses.isBound(name)
        guard !isWeight || attribute.f.isFinite && attribute.floats.allSatisfy(\.isFinite) else {
          throw Self.refused(name, source)
        }
      }
    }
  }

  private static func check(
    _ tensor: Assay_Onnx_Tensor, _ name: String, mayBeInfinite: Bool, _ source: String
  ) throws(ModelError) {
    switch largest(tensor) {
    case .number: return
    case .infinite where mayBeInfinite: return
    default: throw refused(name, source)
    }
  }

  private static func refused(_ name: String, _ source: String) -> ModelError {
    ModelError(
      file: source, cause: "its weights \(name.readable()) hold values that are not finite numbers",
      remedy: "train or export it again; the training that made it has diverged, or the file is damaged")
  }

  /// What the value farthest from zero is, NaN being the farthest.
  private enum Magnitude { case number, infinite, notANumber }

  private static func largest(_ tensor: Assay_Onnx_Tensor) -> Magnitude {
    let raw = tensor.rawData
    switch tensor.dataType {
    case 1:
      if !raw.isEmpty { return largest(raw, UInt32.self, infinity: 0x7F80_0000) }
      return tensor.floatData.allSatisfy(\.isFinite)
        ? .number : tensor.floatData.contains(where: \.isNaN) ? .notANumber : .infinite
    case 11:
      // What is beyond 32-bit floats becomes infinite when the network is loaded.
      let beyond = Double(Float.greatestFiniteMagnitude).bitPattern + 1
      if !raw.isEmpty { return largest(raw, UInt64.self, infinity: beyond) }
      return tensor.doubleData.allSatisfy { Float($0).isFinite }
        ? .number : tensor.doubleData.contains(where: \.isNaN) ? .notANumber : .infinite
    case 10, 16:
      let infinity: UInt16 = tensor.dataType == 10 ? 0x7C00 : 0x7F80
      if !raw.isEmpty { return largest(raw, UInt16.self, infinity: infinity) }
      let words = tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      return words.withUnsafeBytes { largest(Data($0), UInt16.self, infinity: infinity) }
    default: return .number
    }
  }

  /// - Parameter infinity: the bits from which a magnitude is infinite; NaN is above the type's own infinity.
  private static func largest<Word: FixedWidthInteger & UnsignedInteger>(
    _ data: Data, _ word: Word.Type, infinity: Word
  ) -> Magnitude {
    let size = MemoryLayout<Word>.size
    let own: UInt64 = size == 8 ? 0x7FF0_0000_0000_0000 : UInt64(infinity)
    return data.withUnsafeBytes { bytes in
      var largest: Word = 0
      for index in 0..<bytes.count / size {
        let value = bytes.loadUnaligned(fromByteOffset: index * size, as: Word.self).littleEndian
        largest = max(largest, value & (Word.max >> 1))
      }
      return largest < infinity ? .number : UInt64(largest) > own ? .notANumber : .infinite
    }
  }
}

/// Which constants serve as nothing but bounds and fillings.
private struct ConstantUses {
  /// Values that some node takes as a number to calculate with.
  private var weights: Set<String>
  private var bounds: Set<String> = []

  init(_ graph: Assay_Onnx_Graph) {
    weights = Set(graph.output.map(\.name))
    for node in graph.node {
      // The first input of the others is what they work on.
      let from =
        switch node.opType {
        case "Clip", "Pad": 1
        case "Max", "Min", "Where", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal", "Identity", "Cast",
          "Expand", "Reshape", "Unsqueeze", "Squeeze", "ConstantOfShape", "Constant":
          0
        default: Int.max
        }
      for (place, name) in node.input.enumerated() {
        if place >= from { bounds.insert(name) } else { weights.insert(name) }
      }
    }
    // A bound under another name is what that name is: backwards, since a node's users come behind it.
    for node in graph.node.reversed()
    where ["Identity", "Cast", "Expand", "Reshape", "Unsqueeze", "Squeeze"].contains(node.opType) {
      if let output = node.output.first, let input = node.input.first, weights.contains(output) {
        weights.insert(input)
      }
    }
  }

  func isBound(_ name: String) -> Bool { bounds.contains(name) && !weights.contains(name) }
}
