import CONNXRuntime

/// One run at a time of a session, into memory of its own: nothing is copied.
final class ONNXRuntimeRun: NetworkRun {
  /// The network outlives its runs.
  private let network: ONNXRuntimeNetwork
  private let tensors: [ONNXRuntimeTensor]
  private let inputValues: UnsafeMutableBufferPointer<OpaquePointer>
  private let outputValues: UnsafeMutableBufferPointer<OpaquePointer?>
  let input: UnsafeMutableBufferPointer<Float>
  let outputs: [UnsafeBufferPointer<Float>]

  init(_ network: ONNXRuntimeNetwork) throws(RuntimeError) {
    let library = network.session.library
    let input = try ONNXRuntimeTensor(network.inputShape, library, memory: network.memory)
    var tensors: [ONNXRuntimeTensor] = []
    for output in network.outputs {
      tensors.append(try ONNXRuntimeTensor(output.shape, library, memory: network.memory))
    }
    self.network = network
    self.tensors = [input] + tensors
    self.input = input.values
    outputs = tensors.map { UnsafeBufferPointer($0.values) }
    inputValues = .allocate(capacity: 1)
    inputValues.initializeElement(at: 0, to: input.value)
    outputValues = .allocate(capacity: tensors.count)
    for (place, tensor) in tensors.enumerated() { outputValues.initializeElement(at: place, to: tensor.value) }
  }

  deinit {
    inputValues.deallocate()
    outputValues.deallocate()
  }

  func run() throws(RuntimeError) {
    try network.run(inputValues, outputValues)
  }
}
