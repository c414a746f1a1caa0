import COpenVINO

/// Intel's OpenVINO, by its C API, on the processor.
///
/// There is one core a process: it owns plugins and threads and lives until the process ends.
final class OpenVINOEngine: InferenceEngine, @unchecked Sendable {
  // OpenVINO's documentation guarantees that a core may be used from several threads.
  static let title = "OpenVINO"

  let name = "openvino"
  let version: String
  let library: OpenVINOLibrary
  private let core: OpaquePointer

  var title: String { Self.title }

  private static let instance: Result<OpenVINOEngine, RuntimeError> = {
    do throws(RuntimeError) { return .success(try OpenVINOEngine()) } catch { return .failure(error) }
  }()

  static func shared() throws(RuntimeError) -> OpenVINOEngine { try instance.get() }

  private init() throws(RuntimeError) {
    let library = try OpenVINOLibrary()
    self.library = library
    var version = ov_version_t()
    try library.check(library.calls.get_openvino_version(&version), "ask OpenVINO's version")
    defer { library.calls.version_free(&version) }
    self.version = version.buildNumber.map { String(cString: $0) } ?? "unknown"
    var core: OpaquePointer?
    try library.check(library.calls.core_create(&core), "start OpenVINO")
    guard let core else {
      throw RuntimeError(operation: "start OpenVINO", cause: "no core was made", remedy: "run `make setup` again")
    }
    self.core = core
  }

  /// - Throws: when it has no processor to run on.
  func description() throws(RuntimeError) -> String {
    let devices = try devices()
    guard devices.contains("CPU") else {
      throw RuntimeError(
        operation: "start OpenVINO", cause: "it finds no processor to run on", remedy: "run `make setup` again")
    }
    return "\(version), devices \(devices.joined(separator: ", "))"
  }

  /// For example `["CPU"]`.
  private func devices() throws(RuntimeError) -> [String] {
    var devices = ov_available_devices_t()
    try library.check(library.calls.core_get_available_devices(core, &devices), "list devices")
    defer { library.calls.available_devices_free(&devices) }
    return (0..<devices.size).compactMap { devices.devices[$0].map { String(cString: $0) } }
  }

  func load(_ plan: NetworkPlan) throws(RuntimeError) -> any LoadedNetwork {
    let model = try model(plan)
    defer { library.calls.model_free(model) }
    let streams = plan.mode == .latency ? 1 : plan.threads
    let hint = plan.mode == .latency ? "LATENCY" : "THROUGHPUT"
    var compiled: OpaquePointer?
    let status = withUnsafePointer(to: library.calls) {
      assay_openvino_compile($0, core, model, hint, String(streams), String(plan.threads), &compiled)
    }
    try library.check(status, "compile the model for \(plan.inputShape)")
    guard let compiled else {
      throw RuntimeError(operation: "compile the model", cause: "nothing was made", remedy: "run `assay doctor`")
    }
    return try OpenVINONetwork(compiled, library, plan, parallelRequests: streams)
  }

  func shapes(_ plan: NetworkPlan) throws(RuntimeError) -> [String: [Int]] {
    let model = try model(plan)
    defer { library.calls.model_free(model) }
    let names = plan.outputNames
    var shapes: [String: [Int]] = [:]
    // By number, where there are as many as the file names: to look each up by its name takes time with their square.
    var count = 0
    let isNumbered = library.calls.model_outputs_size(model, &count) == OK && count == names.count
    for (index, name) in names.enumerated() {
      var port: OpaquePointer?
      let status =
        isNumbered
        ? library.calls.model_const_output_by_index(model, index, &port)
        : library.calls.model_const_output_by_name(model, name, &port)
      guard status == OK else { continue }
      defer { library.calls.output_const_port_free(port) }
      var shape = ov_shape_t()
      guard library.calls.const_port_get_shape(port, &shape) == OK else { continue }
      defer { _ = library.calls.shape_free(&shape) }
      shapes[name] = (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }
    }
    return shapes
  }

  private func model(_ plan: NetworkPlan) throws(RuntimeError) -> OpaquePointer {
    var model: OpaquePointer?
    let status = plan.onnx.withUnsafeBytes { bytes in
      library.calls.core_read_model_from_memory_buffer(
        core, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, nil, &model)
    }
    try library.check(status, "read the model")
    guard let model else {
      throw RuntimeError(operation: "read the model", cause: "nothing was made", remedy: "run `assay doctor`")
    }
    do throws(RuntimeError) {
      try reshape(model, plan.inputShape)
    } catch {
      library.calls.model_free(model)
      throw error
    }
    return model
  }

  private func reshape(_ model: OpaquePointer, _ shape: [Int]) throws(RuntimeError) {
    var partial = ov_partial_shape_t()
    let dimensions = shape.map { ov_dimension_t(min: Int64($0), max: Int64($0)) }
    try library.check(
      library.calls.partial_shape_create(Int64(shape.count), dimensions, &partial), "set the input shape \(shape)")
    defer { library.calls.partial_shape_free(&partial) }
    try library.check(library.calls.model_reshape_single_input(model, partial), "set the input shape \(shape)")
  }
}
