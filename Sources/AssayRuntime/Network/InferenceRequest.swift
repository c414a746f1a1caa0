import COpenVINO

/// One run of a network at a time, with memory of its own. Not for sharing between threads.
public final class InferenceRequest {
  private let network: Network
  private let handle: OpaquePointer
  private let inputTensor: OpaquePointer?
  private let input: UnsafeMutableBufferPointer<Float>
  private var tensors: [String: (OpaquePointer?, UnsafeBufferPointer<Float>)] = [:]

  init(_ handle: OpaquePointer, network: Network) throws(RuntimeError) {
    self.handle = handle
    self.network = network
    var tensor: OpaquePointer?
    do throws(RuntimeError) {
      try RuntimeError.check(ov_infer_request_get_input_tensor(handle, &tensor), "get the input tensor")
      let count = network.inputShape.reduce(1, *)
      input = UnsafeMutableBufferPointer(start: try Self.floats(tensor, count: count), count: count)
    } catch {
      ov_tensor_free(tensor)
      ov_infer_request_free(handle)
      throw error
    }
    inputTensor = tensor
    for (name, shape) in network.outputs {
      var output: OpaquePointer?
      try RuntimeError.check(ov_infer_request_get_tensor(handle, name, &output), "get the output \(name)")
      let count = shape.reduce(1, *)
      tensors[name] = (output, UnsafeBufferPointer(start: try Self.floats(output, count: count), count: count))
    }
  }

  deinit {
    for (tensor, _) in tensors.values { ov_tensor_free(tensor) }
    ov_tensor_free(inputTensor)
    ov_infer_request_free(handle)
  }

  private static func floats(_ tensor: OpaquePointer?, count: Int) throws(RuntimeError) -> UnsafeMutablePointer<Float>?
  {
    var size = 0
    try RuntimeError.check(ov_tensor_get_byte_size(tensor, &size), "size a tensor")
    guard size == count * MemoryLayout<Float>.size else {
      throw RuntimeError(
        operation: "read a tensor", cause: "it has \(size) bytes, expected \(count) 32-bit floats",
        remedy: "export the model with 32-bit float inputs and outputs")
    }
    var data: UnsafeMutableRawPointer?
    try RuntimeError.check(ov_tensor_data(tensor, &data), "read a tensor")
    return data?.assumingMemoryBound(to: Float.self)
  }

  /// Fill the input here; its shape is the network's ``Network/inputShape``.
  public func withInput<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result { try body(input) }

  /// Runs the network and waits.
  public func run() throws(RuntimeError) {
    try RuntimeError.check(ov_infer_request_infer(handle), "run the network")
  }

  /// Shape of an output, nil when the network has none of that name.
  public func shape(_ name: String) -> [Int]? { network.outputs.first { $0.name == name }?.shape }

  /// An output of the last run, without copying; valid inside the closure.
  public func withOutput<Result>(
    _ name: String, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws(RuntimeError) -> Result {
    guard let (_, values) = tensors[name] else {
      let names = network.outputs.map(\.name).joined(separator: ", ")
      throw RuntimeError(
        operation: "read output \(name)", cause: "the network has \(names)", remedy: "use a bundle of this version")
    }
    return body(values)
  }
}
