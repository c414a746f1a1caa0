import COpenVINO

/// A graph compiled by OpenVINO for one static input shape.
final class OpenVINONetwork: LoadedNetwork, @unchecked Sendable {
  // Immutable after `init`; OpenVINO allows requests to be made from several threads.
  private let compiled: OpaquePointer
  private let library: OpenVINOLibrary
  private let inputCount: Int
  let outputs: [(name: String, shape: [Int])]
  let parallelRequests: Int

  /// Owns `compiled` from now on, also when it throws.
  init(
    _ compiled: OpaquePointer, _ library: OpenVINOLibrary, _ plan: NetworkPlan, parallelRequests: Int
  ) throws(RuntimeError) {
    self.compiled = compiled
    self.library = library
    self.parallelRequests = parallelRequests
    inputCount = plan.inputShape.reduce(1, *)
    do throws(RuntimeError) {
      outputs = try Self.outputs(of: compiled, library, plan.outputNames)
    } catch {
      library.calls.compiled_model_free(compiled)
      throw error
    }
  }

  deinit { library.calls.compiled_model_free(compiled) }

  /// OpenVINO may know an output by several names and tells any one of them; the model file says which is meant.
  private static func outputs(
    of compiled: OpaquePointer, _ library: OpenVINOLibrary, _ names: [String]
  ) throws(RuntimeError) -> [(name: String, shape: [Int])] {
    var outputs: [(name: String, shape: [Int])] = []
    for name in names {
      var port: OpaquePointer?
      try library.check(
        library.calls.compiled_model_output_by_name(compiled, name, &port), "find the output \(name)")
      defer { library.calls.output_const_port_free(port) }
      outputs.append((name, try library.shape(of: port, "shape of the output \(name)")))
    }
    return outputs
  }

  func makeRun() throws(RuntimeError) -> any NetworkRun {
    var request: OpaquePointer?
    try library.check(library.calls.compiled_model_create_infer_request(compiled, &request), "make a request")
    guard let request else {
      throw RuntimeError(operation: "make a request", cause: "nothing was made", remedy: "run `assay doctor`")
    }
    return try OpenVINORun(request, library, self, inputCount: inputCount)
  }
}
