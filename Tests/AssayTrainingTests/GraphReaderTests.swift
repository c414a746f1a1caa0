import AssayGraph
import AssayTraining
import Testing

/// Graphs that the standard does not allow, or that nobody could compute: each is refused with the node's name.
@Suite struct GraphReaderTests {
  private func node(_ operation: String, _ inputs: [String], _ ints: [String: [Int64]] = [:]) -> Assay_Onnx_Node {
    var node = Assay_Onnx_Node()
    (node.opType, node.input, node.output, node.name) = (operation, inputs, ["y"], "odd")
    for (name, values) in ints {
      var attribute = Assay_Onnx_Attribute()
      attribute.name = name
      if values.count == 1 { attribute.i = values[0] } else { attribute.ints = values }
      node.attribute.append(attribute)
    }
    return node
  }

  private func read(_ nodes: [Assay_Onnx_Node], input: [Int] = [1, 3, 8, 8], integers: [Int64] = []) throws {
    var proto = Assay_Onnx_Model()
    proto.graph.node = nodes
    var tensor = Assay_Onnx_Tensor()
    (tensor.name, tensor.dataType, tensor.dims, tensor.int64Data) = ("list", 7, [Int64(integers.count)], integers)
    proto.graph.initializer = [tensor]
    _ = try GraphReader(ONNXModel(proto: proto), inputs: ["x": input], outputs: ["y"], dropsOut: true)
  }

  private func isRefused(_ node: Assay_Onnx_Node, input: [Int] = [1, 3, 8, 8], integers: [Int64] = []) {
    let error = #expect(throws: TrainingError.self) { try read([node], input: input, integers: integers) }
    #expect(error?.subject == "\(node.opType) odd", "\(node.opType)")
  }

  @Test(arguments: [
    "Identity", "Dropout", "Conv", "BatchNormalization", "MaxPool", "GlobalAveragePool", "ReduceMean", "Add", "Concat",
    "Gemm",
    "MatMul", "Softmax", "LayerNormalization", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Slice",
    "Pad",
    "Relu", "Clip",
  ])
  func inputsThatAreMissing(_ operation: String) {
    isRefused(node(operation, []))
    isRefused(node(operation, [""]))
  }

  @Test func shapesThatDoNotFit() {
    isRefused(node("GlobalAveragePool", ["x"]), input: [3])
    isRefused(node("MaxPool", ["x"], ["kernel_shape": [2, 2], "strides": [0, 0]]))
    isRefused(node("MaxPool", ["x"], ["kernel_shape": [2, 2], "strides": [1, 1, 1]]))
    isRefused(node("MaxPool", ["x"], ["kernel_shape": [2, 2], "pads": [.max, .max, 1, 1]]))
    isRefused(node("MaxPool", ["x"], ["kernel_shape": [.max, .max]]))
    isRefused(node("Concat", ["x", "x"], ["axis": [9]]))
    isRefused(node("Flatten", ["x"], ["axis": [.min]]))
    isRefused(node("Transpose", ["x"], ["perm": [0, 1, 2, 7]]))
    isRefused(node("Transpose", ["x"], ["perm": [0, 0, 1, 1]]))
    isRefused(node("Unsqueeze", ["x", "list"]), integers: [0, 0])
    isRefused(node("Unsqueeze", ["x", "list"]), integers: [99])
    isRefused(node("Reshape", ["x", "list"]), integers: [.max, .max, 2])
    isRefused(node("Pad", ["x", "list"]), integers: [0, 0, .max, 0, 0, 0, .max, 0])
  }

  /// Each node doubles its value: after 64 no number can count the elements.
  @Test func valuesThatGrowWithoutEnd() {
    let nodes = (0..<80).map { index in
      var node = node("Concat", [String](repeating: index == 0 ? "x" : "v\(index)", count: 2), ["axis": [1]])
      node.output = [index == 79 ? "y" : "v\(index + 1)"]
      return node
    }
    #expect(throws: TrainingError.self) { try read(nodes) }
  }

  /// ONNX 17: an axis below zero counts from the end.
  @Test func axesFromTheEnd() throws {
    try read([node("Flatten", ["x"], ["axis": [-1]])])
    try read([node("Concat", ["x", "x"], ["axis": [-3]])])
  }
}
