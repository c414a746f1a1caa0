import AssayGraph

/// An ONNX graph that an engine has made ready for one static input shape.
///
/// A network may be shared by threads; each thread makes its own ``InferenceRequest``.
public final class Network: Sendable {
  private let loaded: any LoadedNetwork
  /// Name of what runs it.
  public let engine: String
  /// `[N, 3, H, W]`
  public let inputShape: [Int]
  public var outputs: [(name: String, shape: [Int])] { loaded.outputs }
  /// How many requests run at once in ``ExecutionMode/throughput``.
  public var parallelRequests: Int { loaded.parallelRequests }

  /// - Parameters:
  ///   - onnx: the model file's bytes.
  ///   - inputShape: the static shape to compile for.
  ///   - engines: what runs it.
  ///   - outputNames: of the model, where they are known already; nil to read them from the file.
  ///   - threads: CPU threads, all by default.
  public init(
    onnx: [UInt8], inputShape: [Int], mode: ExecutionMode, engines: Engines, outputNames: [String]? = nil,
    threads: Int = Machine.coreCount
  ) throws(RuntimeError) {
    let engine = try engines.engine()
    self.engine = engine.name
    self.inputShape = inputShape
    var names = outputNames ?? []
    if outputNames == nil { names = try Self.outputNames(onnx) }
    loaded = try engine.load(
      NetworkPlan(onnx: onnx, inputShape: inputShape, mode: mode, outputNames: names, threads: threads))
  }

  /// Shapes of a model's outputs for one input shape, without compiling it. Outputs whose shape is not static are left out.
  public static func shapes(
    onnx: [UInt8], inputShape: [Int], engines: Engines
  ) throws(RuntimeError) -> [String: [Int]] {
    try engines.engine().shapes(
      NetworkPlan(
        onnx: onnx, inputShape: inputShape, mode: .latency, outputNames: try outputNames(onnx),
        threads: Machine.coreCount))
  }

  private static func outputNames(_ onnx: [UInt8]) throws(RuntimeError) -> [String] {
    do throws(ModelError) {
      return try ONNXModel(bytes: onnx, source: "model").outputs.map(\.name)
    } catch {
      throw RuntimeError(operation: "read the model's outputs", cause: error.cause, remedy: error.remedy)
    }
  }

  public func makeRequest() throws(RuntimeError) -> InferenceRequest {
    InferenceRequest(try loaded.makeRun(), outputs: outputs)
  }

  /// Runs one input and copies all outputs: simple, for tests and single images.
  /// - Parameter input: values of shape ``inputShape``.
  public func run(_ input: [Float]) throws(RuntimeError) -> [String: Tensor] {
    let request = try makeRequest()
    let expected = inputShape.reduce(1, *)
    guard input.count == expected else {
      throw RuntimeError(
        operation: "run the network",
        cause: "\(input.count) values were given for shape \(inputShape) (\(expected) values)",
        remedy: "resize the image to the network's input")
    }
    request.withInput { buffer in _ = buffer.update(fromContentsOf: input) }
    try request.run()
    var result: [String: Tensor] = [:]
    for (name, shape) in outputs {
      result[name] = Tensor(shape: shape, values: try request.withOutput(name) { Array($0) })
    }
    return result
  }
}
