import AssayWeights
import Foundation

/// Writes the nodes of a graph anew, in the version of the standard operator set that this program works with.
///
/// What changed between the versions is in ONNX's `Changelog.md`; each family of operators has a file. An operator that means
/// the same in all of them passes as it is.
package struct OperatorSetUpgrade {
  /// That of the graph as it was.
  package let version: Int
  package let source: String
  package private(set) var ranks: ValueRanks
  private let original: Assay_Onnx_Graph
  private var nodes: [Assay_Onnx_Node] = []
  private var initializers: [Assay_Onnx_Tensor]
  private var names: Set<String>
  private var constants: [String: ConstantTensor] = [:]
  /// Values that nodes or the graph's outputs use.
  private let used: Set<String>
  /// Whether all floating-point numbers of the graph have 32 bits.
  package let isSinglePrecision: Bool

  package init(_ graph: Assay_Onnx_Graph, from version: Int, source: String) {
    self.version = version
    self.source = source
    original = graph
    ranks = ValueRanks(graph)
    initializers = graph.initializer
    names = Set(graph.input.map(\.name) + graph.initializer.map(\.name) + graph.node.flatMap(\.output))
    used = Set(graph.output.map(\.name) + graph.node.flatMap(\.input))
    let types =
      graph.initializer.map(\.dataType) + graph.input.map(\.type.tensorType.elemType)
      + graph.node.flatMap { $0.attribute.map { $0.name == "to" ? Int32(truncatingIfNeeded: $0.i) : $0.t.dataType } }
    isSinglePrecision = !types.contains { [10, 11, 16].contains($0) }
    for tensor in graph.initializer { constants[tensor.name] = ConstantTensor(tensor) }
    for node in graph.node where node.opType == "Constant" {
      guard let output = node.output.first, let attribute = node.attribute.first else { continue }
      constants[output] = ConstantTensor(constant: attribute)
    }
  }

  package mutating func graph() throws(ModelError) -> Assay_Onnx_Graph {
    for node in original.node { try rewrite(node) }
    var result = original
    result.node = nodes
    result.initializer = initializers
    return result
  }

  private mutating func rewrite(_ node: Assay_Onnx_Node) throws(ModelError) {
    var node = node
    // The standard's other name.
    if !node.domain.isEmpty { node.clearDomain() }
    switch node.opType {
    case "Softmax", "LogSoftmax", "Hardmax": try rewriteSoftmax(node)
    case "Clip": try rewriteClip(node)
    case "Dropout": try rewriteDropout(node)
    case "BatchNormalization": try rewriteBatchNormalization(node)
    case "TopK": try rewriteTopK(node)
    case "Cast", "CastLike", "QuantizeLinear", "DequantizeLinear", "QLinearMatMul": try rewriteConversion(node)
    case "ScatterElements", "ScatterND": try rewriteScatter(node)
    case "Gelu": try rewriteGelu(node)
    case "Mish": try rewriteMish(node)
    case "GroupNormalization": try rewriteGroupNormalization(node)
    case "Squeeze", "Unsqueeze", "ReduceSum": try rewriteAxesAsInput(node)
    case "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
      "ReduceProd", "ReduceSumSquare":
      try rewriteReduction(node)
    case "Split": try rewriteSplit(node)
    case "Slice": try rewriteSlice(node)
    case "Pad": try rewritePad(node)
    case "Upsample": try rewriteUpsample(node)
    case "Resize": try rewriteResize(node)
    case "GridSample": try rewriteGridSample(node)
    case "AveragePool", "LpPool": try rewritePooling(node)
    case "ConvTranspose": try rewriteTransposedConvolution(node)
    default: append(node)
    }
  }

  // MARK: What the rules need

  package mutating func append(_ node: Assay_Onnx_Node) {
    ranks.note(node, constants: constants)
    nodes.append(node)
  }

  /// A node with one output, under a name of its own.
  package mutating func append(
    _ operation: String, _ inputs: [String], behind name: String, _ attributes: [Assay_Onnx_Attribute] = []
  ) -> String {
    let output = unused(name)
    append(operation, inputs, as: output, attributes)
    return output
  }

  package mutating func append(
    _ operation: String, _ inputs: [String], as output: String, _ attributes: [Assay_Onnx_Attribute] = []
  ) {
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.name = output
    node.input = inputs
    node.output = [output]
    node.attribute = attributes
    append(node)
  }

  package func constant(_ name: String) -> ConstantTensor? { constants[name] }

  package func isUsed(_ name: String) -> Bool { !name.isEmpty && used.contains(name) }

  /// A constant vector of whole numbers.
  package mutating func integers(_ values: [Int], for node: Assay_Onnx_Node, _ what: String) -> String {
    var tensor = Assay_Onnx_Tensor()
    tensor.dataType = 7
    tensor.dims = [Int64(values.count)]
    tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { .init($0) }
    return add(tensor, for: node, what)
  }

  /// A constant of 32-bit floats.
  /// - Parameter shape: nil for a vector.
  package mutating func floats(_ values: [Float], shape: [Int]? = nil, for node: Assay_Onnx_Node, _ what: String)
    -> String
  {
    var tensor = Assay_Onnx_Tensor()
    tensor.dataType = 1
    tensor.dims = (shape ?? [values.count]).map(Int64.init)
    tensor.rawData = values.map(\.bitPattern.littleEndian).withUnsafeBytes { .init($0) }
    return add(tensor, for: node, what)
  }

  /// A number of the type that another value has.
  package mutating func number(_ value: Float, like other: String, for node: Assay_Onnx_Node, _ what: String) -> String
  {
    let name = floats([value], shape: [], for: node, what)
    return isSinglePrecision ? name : append("CastLike", [name, other], behind: name + ".cast")
  }

  private mutating func add(_ tensor: Assay_Onnx_Tensor, for node: Assay_Onnx_Node, _ what: String) -> String {
    var tensor = tensor
    tensor.name = unused("\(node.output.first ?? node.name).\(what)")
    initializers.append(tensor)
    constants[tensor.name] = ConstantTensor(tensor)
    ranks.note(tensor)
    return tensor.name
  }

  private mutating func unused(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !names.insert(candidate).inserted {
      candidate = "\(name).\(number)"
      number += 1
    }
    return candidate
  }

  package func refused(_ node: Assay_Onnx_Node, _ what: String, remedy: String? = nil) -> ModelError {
    let name = (node.name.isEmpty ? node.output.first ?? "" : node.name).readable()
    let target = GraphBuilder.opsets.upperBound
    return ModelError(
      file: source,
      cause: "\(node.opType) of operator set \(version), the node \(name), has \(what), which is not read",
      remedy: remedy ?? "export it again with operator set \(target)")
  }
}
