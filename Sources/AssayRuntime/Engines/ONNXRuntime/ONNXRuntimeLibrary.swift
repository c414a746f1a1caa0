import CONNXRuntime

/// ONNX Runtime's functions, opened at the first network.
struct ONNXRuntimeLibrary: @unchecked Sendable {
  // Functions of a library that stays open until the process ends.
  let calls: assay_onnxruntime

  private static let place = EngineLibrary(
    title: ONNXRuntimeEngine.title, names: ["libonnxruntime.so", "libonnxruntime.so.1"],
    variable: "ASSAY_ONNXRUNTIME", folder: ASSAY_ONNXRUNTIME_FOLDER)

  init() throws(RuntimeError) { calls = try Self.place.open(assay_onnxruntime_load) }

  var version: String { String(cString: calls.version) }

  /// Turns a status into an error with ONNX Runtime's own words, and gives it back.
  func check(_ status: OpaquePointer?, _ operation: String) throws(RuntimeError) {
    guard let status else { return }
    defer { calls.ReleaseStatus(status) }
    let text = calls.GetErrorMessage(status).map { String(cString: $0) } ?? "no reason"
    throw RuntimeError(
      operation: operation, cause: "ONNX Runtime \(version) reports: \(text)",
      remedy: "run `assay doctor`; if it is well, try `--engine openvino` and report this")
  }

  /// What a function that makes something has made.
  func made(
    _ operation: String, _ make: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?
  ) throws(RuntimeError) -> OpaquePointer {
    var result: OpaquePointer?
    try check(make(&result), operation)
    guard let result else {
      throw RuntimeError(operation: operation, cause: "nothing was made", remedy: "run `assay doctor`")
    }
    return result
  }

  /// Type and shape of a tensor; unknown sides are negative.
  func shape(of tensor: OpaquePointer, _ operation: String) throws(RuntimeError) -> (type: Int32, shape: [Int]) {
    var type: Int32 = 0
    try check(calls.GetTensorElementType(tensor, &type), operation)
    var rank = 0
    try check(calls.GetDimensionsCount(tensor, &rank), operation)
    var shape = [Int64](repeating: 0, count: rank)
    try check(calls.GetDimensions(tensor, &shape, rank), operation)
    return (type, shape.map(Int.init))
  }
}
