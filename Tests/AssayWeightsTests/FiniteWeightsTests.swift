import AssayGraph
import AssayWeights
import Foundation
import Testing

/// Weights that are no numbers are refused by the name of their tensor, whatever holds them.
@Suite struct FiniteWeightsTests {
  // MARK: State dicts

  private func safetensors(_ type: String, _ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count / (["F64": 8, "F32": 4][type] ?? 2)
    let header = """
      {"layer.weight":{"dtype":"\(type)","shape":[\(count)],"data_offsets":[0,\(bytes.count)]}}
      """
    return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + bytes
  }

  private func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  @Test func stateDicts() throws {
    // In half precision 0x7C00 is infinite and 0x7E00 is NaN; in bfloat16 0x7F80 and 0x7FC0. A double of 1e300 is beyond
    // 32-bit floats.
    let bad: [(String, [UInt8])] = [
      ("F32", bytes([Float(1), .nan])), ("F32", bytes([-Float.infinity, 1])), ("F64", bytes([1, Double.nan])),
      ("F64", bytes([1, 1e300])), ("F16", bytes([UInt16(0x3C00), 0x7C00])), ("F16", bytes([UInt16(0x7E00), 0])),
      ("BF16", bytes([UInt16(0x7F80), 0])), ("BF16", bytes([UInt16(0), 0xFFC0])),
    ]
    for (type, values) in bad {
      let error = #expect(throws: WeightsError.self) {
        try StateDict(bytes: safetensors(type, values), source: "w.safetensors")
      }
      let text = error?.description ?? ""
      #expect(text.contains("the tensor layer.weight of shape [2] holds ") && text.contains("save it again"), "\(text)")
    }
    let good = try StateDict(bytes: safetensors("F64", bytes([1e30, -1e-300])), source: "")
    #expect(good.tensors["layer.weight"]?.values == [1e30, 0])
  }

  @Test func checkpoints() throws {
    let bytes = legacyCheckpoint(
      {
        $0.op(0x7D, 0x28)
        $0.tensor("fine", shape: [2], strides: [1], offset: 0, count: 4)
        $0.tensor("odd", shape: [2], strides: [1], offset: 2, count: 4)
        $0.op(0x75, 0x2E)
      }, values: [0, 1, 2, .nan])
    let error = #expect(throws: WeightsError.self) { try StateDict(bytes: bytes, source: "w.pth") }
    #expect(error?.cause.contains("odd of shape [2] holds nan at its place 1") == true, "\(String(describing: error))")
  }

  // MARK: Graphs

  private func tensor(_ name: String, type: Int32, _ fill: (inout Assay_Onnx_Tensor) -> Void) -> Assay_Onnx_Tensor {
    var tensor = Assay_Onnx_Tensor()
    tensor.name = name
    tensor.dataType = type
    tensor.dims = [2]
    fill(&tensor)
    return tensor
  }

  /// Each type of floating-point number, as bytes and as a list.
  @Test func initialisers() {
    let bad = [
      tensor("w", type: 1) { $0.rawData = Data(bytes([Float(1), .nan])) },
      tensor("w", type: 1) { $0.floatData = [1, -.infinity] },
      tensor("w", type: 11) { $0.rawData = Data(bytes([1, Double.infinity])) },
      tensor("w", type: 11) { $0.rawData = Data(bytes([1, 1e300])) },
      tensor("w", type: 11) { $0.doubleData = [.nan, 1] },
      tensor("w", type: 11) { $0.doubleData = [1e300, 1] },
      tensor("w", type: 10) { $0.rawData = Data(bytes([UInt16(0x7C00), 0])) },
      tensor("w", type: 10) { $0.int32Data = [0x7E00, 0] },
      tensor("w", type: 16) { $0.rawData = Data(bytes([UInt16(0x7F80), 0])) },
      tensor("w", type: 16) { $0.int32Data = [0, 0xFFC0] },
    ]
    for tensor in bad {
      var model = Assay_Onnx_Model()
      model.graph.initializer = [tensor]
      model.graph.node = [node("Mul", ["x", "w"], "y")]
      expectRefused(model, "w")
    }
    // Whole numbers whose bits look like NaN are none.
    var model = Assay_Onnx_Model()
    model.graph.initializer = [tensor("w", type: 6) { $0.rawData = Data(bytes([Float.nan, .nan])) }]
    #expect(throws: Never.self) { try ONNXModel(proto: model).checkFiniteWeights(source: "") }
  }

  @Test func constantNodes() {
    var constant = node("Constant", [], "w")
    constant.attribute = [.init()]
    constant.attribute[0].name = "value"
    constant.attribute[0].t = tensor("", type: 1) { $0.floatData = [0, .nan] }
    var model = Assay_Onnx_Model()
    model.graph.node = [constant, node("Mul", ["x", "w"], "y")]
    expectRefused(model, "w")
    var number = Assay_Onnx_Attribute()
    number.name = "value_float"
    number.f = .infinity
    model.graph.node[0].attribute = [number]
    expectRefused(model, "w")
    number = .init()
    number.name = "value_floats"
    number.floats = [1, .nan]
    model.graph.node[0].attribute = [number]
    expectRefused(model, "w")
  }

  /// An infinite bound is none; NaN is no bound, and what is also calculated with is a weight.
  @Test(arguments: ["Clip", "Max", "Where"]) func bounds(_ operation: String) {
    var model = Assay_Onnx_Model()
    model.graph.initializer = [tensor("most", type: 1) { $0.floatData = [.infinity, -.infinity] }]
    model.graph.node = [node(operation, ["x", "", "most"], "y")]
    #expect(throws: Never.self) { try ONNXModel(proto: model).checkFiniteWeights(source: "") }
    // Under another name, too.
    model.graph.node = [node("Identity", ["most"], "other"), node(operation, ["x", "", "other"], "y")]
    #expect(throws: Never.self) { try ONNXModel(proto: model).checkFiniteWeights(source: "") }
    model.graph.node.append(node("Add", ["y", "other"], "z"))
    expectRefused(model, "most")
    model.graph.node = [node(operation, ["x", "", "most"], "y")]
    model.graph.initializer[0].floatData[0] = .nan
    expectRefused(model, "most")
  }

  /// A head of one class has one bias: a single number is not thereby a bound.
  @Test func aSingleWeight() {
    var model = Assay_Onnx_Model()
    var bias = tensor("head.bias", type: 1) { $0.floatData = [.infinity] }
    bias.dims = [1]
    model.graph.initializer = [bias]
    model.graph.node = [node("Add", ["x", "head.bias"], "y")]
    expectRefused(model, "head.bias")
  }

  private func node(_ operation: String, _ inputs: [String], _ output: String) -> Assay_Onnx_Node {
    var node = Assay_Onnx_Node()
    node.opType = operation
    node.input = inputs
    node.output = [output]
    return node
  }

  private func expectRefused(_ model: Assay_Onnx_Model, _ name: String, _ location: SourceLocation = #_sourceLocation) {
    let error = #expect(throws: ModelError.self, sourceLocation: location) {
      try ONNXModel(proto: model).checkFiniteWeights(source: "net.onnx")
    }
    #expect(
      error?.description.hasPrefix("net.onnx: its weights \(name) hold values that are not finite numbers;") == true,
      "\(String(describing: error))", sourceLocation: location)
  }
}
