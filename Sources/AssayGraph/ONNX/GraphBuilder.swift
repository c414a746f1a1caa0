import Foundation

/// A value that flows through a graph under construction.
public struct GraphValue: Sendable, Hashable {
  /// The tensor's name in the ONNX file.
  public let name: String
  /// `[C, H, W]` of an `[N, C, H, W]` map, or `[D]` of an `[N, D]` vector.
  public let shape: [Int]

  public var channels: Int { shape.first ?? 0 }
  public var height: Int { shape.count == 3 ? shape[1] : 1 }
  public var width: Int { shape.count == 3 ? shape[2] : 1 }
}

/// Writes ONNX graphs, tracking shapes so that a mistake shows when the graph is built.
public struct GraphBuilder {
  /// Versions of the operator set in which everything written here means the same.
  public static let opsets = 13...17

  private var graph = Assay_Onnx_Graph()
  private var used: Set<String> = []
  private let opset: Int
  /// False to write a graph of which only names and shapes matter: constants are then left empty.
  package var keepsValues = true

  /// - Parameter opset: that of a graph to be embedded, in ``opsets``.
  public init(name: String, opset: Int = 17) {
    precondition(Self.opsets.contains(opset), "opset \(opset)")
    graph.name = name
    self.opset = opset
  }

  /// Goes on with a model behind one of its values; what does not lead to it is left out.
  package init(continuing model: ONNXModel, after name: String) throws(ModelError) {
    let source = model.proto.graph
    let needed = try ONNXSubgraph(source, leadingTo: [name])
    graph.name = source.name
    graph.input = source.input
    graph.node = needed.nodes
    graph.initializer = needed.initializers
    opset = model.opset
    used = Set(needed.nodes.flatMap(\.output) + needed.initializers.map(\.name) + source.input.map(\.name))
  }

  // MARK: Ports

  /// Declares a float input `[N, C, H, W]` with symbolic `N`.
  public mutating func input(_ name: String, shape: [Int]) -> GraphValue {
    graph.input.append(Self.port(name, shape))
    used.insert(name)
    return GraphValue(name: name, shape: shape)
  }

  /// Gives a value its public name and declares it an output.
  public mutating func output(_ value: GraphValue, as name: String) {
    _ = node("Identity", [value.name], name: name, shape: value.shape)
    graph.output.append(Self.port(name, value.shape))
  }

  /// Declares a value an output under the name it has.
  public mutating func declareOutput(_ value: GraphValue) {
    graph.output.append(Self.port(value.name, value.shape))
  }

  /// - Parameter shape: without `N`.
  package static func port(_ name: String, _ shape: [Int]) -> Assay_Onnx_ValueInfo {
    var info = Assay_Onnx_ValueInfo()
    info.name = name
    info.type.tensorType.elemType = 1
    var batch = Assay_Onnx_Dimension()
    batch.dimParam = "N"
    info.type.tensorType.shape.dim = [batch]
    for extent in shape {
      var dimension = Assay_Onnx_Dimension()
      dimension.dimValue = Int64(extent)
      info.type.tensorType.shape.dim.append(dimension)
    }
    return info
  }

  // MARK: Nodes

  /// Adds a node of which one output is used.
  /// - Parameters:
  ///   - others: names of outputs that the standard asks for besides.
  ///   - shape: of the output that is used, without `N`.
  @discardableResult
  public mutating func node(
    _ operation: String, _ inputs: [String], name: String, others: [String] = [], shape: [Int],
    _ attributes: [Assay_Onnx_Attribute] = []
  ) -> GraphValue {
    for output in [name] + others { precondition(used.insert(output).inserted, "two values are called \(output)") }
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.name = name
    node.input = inputs
    node.output = [name] + others
    node.attribute = attributes
    graph.node.append(node)
    return GraphValue(name: name, shape: shape)
  }

  /// Adds a float constant.
  public mutating func constant(_ values: [Float], shape: [Int], name: String) -> String {
    precondition(values.count == shape.reduce(1, *), "\(name): \(values.count) values for shape \(shape)")
    precondition(used.insert(name).inserted, "two values are called \(name)")
    var tensor = Assay_Onnx_Tensor()
    tensor.name = name
    tensor.dataType = 1
    tensor.dims = shape.map(Int64.init)
    if keepsValues { tensor.rawData = values.withUnsafeBytes { .init($0) } }
    graph.initializer.append(tensor)
    return name
  }

  /// Adds an integer constant (shapes, axes).
  /// - Parameter shape: nil for a vector.
  public mutating func integers(_ values: [Int], shape: [Int]? = nil, name: String) -> String {
    precondition(used.insert(name).inserted, "two values are called \(name)")
    var tensor = Assay_Onnx_Tensor()
    tensor.name = name
    tensor.dataType = 7
    tensor.dims = (shape ?? [values.count]).map(Int64.init)
    tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { .init($0) }
    graph.initializer.append(tensor)
    return name
  }

  /// Copies the part of another graph that leads from its input to the values wanted.
  /// - Parameters:
  ///   - model: of the same opset.
  ///   - input: takes the place of the graph's input `inputName`.
  ///   - prefix: put before every name, so that names do not clash.
  ///   - outputs: names in the other graph and their shapes.
  package mutating func embed(
    _ model: ONNXModel, inputName: String, input: GraphValue, prefix: String, outputs: [(name: String, shape: [Int])]
  ) throws(ModelError) -> [GraphValue] {
    precondition(model.opset == opset, "a graph of opset \(model.opset) in one of opset \(opset)")
    let needed = try ONNXSubgraph(model.proto.graph, leadingTo: outputs.map(\.name))
    func renamed(_ name: String) -> String {
      name.isEmpty ? "" : name == inputName ? input.name : prefix + name
    }
    for var tensor in needed.initializers {
      tensor.name = renamed(tensor.name)
      precondition(used.insert(tensor.name).inserted, "two values are called \(tensor.name)")
      graph.initializer.append(tensor)
    }
    for var node in needed.nodes {
      node.input = node.input.map(renamed)
      node.output = node.output.map(renamed)
      node.name = renamed(node.name)
      used.formUnion(node.output)
      graph.node.append(node)
    }
    return outputs.map { GraphValue(name: renamed($0.name), shape: $0.shape) }
  }

  /// The finished model.
  public func model(metadata: [(String, String)] = []) -> ONNXModel {
    var model = Assay_Onnx_Model()
    model.irVersion = 8
    model.producerName = "Assay"
    var operators = Assay_Onnx_OperatorSet()
    operators.domain = ""
    operators.version = Int64(opset)
    model.opsetImport = [operators]
    model.graph = graph
    model.metadataProps = metadata.map { key, value in
      var pair = Assay_Onnx_StringPair()
      pair.key = key
      pair.value = value
      return pair
    }
    return ONNXModel(proto: model)
  }
}

extension Assay_Onnx_Attribute {
  package static func ints(_ name: String, _ values: [Int]) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .ints
    attribute.ints = values.map(Int64.init)
    return attribute
  }

  package static func int(_ name: String, _ value: Int) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .int
    attribute.i = Int64(value)
    return attribute
  }

  package static func string(_ name: String, _ value: String) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .string
    attribute.s = .init(value.utf8)
    return attribute
  }
}
