import AssayGraph
import Foundation

/// Typed access to a node's attributes.
struct ONNXNode {
  let proto: Assay_Onnx_Node

  var operation: String { proto.opType }
  var inputs: [String] { proto.input }
  var output: String { proto.output.first ?? "" }
  /// How messages name the node.
  var name: String { "\(proto.opType) \(proto.name.isEmpty ? output : proto.name)" }

  private func attribute(_ name: String) -> Assay_Onnx_Attribute? { proto.attribute.first { $0.name == name } }

  func int(_ name: String, default value: Int) -> Int { attribute(name).map { Int($0.i) } ?? value }
  func float(_ name: String, default value: Float) -> Float { attribute(name)?.f ?? value }
  func ints(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }
  func string(_ name: String) -> String? { attribute(name).map { String(decoding: $0.s, as: UTF8.self) } }
  func tensor(_ name: String) -> Assay_Onnx_Tensor? { attribute(name)?.t }

  /// An input that must be there.
  func input(_ index: Int) throws -> String {
    guard index < inputs.count, !inputs[index].isEmpty else {
      throw unsupported("a node of \(inputs.count) inputs where \(index + 1) are needed")
    }
    return inputs[index]
  }

  /// Numbers of an attribute, as many as there must be; all the same where the node does not say.
  func ints(_ name: String, count: Int, in range: ClosedRange<Int>, default value: Int) throws -> [Int] {
    let found = ints(name) ?? [Int](repeating: value, count: count)
    guard found.count == count, found.allSatisfy(range.contains) else {
      throw unsupported("\(name) of \(found.prefix(8))")
    }
    return found
  }

  func unsupported(_ what: String) -> TrainingError {
    TrainingError(
      name, cause: "training does not know \(what)", remedy: "freeze the network beyond it, or use --method linear")
  }
}

/// A constant of the graph.
struct ONNXConstant {
  let shape: [Int]
  /// Of a float tensor.
  let floats: [Float]
  /// Of an integer tensor.
  let integers: [Int]

  init?(_ tensor: Assay_Onnx_Tensor) {
    shape = tensor.dims.map { Int($0) }
    let count = shape.reduce(1, *)
    switch tensor.dataType {
    case 1:
      integers = []
      floats =
        tensor.hasRawData
        ? tensor.rawData.withUnsafeBytes { raw in
          (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        } : tensor.floatData
      guard floats.count == count else { return nil }
    case 7:
      floats = []
      integers =
        tensor.hasRawData
        ? tensor.rawData.withUnsafeBytes { raw in
          (0..<raw.count / 8).map { Int(raw.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) }
        } : tensor.int64Data.map { Int($0) }
      guard integers.count == count else { return nil }
    default: return nil
    }
  }
}
