import COpenVINO

/// One request of OpenVINO: the memory is its own.
final class OpenVINORun: NetworkRun {
  private let handle: OpaquePointer
  private let library: OpenVINOLibrary
  /// The network outlives its requests.
  private let network: OpenVINONetwork
  private let tensors: [OpaquePointer?]
  let input: UnsafeMutableBufferPointer<Float>
  let outputs: [UnsafeBufferPointer<Float>]

  /// Owns `handle` from now on, also when it throws.
  init(
    _ handle: OpaquePointer, _ library: OpenVINOLibrary, _ network: OpenVINONetwork, inputCount: Int
  ) throws(RuntimeError) {
    var tensors: [OpaquePointer?] = []
    do throws(RuntimeError) {
      var tensor: OpaquePointer?
      try library.check(library.calls.infer_request_get_input_tensor(handle, &tensor), "get the input tensor")
      tensors.append(tensor)
      input = UnsafeMutableBufferPointer(
        start: try Self.floats(tensor, library, count: inputCount), count: inputCount)
      var outputs: [UnsafeBufferPointer<Float>] = []
      for (name, shape) in network.outputs {
        var tensor: OpaquePointer?
        try library.check(library.calls.infer_request_get_tensor(handle, name, &tensor), "get the output \(name)")
        tensors.append(tensor)
        let count = shape.reduce(1, *)
        outputs.append(
          UnsafeBufferPointer(start: try Self.floats(tensor, library, count: count), count: count))
      }
      self.outputs = outputs
    } catch {
      for tensor in tensors { library.calls.tensor_free(tensor) }
      library.calls.infer_request_free(handle)
      throw error
    }
    self.handle = handle
    self.library = library
    self.network = network
    self.tensors = tensors
  }

  deinit {
    for tensor in tensors { library.calls.tensor_free(tensor) }
    library.calls.infer_request_free(handle)
  }

  private static func floats(
    _ tensor: OpaquePointer?, _ library: OpenVINOLibrary, count: Int
  ) throws(RuntimeError) -> UnsafeMutablePointer<Float>? {
    var size = 0
    try library.check(library.calls.tensor_get_byte_size(tensor, &size), "size a tensor")
    guard size == count * MemoryLayout<Float>.size else { throw .notFloats(bytes: size, expected: count) }
    var data: UnsafeMutableRawPointer?
    try library.check(library.calls.tensor_data(tensor, &data), "read a tensor")
    return data?.assumingMemoryBound(to: Float.self)
  }

  func run() throws(RuntimeError) {
    try library.check(library.calls.infer_request_infer(handle), "run the network")
  }
}
