import AssayGraph
import AssayRuntime
import Foundation
import Testing

/// A published graph of any operator set against ONNX Runtime, which reads it as it is:
///
///     python3 Tests/AssayRuntimeTests/Fixtures/graph_reference.py yolox_nano.onnx reference
///     ASSAY_GRAPH=yolox_nano.onnx ASSAY_GRAPH_REFERENCE=reference make test FILTER=PublishedGraphTests
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ASSAY_GRAPH_REFERENCE"] != nil)) struct PublishedGraphTests {
  private static func floats(_ path: String) throws -> [Float] {
    try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes(FloatBytes.decode)
  }

  @Test func agreesWithONNXRuntime() throws {
    let environment = ProcessInfo.processInfo.environment
    let graph = try #require(environment["ASSAY_GRAPH"])
    let folder = try #require(environment["ASSAY_GRAPH_REFERENCE"])
    let model = try ONNXModel(bytes: [UInt8](Data(contentsOf: URL(fileURLWithPath: graph))), source: graph)
    try ONNXInspection.check(model, source: graph)
    let upgraded = try model.upgraded(source: graph)
    let shape = try #require(model.inputs.first).shape.enumerated().map { $1 < 0 ? [1, 3, 224, 224][$0] : $1 }
    let network = try Network(onnx: upgraded.serialized(), inputShape: shape, mode: .latency, engines: .automatic)
    let outputs = try network.run(Self.floats(folder + "/input.bin"))
    for (index, port) in model.outputs.enumerated() {
      let wanted = try Self.floats("\(folder)/output\(index).bin")
      let own = try #require(outputs[port.name]).values
      #expect(own.count == wanted.count)
      let largest = wanted.reduce(0) { max($0, abs($1)) }
      let difference = zip(own, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
      print("\(port.name): difference \(difference / largest) of the largest value")
      #expect(difference <= 1e-4 * largest)
    }
  }
}
