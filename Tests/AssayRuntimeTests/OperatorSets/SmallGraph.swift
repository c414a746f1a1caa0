import AssayGraph
import AssayRuntime
import Foundation
import Testing

/// A graph of a few nodes, from `x` to `y`, in any version of ONNX's operator set.
struct SmallGraph {
  /// What an attribute holds.
  enum Attribute {
    case int(Int64)
    case ints([Int64])
    case float(Float)
    case floats([Float])
    case text(String)
  }

  var proto = Assay_Onnx_Model()

  /// - Parameter shape: of `x`.
  init(_ opset: Int, _ shape: [Int]) {
    var operators = Assay_Onnx_OperatorSet()
    operators.version = Int64(opset)
    proto.opsetImport = [operators]
    proto.irVersion = 8
    proto.graph.name = "small"
    proto.graph.input = [Self.port("x", shape)]
    proto.graph.output = [Self.port("y", nil)]
  }

  /// A graph of one node between `x` and `y`.
  init(
    _ opset: Int, _ shape: [Int], _ operation: String, _ inputs: [String] = ["x"], outputs: [String] = ["y"],
    with attributes: [String: Attribute] = [:], floats: [String: [Float]] = [:], integers: [String: [Int64]] = [:]
  ) {
    self.init(opset, shape)
    for (name, values) in floats.sorted(by: { $0.key < $1.key }) { constant(name, values) }
    for (name, values) in integers.sorted(by: { $0.key < $1.key }) { constant(name, values) }
    node(operation, inputs, outputs, with: attributes)
  }

  mutating func constant(_ name: String, _ values: [Float], shape: [Int64]? = nil) {
    var tensor = Assay_Onnx_Tensor()
    tensor.name = name
    tensor.dataType = 1
    // A single number is a scalar.
    tensor.dims = shape ?? (values.count == 1 ? [] : [Int64(values.count)])
    tensor.floatData = values
    proto.graph.initializer.append(tensor)
  }

  mutating func constant(_ name: String, _ values: [Int64]) {
    var tensor = Assay_Onnx_Tensor()
    tensor.name = name
    tensor.dataType = 7
    tensor.dims = [Int64(values.count)]
    tensor.int64Data = values
    proto.graph.initializer.append(tensor)
  }

  mutating func node(
    _ operation: String, _ inputs: [String], _ outputs: [String], with attributes: [String: Attribute] = [:]
  ) {
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.input = inputs
    node.output = outputs
    node.attribute = attributes.sorted { $0.key < $1.key }.map { name, value in
      var attribute = Assay_Onnx_Attribute()
      attribute.name = name
      switch value {
      case .int(let value):
        attribute.type = .int
        attribute.i = value
      case .ints(let values):
        attribute.type = .ints
        attribute.ints = values
      case .float(let value):
        attribute.type = .float
        attribute.f = value
      case .floats(let values):
        attribute.type = .floats
        attribute.floats = values
      case .text(let text):
        attribute.type = .string
        attribute.s = Data(text.utf8)
      }
      return attribute
    }
    proto.graph.node.append(node)
  }

  var model: ONNXModel { ONNXModel(proto: proto) }

  /// `y` as the reader and an engine give it: the same in each.
  func run(_ values: [Float]) throws -> Tensor? {
    let shape = model.inputs[0].shape
    try ONNXInspection.check(model, source: "small.onnx")
    let onnx = try model.upgraded(source: "small.onnx").serialized()
    let found = try EngineKind.allCases.map {
      try Network(onnx: onnx, inputShape: shape, mode: .latency, engines: Engines($0)).run(values)["y"]
    }
    for other in found.dropFirst() {
      #expect(other?.shape == found[0]?.shape)
      for (own, value) in zip(found[0]?.values ?? [], other?.values ?? []) {
        #expect(abs(own - value) <= 1e-5 * max(1, abs(own)))
      }
    }
    return found[0]
  }

  private static func port(_ name: String, _ shape: [Int]?) -> Assay_Onnx_ValueInfo {
    var info = Assay_Onnx_ValueInfo()
    info.name = name
    info.type.tensorType.elemType = 1
    for extent in shape ?? [] {
      var dimension = Assay_Onnx_Dimension()
      dimension.dimValue = Int64(extent)
      info.type.tensorType.shape.dim.append(dimension)
    }
    return info
  }
}
