import AssayGraph
import AssayWeights
import Foundation
import Testing

/// What would take time with the square of a file's size is bounded, and refused by what it is.
@Suite struct ReaderBoundsTests {
  private func chain(_ count: Int, _ operation: String) -> ONNXModel {
    var model = Assay_Onnx_Model()
    var port = Assay_Onnx_ValueInfo()
    port.name = "v0"
    model.graph.input = [port]
    model.graph.node = (0..<count).map { index in
      var node = Assay_Onnx_Node()
      node.opType = operation
      node.input = ["v\(index)"]
      node.output = ["v\(index + 1)"]
      return node
    }
    return ONNXModel(proto: model)
  }

  @Test func chainsOfNodes() {
    for (model, reason) in [
      (chain(20_000, "Relu"), "has 20000 nodes, more than 6000"),
      (chain(6001, "Softmax"), "has 6001 nodes, more than 6000"),
      (chain(201, "Relu"), "more than 200 operators on single elements follow one another, up to the node v201"),
    ] {
      let error = #expect(throws: ModelError.self) { try ONNXInspection.check(model, source: "net.onnx") }
      #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
    #expect(throws: Never.self) { try ONNXInspection.check(chain(200, "Relu"), source: "") }
    #expect(throws: Never.self) { try ONNXInspection.check(chain(6000, "Softmax"), source: "") }
  }

  @Test func nodesWithoutInputOrOutput() {
    for change in [{ $0.input = [] }, { $0.output = [] }, { $0.input = [""] }] as [(inout Assay_Onnx_Node) -> Void] {
      var model = chain(1, "Relu")
      change(&model.proto.graph.node[0])
      #expect(throws: ModelError.self) { try ONNXInspection.check(model, source: "") }
    }
  }

  @Test func manyTensors() {
    let entries = (0...100_000).map { "\"t\($0)\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}" }
    let header = "{" + entries.joined(separator: ",") + "}"
    let bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
    let error = #expect(throws: WeightsError.self) { try StateDict(bytes: bytes, source: "w.safetensors") }
    #expect(error?.cause.contains("more than 100000 tensors") == true, "\(String(describing: error))")
  }

  /// One name, or one shape, may serve every tensor of a pickle: it is not walked or hashed each time.
  @Test func longNamesAndShapes() {
    let long = String(repeating: "n", count: 3000)
    let named = legacyCheckpoint(
      {
        $0.op(0x7D, 0x28)
        $0.tensor(long, shape: [2], strides: [1], offset: 0, count: 4)
        $0.op(0x75, 0x2E)
      }, values: [0, 1, 2, 3])
    let error = #expect(throws: WeightsError.self) { try StateDict(bytes: named, source: "w.pth") }
    #expect(error?.cause.contains("in 3000 bytes") == true, "\(String(describing: error))")
    let shaped = legacyCheckpoint(
      {
        $0.op(0x7D, 0x28)
        $0.tensor(
          "w", shape: [UInt8](repeating: 1, count: 65), strides: [UInt8](repeating: 1, count: 65), offset: 0, count: 4)
        $0.op(0x75, 0x2E)
      }, values: [0, 1, 2, 3])
    #expect(throws: WeightsError.self) { try StateDict(bytes: shaped, source: "w.pth") }
  }

  /// A wrapper's prefix that is repeated is taken off a few times.
  @Test func repeatedPrefixes() throws {
    let name = String(repeating: "module.", count: 20) + "weight"
    let bytes = legacyCheckpoint(
      {
        $0.op(0x7D, 0x28)
        $0.tensor(name, shape: [2], strides: [1], offset: 0, count: 2)
        $0.op(0x75, 0x2E)
      }, values: [0, 1])
    let names = try StateDict(bytes: bytes, source: "").tensors.keys
    #expect(names.first == String(repeating: "module.", count: 12) + "weight")
  }
}
