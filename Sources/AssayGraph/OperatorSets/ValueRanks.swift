/// How many dimensions a graph's values have, as far as that can be told without their sizes.
package struct ValueRanks {
  private var ranks: [String: Int] = [:]

  package init(_ graph: Assay_Onnx_Graph) {
    for port in graph.valueInfo + graph.input + graph.output where port.type.tensorType.hasShape {
      // Exporters give some outputs a shape of no dimension, meaning none that is known.
      let rank = port.type.tensorType.shape.dim.count
      if rank > 0 { ranks[port.name] = rank }
    }
    for tensor in graph.initializer { ranks[tensor.name] = tensor.dims.count }
  }

  package subscript(name: String) -> Int? { ranks[name] }

  package mutating func note(_ tensor: Assay_Onnx_Tensor) { ranks[tensor.name] = tensor.dims.count }

  /// Notes what a node makes; its inputs' makers have been noted before.
  package mutating func note(_ node: Assay_Onnx_Node, constants: [String: ConstantTensor]) {
    guard let rank = rank(node, constants) else { return }
    // What was found out counts more than what a file says of its values.
    for output in node.output where !output.isEmpty { ranks[output] = rank }
  }

  private func rank(_ node: Assay_Onnx_Node, _ constants: [String: ConstantTensor]) -> Int? {
    let inputs = node.input.map { ranks[$0] }
    let first = inputs.first ?? nil
    switch node.opType {
    case "Constant": return node.output.first.flatMap { constants[$0] }?.shape.count
    case "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where", "Equal", "Less", "Greater", "And",
      "Or":
      return inputs.allSatisfy { $0 != nil } ? inputs.compactMap { $0 }.max() : nil
    case "MatMul":
      guard inputs.count == 2, let a = inputs[0], let b = inputs[1], min(a, b) >= 2 else { return nil }
      return max(a, b)
    case "Gemm", "Flatten": return 2
    case "Shape": return 1
    case "Transpose": return node.ints("perm")?.count ?? first
    case "Reshape": return node.hasInput(1) ? constants[node.input[1]]?.shape.first : nil
    case "Expand": return nil
    case "Unsqueeze", "Squeeze":
      let axes = node.hasInput(1) ? constants[node.input[1]]?.integers : node.ints("axes")
      guard let first, let axes else { return nil }
      return node.opType == "Squeeze" ? first - axes.count : first + axes.count
    case "Gather":
      guard inputs.count == 2, let a = inputs[0], let b = inputs[1] else { return nil }
      return a + b - 1
    case let name where name.hasPrefix("Reduce"):
      return node.int("keepdims", default: 1) == 1 ? first : nil
    case let name where Self.keeping.contains(name): return first
    default: return nil
    }
  }

  /// Operators whose result has as many dimensions as their first input.
  private static let keeping: Set<String> = Set(
    """
    Abs AveragePool BatchNormalization Cast Ceil Celu Clip Concat Conv ConvTranspose CumSum DepthToSpace DequantizeLinear \
    Dropout Elu Erf Exp Floor GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Hardmax Identity InstanceNormalization \
    LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization MaxPool Neg PRelu Pad QuantizeLinear Reciprocal Relu \
    Resize Round Selu Sigmoid Sign Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Tanh ThresholdedRelu Tile TopK
    """.split(separator: " ").map(String.init))
}
