import AssayGraph

/// One node of a graph with the values of its inputs.
struct ReferenceOperation {
  let node: Assay_Onnx_Node
  /// nil for an optional input that is left out.
  let inputs: [ReferenceTensor?]
  let opset: Int
  let isTraining: Bool
  let mask: [Double]?

  /// The values of the node's outputs.
  func run() throws -> [ReferenceTensor] {
    guard node.domain.isEmpty else { throw failure("operators of \(node.domain) are not known") }
    var outputs = node.opType == "Split" ? try split() : [try result()]
    // For all but these, ONNX gives the output the element type of the first input.
    if !["Constant", "Shape", "Cast"].contains(node.opType) {
      for index in outputs.indices { outputs[index].isInteger = try input(0).isInteger }
    }
    return outputs
  }

  private func result() throws -> ReferenceTensor {
    switch node.opType {
    case "Conv": try convolution()
    case "MaxPool": try maximumPool()
    case "AveragePool": try averagePool()
    case "GlobalAveragePool": try globalAveragePool()

    case "BatchNormalization": try batchNormalization()
    case "LayerNormalization": try layerNormalization()
    case "Softmax": try softmax()
    case "ReduceMean": try reduceMean()

    case "Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Erf", "Gelu", "Softplus", "Sqrt",
      "Exp", "Neg", "Reciprocal":
      try pointwise()
    case "Add", "Sub", "Mul", "Div", "Pow": try binary()
    case "Dropout": try dropout()

    case "Gemm": try gemm()
    case "MatMul": try matrixProduct()

    case "Identity": try input(0)
    case "Constant": try constant()
    case "Cast": try cast()
    case "Shape": try shape()
    case "Reshape": try reshape()
    case "Flatten": try flatten()
    case "Squeeze": try squeeze()
    case "Unsqueeze": try unsqueeze()
    case "Transpose": try transpose()
    case "Expand": try expand()
    case "Concat": try concatenate()
    case "Slice": try slice()
    case "Pad": try pad()
    case "Gather": try gather()
    default: throw failure("the operator \(node.opType) is not known")
    }
  }

  // MARK: Inputs

  func failure(_ cause: String) -> ReferenceError { ReferenceError(value: node.output.first ?? "", cause: cause) }

  func input(_ index: Int) throws -> ReferenceTensor {
    guard let value = optional(index) else { throw failure("\(node.opType) has no input \(index)") }
    return value
  }

  func input(_ index: Int, rank: Int) throws -> ReferenceTensor {
    let value = try input(index)
    guard value.rank == rank else { throw failure("input \(index) is \(value.shape), not of rank \(rank)") }
    return value
  }

  func optional(_ index: Int) -> ReferenceTensor? { index < inputs.count ? inputs[index] : nil }

  // MARK: Attributes

  func attribute(_ name: String) -> Assay_Onnx_Attribute? { node.attribute.first { $0.name == name } }
  func integer(_ name: String, default value: Int) -> Int { attribute(name).map { Int($0.i) } ?? value }
  func integers(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map(Int.init) } }
  func number(_ name: String, default value: Double) -> Double { attribute(name).map { Double($0.f) } ?? value }
  func string(_ name: String, default value: String) -> String {
    attribute(name).map { String(decoding: $0.s, as: UTF8.self) } ?? value
  }

  /// What older operator sets give as an attribute and newer ones as an input.
  func integers(_ name: String, orInput index: Int) -> [Int]? { integers(name) ?? optional(index)?.integers }

  /// An axis counted from the front.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    guard -rank..<rank ~= axis else { throw failure("there is no axis \(axis) in rank \(rank)") }
    return axis < 0 ? axis + rank : axis
  }
}
