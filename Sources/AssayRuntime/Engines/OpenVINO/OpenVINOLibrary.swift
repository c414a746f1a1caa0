import COpenVINO

/// OpenVINO's functions, opened at the first network.
struct OpenVINOLibrary: @unchecked Sendable {
  // Functions of a library that stays open until the process ends.
  let calls: assay_openvino

  private static let place = EngineLibrary(
    title: OpenVINOEngine.title, names: ["libopenvino_c.so", "libopenvino_c.so.2641"], variable: "ASSAY_OPENVINO",
    folder: ASSAY_OPENVINO_FOLDER)

  init() throws(RuntimeError) { calls = try Self.place.open(assay_openvino_load) }

  /// Turns a status of the C API into an error with OpenVINO's own words.
  func check(_ status: ov_status_e, _ operation: String) throws(RuntimeError) {
    guard status != OK else { return }
    let detail = calls.get_last_err_msg().map { String(cString: $0) } ?? ""
    let name = calls.get_error_info(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
    let text = detail.isEmpty ? name : detail.split(whereSeparator: \.isNewline).suffix(2).joined(separator: " ")
    throw RuntimeError(
      operation: operation, cause: "OpenVINO reports: \(text)",
      remedy: "run `assay doctor`; if it is well, try `--engine onnxruntime` and report this")
  }

  /// Copies a shape and gives it back.
  func shape(of port: OpaquePointer?, _ operation: String) throws(RuntimeError) -> [Int] {
    var shape = ov_shape_t()
    try check(calls.const_port_get_shape(port, &shape), operation)
    defer { _ = calls.shape_free(&shape) }
    return (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }
  }
}
