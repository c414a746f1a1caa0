import AssayGraph
import COpenVINO

/// A tensor copied out of a network.
public struct Tensor: Sendable, Equatable {
  public let shape: [Int]
  public let values: [Float]

  package init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }
}

/// What a network is compiled for.
public enum ExecutionMode: Sendable, Hashable {
  /// One image as fast as possible: all threads work on it.
  case latency
  /// Many images: one thread and one request for each core.
  case throughput
}

/// An ONNX graph compiled by OpenVINO for one static input shape.
///
/// A network may be shared by threads; each thread makes its own ``InferenceRequest``.
public final class Network: @unchecked Sendable {
  // Immutable after `init`; OpenVINO allows requests to be made from several threads.
  private let compiled: OpaquePointer
  /// `[N, 3, H, W]`
  public let inputShape: [Int]
  public let outputs: [(name: String, shape: [Int])]
  /// How many requests run at once in ``ExecutionMode/throughput``.
  public let parallelRequests: Int

  /// - Parameters:
  ///   - onnx: the model file's bytes.
  ///   - inputShape: the static shape to compile for.
  ///   - outputNames: of the model, where they are known already; nil to read them from the file.
  ///   - threads: CPU threads, all by default.
  public init(
    onnx: [UInt8], inputShape: [Int], mode: ExecutionMode, outputNames: [String]? = nil,
    threads: Int = Machine.coreCount
  ) throws(RuntimeError) {
    let core = try OpenVINOCore.shared()
    let model = try Self.model(onnx, inputShape, core)
    defer { ov_model_free(model) }
    let streams = mode == .latency ? 1 : threads
    var compiled: OpaquePointer?
    try RuntimeError.check(
      assay_compile(
        core.handle, model, mode == .latency ? "LATENCY" : "THROUGHPUT", String(streams), String(threads), &compiled),
      "compile the model for \(inputShape)")
    guard let compiled else {
      throw RuntimeError(operation: "compile the model", cause: "nothing was made", remedy: "run `assay doctor`")
    }
    self.compiled = compiled
    self.inputShape = inputShape
    parallelRequests = streams
    do throws(RuntimeError) {
      var names = outputNames ?? []
      if outputNames == nil { names = try Self.outputNames(onnx) }
      outputs = try Self.outputs(of: compiled, names)
    } catch {
      ov_compiled_model_free(compiled)
      throw error
    }
  }

  deinit { ov_compiled_model_free(compiled) }

  /// Shapes of a model's outputs for one input shape, without compiling it. Outputs whose shape is not static are left out.
  public static func shapes(onnx: [UInt8], inputShape: [Int]) throws(RuntimeError) -> [String: [Int]] {
    let core = try OpenVINOCore.shared()
    let model = try model(onnx, inputShape, core)
    defer { ov_model_free(model) }
    let names = try outputNames(onnx)
    var shapes: [String: [Int]] = [:]
    // By number, where there are as many as the file names: to look each up by its name takes time with their square.
    var count = 0
    let isNumbered = ov_model_outputs_size(model, &count) == OK && count == names.count
    for (index, name) in names.enumerated() {
      var port: OpaquePointer?
      let status =
        isNumbered
        ? ov_model_const_output_by_index(model, index, &port) : ov_model_const_output_by_name(model, name, &port)
      guard status == OK else { continue }
      defer { ov_output_const_port_free(port) }
      var shape = ov_shape_t()
      guard ov_const_port_get_shape(port, &shape) == OK else { continue }
      defer { ov_shape_free(&shape) }
      shapes[name] = (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }
    }
    return shapes
  }

  private static func model(
    _ onnx: [UInt8], _ inputShape: [Int], _ core: OpenVINOCore
  ) throws(RuntimeError) -> OpaquePointer? {
    var model: OpaquePointer?
    let status = onnx.withUnsafeBytes { bytes in
      ov_core_read_model_from_memory_buffer(
        core.handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, nil, &model)
    }
    try RuntimeError.check(status, "read the model")
    do throws(RuntimeError) {
      try reshape(model, inputShape)
    } catch {
      ov_model_free(model)
      throw error
    }
    return model
  }

  private static func outputNames(_ onnx: [UInt8]) throws(RuntimeError) -> [String] {
    do throws(ModelError) {
      return try ONNXModel(bytes: onnx, source: "model").outputs.map(\.name)
    } catch {
      throw RuntimeError(operation: "read the model's outputs", cause: error.cause, remedy: error.remedy)
    }
  }

  private static func reshape(_ model: OpaquePointer?, _ shape: [Int]) throws(RuntimeError) {
    var partial = ov_partial_shape_t()
    let dimensions = shape.map { ov_dimension_t(min: Int64($0), max: Int64($0)) }
    try RuntimeError.check(
      ov_partial_shape_create(Int64(shape.count), dimensions, &partial), "set the input shape \(shape)")
    defer { ov_partial_shape_free(&partial) }
    try RuntimeError.check(ov_model_reshape_single_input(model, partial), "set the input shape \(shape)")
  }

  /// OpenVINO may know an output by several names and tells any one of them; the model file says which is meant.
  private static func outputs(
    of compiled: OpaquePointer, _ names: [String]
  ) throws(RuntimeError) -> [(name: String, shape: [Int])] {
    var outputs: [(name: String, shape: [Int])] = []
    for name in names {
      var port: OpaquePointer?
      try RuntimeError.check(ov_compiled_model_output_by_name(compiled, name, &port), "find the output \(name)")
      defer { ov_output_const_port_free(port) }
      var shape = ov_shape_t()
      try RuntimeError.check(ov_const_port_get_shape(port, &shape), "shape of the output \(name)")
      defer { ov_shape_free(&shape) }
      outputs.append((name, (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }))
    }
    return outputs
  }

  public func makeRequest() throws(RuntimeError) -> InferenceRequest {
    var request: OpaquePointer?
    try RuntimeError.check(ov_compiled_model_create_infer_request(compiled, &request), "make a request")
    guard let request else {
      throw RuntimeError(operation: "make a request", cause: "nothing was made", remedy: "run `assay doctor`")
    }
    return try InferenceRequest(request, network: self)
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
