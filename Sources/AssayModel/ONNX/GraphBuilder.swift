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

/// Writes ONNX graphs (opset 17), tracking shapes so that a mistake shows when the graph is built.
public struct GraphBuilder {
  private var graph = Assay_Onnx_Graph()
  private var used: Set<String> = []

  public init(name: String) {
    graph.name = name
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

  private static func port(_ name: String, _ shape: [Int]) -> Assay_Onnx_ValueInfo {
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

  /// Adds a node with one output.
  /// - Parameter shape: of the output, without `N`.
  @discardableResult
  public mutating func node(
    _ operation: String, _ inputs: [String], name: String, shape: [Int], _ attributes: [Assay_Onnx_Attribute] = []
  ) -> GraphValue {
    precondition(used.insert(name).inserted, "two values are called \(name)")
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.name = name
    node.input = inputs
    node.output = [name]
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
    tensor.rawData = values.withUnsafeBytes { .init($0) }
    graph.initializer.append(tensor)
    return name
  }

  /// Adds an integer constant (shapes, axes).
  public mutating func integers(_ values: [Int], name: String) -> String {
    precondition(used.insert(name).inserted, "two values are called \(name)")
    var tensor = Assay_Onnx_Tensor()
    tensor.name = name
    tensor.dataType = 7
    tensor.dims = [Int64(values.count)]
    tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { .init($0) }
    graph.initializer.append(tensor)
    return name
  }

  /// The finished model.
  public func model(metadata: [(String, String)] = []) -> ONNXModel {
    var model = Assay_Onnx_Model()
    model.irVersion = 8
    model.producerName = "Assay"
    var operators = Assay_Onnx_OperatorSet()
    operators.domain = ""
    operators.version = 17
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
  static func ints(_ name: String, _ values: [Int]) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .ints
    attribute.ints = values.map(Int64.init)
    return attribute
  }

  static func int(_ name: String, _ value: Int) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .int
    attribute.i = Int64(value)
    return attribute
  }

  static func string(_ name: String, _ value: String) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .string
    attribute.s = .init(value.utf8)
    return attribute
  }
}
