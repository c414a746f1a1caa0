import AssayGraph
import Foundation

/// Writes the nodes of a ``GraphSketch``; values are known by their names.
struct GraphPen {
  private(set) var graph = Assay_Onnx_Graph()
  private(set) var parameters: [String] = []
  private(set) var masks: [String: [Double]] = [:]
  private var random: SketchRandom
  private let prefix: String

  /// - Parameter prefix: of every name that is written.
  init(seed: UInt64, prefix: String = "") {
    random = SketchRandom(seed: seed)
    self.prefix = prefix
  }

  // MARK: Nodes

  /// Adds a node with one output, named after the operator.
  mutating func node(_ operation: String, _ inputs: [String], _ attributes: Assay_Onnx_Attribute...) -> String {
    write(operation, inputs, outputs: 1, attributes)[0]
  }

  /// Adds a node with several outputs.
  mutating func node(
    _ operation: String, _ inputs: [String], outputs: Int, _ attributes: Assay_Onnx_Attribute...
  ) -> [String] {
    write(operation, inputs, outputs: outputs, attributes)
  }

  private mutating func write(
    _ operation: String, _ inputs: [String], outputs: Int, _ attributes: [Assay_Onnx_Attribute]
  ) -> [String] {
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.name = prefix + "\(operation)_\(graph.node.count)"
    node.input = inputs
    node.output = outputs == 1 ? [node.name] : (0..<outputs).map { "\(node.name).\($0)" }
    node.attribute = attributes
    graph.node.append(node)
    return node.output
  }

  // MARK: Initializers

  /// Adds random numbers that training would change.
  mutating func parameter(_ name: String, _ shape: [Int], in range: ClosedRange<Float> = -1...1) -> String {
    let parameter = fixed(name, shape, in: range)
    parameters.append(parameter)
    return parameter
  }

  /// Adds random weights that keep the size of what they are applied to.
  /// - Parameter inputs: how many products are summed.
  mutating func weights(_ shape: [Int], inputs: Int) -> String {
    let bound = (3 / Float(inputs)).squareRoot()
    return parameter("weight", shape, in: -bound...bound)
  }

  /// Adds random numbers that training would leave alone.
  mutating func fixed(_ name: String, _ shape: [Int], in range: ClosedRange<Float> = -1...1) -> String {
    constant(name, random.values(shape.reduce(1, *), in: range), shape: shape)
  }

  mutating func constant(_ name: String, _ values: [Float], shape: [Int] = []) -> String {
    add(name, type: 1, shape: shape, data: values.withUnsafeBytes { .init($0) })
  }

  /// Adds whole numbers: shapes, axes, indices.
  /// - Parameter shape: nil for a vector.
  mutating func integers(_ name: String, _ values: [Int], shape: [Int]? = nil) -> String {
    add(name, type: 7, shape: shape ?? [values.count], data: values.map { Int64($0) }.withUnsafeBytes { .init($0) })
  }

  private mutating func add(_ name: String, type: Int32, shape: [Int], data: Data) -> String {
    var tensor = Assay_Onnx_Tensor()
    tensor.name = prefix + "\(name)_\(graph.initializer.count)"
    tensor.dataType = type
    tensor.dims = shape.map(Int64.init)
    tensor.rawData = data
    graph.initializer.append(tensor)
    return tensor.name
  }

  // MARK: Layers

  /// Gives a Dropout node's output a random mask of 0 and 1 / (1 - ratio).
  mutating func mask(_ name: String, count: Int, ratio: Double) {
    masks[name] = random.values(count, in: 0...1).map { Double($0) < ratio ? 0 : 1 / (1 - ratio) }
  }

  /// `[..., inputs]` to `[..., outputs]`, as PyTorch exports a linear layer on sequences.
  mutating func linear(_ x: String, inputs: Int, outputs: Int) -> String {
    let weight = weights([inputs, outputs], inputs: inputs)
    let bias = parameter("bias", [outputs])
    let product = node("MatMul", [x, weight])
    return node("Add", [bias, product])
  }

  /// - Parameter pads: [top, left, bottom, right].
  mutating func convolution(
    _ x: String, inputs: Int, outputs: Int, kernel: [Int], strides: [Int] = [1, 1], pads: [Int] = [0, 0, 0, 0],
    dilations: [Int] = [1, 1], group: Int = 1, bias: Bool = true
  ) -> String {
    let weight = weights([outputs, inputs / group] + kernel, inputs: inputs / group * kernel[0] * kernel[1])
    let biases = bias ? [parameter("bias", [outputs])] : []
    return node(
      "Conv", [x, weight] + biases, .integers("kernel_shape", kernel), .integers("strides", strides),
      .integers("pads", pads), .integers("dilations", dilations), .integer("group", group))
  }
}

extension Assay_Onnx_Attribute {
  static func integers(_ name: String, _ values: [Int]) -> Self {
    make(name, .ints) { $0.ints = values.map(Int64.init) }
  }
  static func integer(_ name: String, _ value: Int) -> Self { make(name, .int) { $0.i = Int64(value) } }
  static func number(_ name: String, _ value: Float) -> Self { make(name, .float) { $0.f = value } }
  static func text(_ name: String, _ value: String) -> Self { make(name, .string) { $0.s = Data(value.utf8) } }

  private static func make(_ name: String, _ kind: Kind, _ fill: (inout Self) -> Void) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = kind
    fill(&attribute)
    return attribute
  }
}
