import AssayGraph
import CONNXRuntime

/// Microsoft's ONNX Runtime, by its C API, on the processor.
///
/// There is one environment a process; it lives until the process ends.
final class ONNXRuntimeEngine: InferenceEngine, @unchecked Sendable {
  // ONNX Runtime's documentation guarantees that an environment may be used from several threads.
  static let title = "ONNX Runtime"

  let name = "onnxruntime"
  let version: String
  let library: ONNXRuntimeLibrary
  private let environment: OpaquePointer
  private let allocator: OpaquePointer
  private let memory: OpaquePointer

  var title: String { Self.title }

  private static let instance: Result<ONNXRuntimeEngine, RuntimeError> = {
    do throws(RuntimeError) { return .success(try ONNXRuntimeEngine()) } catch { return .failure(error) }
  }()

  static func shared() throws(RuntimeError) -> ONNXRuntimeEngine { try instance.get() }

  private init() throws(RuntimeError) {
    library = try ONNXRuntimeLibrary()
    let calls = library.calls
    version = library.version
    environment = try library.made("start ONNX Runtime") { calls.CreateEnv(ASSAY_ORT_LOGGING_ERROR, "assay", $0) }
    // Some builds for other systems report usage to their makers.
    try library.check(calls.DisableTelemetryEvents(environment), "start ONNX Runtime")
    allocator = try library.made("start ONNX Runtime") { calls.GetAllocatorWithDefaultOptions($0) }
    memory = try library.made("start ONNX Runtime") {
      calls.CreateCpuMemoryInfo(ASSAY_ORT_DEVICE_ALLOCATOR, ASSAY_ORT_MEMORY_DEFAULT, $0)
    }
  }

  func load(_ plan: NetworkPlan) throws(RuntimeError) -> any LoadedNetwork {
    try ONNXRuntimeNetwork(try session(plan, isOptimized: true), library, memory: memory, plan)
  }

  func shapes(_ plan: NetworkPlan) throws(RuntimeError) -> [String: [Int]] {
    let session = try session(plan, isOptimized: false)
    let shapes = try session.outputs().filter { $0.shape.allSatisfy { $0 >= 0 } }
    return Dictionary(shapes.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
  }

  private func session(_ plan: NetworkPlan, isOptimized: Bool) throws(RuntimeError) -> ONNXRuntimeSession {
    let calls = library.calls
    let options = try library.made("set up the network") { calls.CreateSessionOptions($0) }
    defer { calls.ReleaseSessionOptions(options) }
    func set(_ status: OpaquePointer?) throws(RuntimeError) { try library.check(status, "set up the network") }
    try set(
      calls.SetSessionGraphOptimizationLevel(
        options, isOptimized ? ASSAY_ORT_OPTIMIZE_ALL : ASSAY_ORT_OPTIMIZE_NOTHING))
    // One request that has all threads, or one request for each thread, which then works alone.
    try set(calls.SetIntraOpNumThreads(options, plan.mode == .latency ? Int32(plan.threads) : 1))
    try set(calls.SetInterOpNumThreads(options, 1))
    // Between two images the threads sleep: decoding, resampling and other bundles need the processor too.
    try set(calls.AddSessionConfigEntry(options, "session.force_spinning_stop", "1"))
    // Memory of an image is given back after it. The arena would keep the most that was ever needed, doubled.
    try set(calls.DisableCpuMemArena(options))
    let model = try Self.model(plan)
    let operation = "load the network for \(plan.inputShape)"
    let session = try library.made(operation) { session in
      model.withUnsafeBytes { bytes in
        // An empty array has no address, and is no model.
        bytes.baseAddress.flatMap {
          calls.CreateSessionFromArray(environment, $0, bytes.count, options, session)
        }
      }
    }
    return ONNXRuntimeSession(session, library, allocator: allocator)
  }

  /// The model with its input's shape fixed, so that every other shape follows from it.
  private static func model(_ plan: NetworkPlan) throws(RuntimeError) -> [UInt8] {
    do throws(ModelError) {
      var model = try ONNXModel(bytes: plan.onnx, source: "model")
      guard model.inputs.count == 1, let name = model.inputs.first?.name,
        let place = model.proto.graph.input.firstIndex(where: { $0.name == name })
      else {
        throw ModelError(
          file: "model", cause: "it has \(model.inputs.count) inputs, expected 1",
          remedy: "export it with the image as its only input")
      }
      let isIncomplete = model.nameMissingOutputs()
      let isAsItShouldBe = model.inputs[0].shape == plan.inputShape && model.proto.graph.valueInfo.isEmpty
      guard isIncomplete || !isAsItShouldBe else { return plan.onnx }
      model.fixInput(place, plan.inputShape)
      return try model.serialized()
    } catch {
      throw RuntimeError(operation: "read the model", cause: error.cause, remedy: error.remedy)
    }
  }
}

extension ONNXModel {
  /// Shapes that were declared for other values are forgotten: they were for another input, or are wrong, and all follow from
  /// the input's.
  fileprivate mutating func fixInput(_ place: Int, _ shape: [Int]) {
    proto.graph.input[place].type.tensorType.shape.dim = shape.map { side in
      var dimension = Assay_Onnx_Dimension()
      dimension.dimValue = Int64(side)
      return dimension
    }
    for place in proto.graph.output.indices { proto.graph.output[place].type.tensorType.clearShape() }
    proto.graph.valueInfo = []
  }
}
