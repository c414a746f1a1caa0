import CONNXRuntime

/// A session and what it knows of its graph.
final class ONNXRuntimeSession: @unchecked Sendable {
  // Immutable after `init`; ONNX Runtime allows a session to run on several threads at once.
  let handle: OpaquePointer
  let library: ONNXRuntimeLibrary
  private let allocator: OpaquePointer

  /// Owns `handle` from now on.
  init(_ handle: OpaquePointer, _ library: ONNXRuntimeLibrary, allocator: OpaquePointer) {
    self.handle = handle
    self.library = library
    self.allocator = allocator
  }

  deinit { library.calls.ReleaseSession(handle) }

  func inputName() throws(RuntimeError) -> String {
    try text("name of the input") { [library, handle, allocator] in
      library.calls.SessionGetInputName(handle, 0, allocator, $0)
    }
  }

  /// Names and shapes in the graph's order; sides that are not known are negative.
  func outputs() throws(RuntimeError) -> [(name: String, shape: [Int])] {
    let calls = library.calls
    var count = 0
    try library.check(calls.SessionGetOutputCount(handle, &count), "count the outputs")
    var outputs: [(name: String, shape: [Int])] = []
    for index in 0..<count {
      let name = try text("name of an output") { [handle, allocator] in
        calls.SessionGetOutputName(handle, index, allocator, $0)
      }
      let operation = "shape of the output \(name)"
      let info = try library.made(operation) { calls.SessionGetOutputTypeInfo(handle, index, $0) }
      defer { calls.ReleaseTypeInfo(info) }
      // The information about the tensor is a part of the other and not ours to give back.
      var tensor: OpaquePointer?
      try library.check(calls.CastTypeInfoToTensorInfo(info, &tensor), operation)
      guard let tensor else { continue }
      let (type, shape) = try library.shape(of: tensor, operation)
      guard type == ASSAY_ORT_FLOAT else {
        throw RuntimeError(
          operation: operation, cause: "its numbers are of type \(type) of ONNX, expected 32-bit floats",
          remedy: "export the model with 32-bit float inputs and outputs")
      }
      outputs.append((name, shape))
    }
    return outputs
  }

  private func text(
    _ operation: String, _ ask: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> OpaquePointer?
  ) throws(RuntimeError) -> String {
    var text: UnsafeMutablePointer<CChar>?
    try library.check(ask(&text), operation)
    guard let text else { return "" }
    defer { _ = library.calls.AllocatorFree(allocator, text) }
    return String(cString: text)
  }
}
