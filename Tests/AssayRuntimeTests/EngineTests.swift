import AssayGraph
import AssayImage
import AssayRuntime
import Foundation
import Synchronization
import Testing

/// Answers the mean of its input in every output, and says what it likes of itself.
private struct MeanEngine: InferenceEngine {
  let name: String
  let version: String
  let title = "Mean"
  let loads: LoadCount

  final class LoadCount: Sendable {
    let value = Atomic<Int>(0)
  }

  func load(_ plan: NetworkPlan) throws(RuntimeError) -> any LoadedNetwork {
    loads.value.wrappingAdd(1, ordering: .relaxed)
    return MeanNetwork(
      inputCount: plan.inputShape.reduce(1, *), outputs: plan.outputNames.map { (name: $0, shape: [1, 3]) })
  }

  func shapes(_ plan: NetworkPlan) throws(RuntimeError) -> [String: [Int]] {
    Dictionary(uniqueKeysWithValues: plan.outputNames.map { ($0, [1, 3]) })
  }
}

private struct MeanNetwork: LoadedNetwork {
  let inputCount: Int
  let outputs: [(name: String, shape: [Int])]
  let parallelRequests = 1

  func makeRun() throws(RuntimeError) -> any NetworkRun { MeanRun(inputCount: inputCount, outputCount: outputs.count) }
}

private final class MeanRun: NetworkRun {
  let input: UnsafeMutableBufferPointer<Float>
  private let values: [UnsafeMutableBufferPointer<Float>]
  var outputs: [UnsafeBufferPointer<Float>] { values.map { UnsafeBufferPointer($0) } }

  init(inputCount: Int, outputCount: Int) {
    input = .allocate(capacity: inputCount)
    input.initialize(repeating: 0)
    values = (0..<outputCount).map { _ in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 3)
      buffer.initialize(repeating: 0)
      return buffer
    }
  }

  deinit {
    input.deallocate()
    for buffer in values { buffer.deallocate() }
  }

  func run() throws(RuntimeError) {
    let mean = input.reduce(0, +) / Float(input.count)
    for buffer in values { buffer.update(repeating: mean) }
  }
}

@Suite struct EngineTests {
  private static let graph: [UInt8] = {
    var builder = GraphBuilder(name: "mean")
    let image = builder.input("image", shape: [3, 32, 32])
    let mean = builder.node("GlobalAveragePool", [image.name], name: "mean", shape: [3, 1, 1])
    builder.output(builder.node("Flatten", [mean.name], name: "flat", shape: [3]), as: "features")
    return (try? builder.model().serialized()) ?? []
  }()

  /// An engine of one's own runs whatever the others run, and its features are kept apart from theirs.
  @Test func featuresOfEnginesAreKeptApart() throws {
    let folder = NSTemporaryDirectory() + "engines-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let picture = "\(folder)/a.pgm"
    try Data(Array("P5\n32 32\n255\n".utf8) + [UInt8](repeating: 255, count: 1024)).write(
      to: URL(fileURLWithPath: picture))
    // What was written just now might change within the clock's tick, and is read again.
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: picture)
    func features(_ engines: Engines) throws -> FeatureSet {
      try FeatureExtractor(
        onnx: Self.graph, dimension: 3, preprocessing: Preprocessing(width: 32, height: 32),
        cache: FeatureCache(folder: folder + "/cache"), engines: engines
      ).features(of: [picture])
    }
    let loads = MeanEngine.LoadCount()
    let first = Engines(MeanEngine(name: "mean", version: "1", loads: loads))
    #expect(try features(first).computedCount == 1)
    #expect(try features(first).computedCount == 0)
    // Another version, another name, another engine: all are computed anew, and none forgets the others.
    #expect(try features(Engines(MeanEngine(name: "mean", version: "2", loads: loads))).computedCount == 1)
    #expect(try features(Engines(MeanEngine(name: "other", version: "1", loads: loads))).computedCount == 1)
    for kind in EngineKind.allCases {
      let found = try features(Engines(kind))
      #expect(found.computedCount == 1 && Array(found.values) == [1, 1, 1])
    }
    #expect(try features(first).computedCount == 0)
    #expect(loads.value.load(ordering: .relaxed) == 3)
  }

  @Test(arguments: EngineKind.allCases, [ExecutionMode.latency, .throughput])
  func batchesAndShapes(_ kind: EngineKind, _ mode: ExecutionMode) throws {
    let engine = try kind.opened()
    #expect(engine.name == kind.rawValue && engine.title == kind.title && !engine.version.isEmpty)
    #expect(try engine.description().hasPrefix(engine.version))
    let network = try Network(
      onnx: Self.graph, inputShape: [4, 3, 8, 8], mode: mode, engines: Engines(kind), threads: 2)
    #expect(network.parallelRequests == (mode == .latency ? 1 : 2))
    #expect(network.outputs.map(\.name) == ["features"] && network.outputs[0].shape == [4, 3])
    #expect(
      try Network.shapes(onnx: Self.graph, inputShape: [4, 3, 8, 8], engines: Engines(kind)) == ["features": [4, 3]])
    let input = (0..<4 * 3 * 64).map { Float($0 / 64) }
    #expect(try network.run(input)["features"]?.values == (0..<12).map { Float($0) })
    // Requests have memory of their own.
    let (one, other) = (try network.makeRequest(), try network.makeRequest())
    one.withInput { $0.update(repeating: 1) }
    other.withInput { $0.update(repeating: 2) }
    try one.run()
    try other.run()
    #expect(try one.withOutput("features") { $0.allSatisfy { $0 == 1 } })
    #expect(try other.withOutput("features") { $0.allSatisfy { $0 == 2 } })
  }

  /// What an engine does not know is an error in its words, and says what helps.
  @Test(arguments: EngineKind.allCases) func anUnknownOperatorIsNamed(_ kind: EngineKind) throws {
    var builder = GraphBuilder(name: "odd")
    let image = builder.input("image", shape: [3, 8, 8])
    builder.output(builder.node("Moebius", [image.name], name: "strip", shape: image.shape), as: "y")
    let onnx = try builder.model().serialized()
    let error = #expect(throws: RuntimeError.self) {
      try Network(onnx: onnx, inputShape: [1, 3, 8, 8], mode: .latency, engines: Engines(kind))
    }
    let text = error?.description ?? ""
    #expect(text.contains("Moebius") && text.contains(kind.title) && text.contains("--engine"), "\(text)")
  }

  @Test(arguments: EngineKind.allCases) func whatIsNoModelIsAnError(_ kind: EngineKind) {
    for bytes in [[], Array("no model".utf8), Array(Self.graph.dropLast(20))] {
      #expect(throws: RuntimeError.self) {
        try Network(
          onnx: bytes, inputShape: [1, 3, 8, 8], mode: .latency, engines: Engines(kind), outputNames: ["features"])
      }
    }
  }
}
