import CONNXRuntime
import Foundation

/// A graph that ONNX Runtime has made ready for one static input shape.
final class ONNXRuntimeNetwork: LoadedNetwork, @unchecked Sendable {
  // Immutable after `init`.
  let session: ONNXRuntimeSession
  let memory: OpaquePointer
  let inputShape: [Int]
  private(set) var outputs: [(name: String, shape: [Int])]
  let parallelRequests: Int
  /// Names as the C API wants them, in the order of `outputs`.
  let inputNames: UnsafeMutableBufferPointer<UnsafePointer<CChar>>
  let outputNames: UnsafeMutableBufferPointer<UnsafePointer<CChar>>

  init(
    _ session: ONNXRuntimeSession, _ library: ONNXRuntimeLibrary, memory: OpaquePointer, _ plan: NetworkPlan
  ) throws(RuntimeError) {
    let input = try session.inputName()
    let found = try session.outputs()
    var outputs: [(name: String, shape: [Int])] = []
    for name in plan.outputNames {
      guard let output = found.first(where: { $0.name == name }) else {
        throw RuntimeError(
          operation: "find the output \(name)", cause: "the network has \(found.map(\.name).joined(separator: ", "))",
          remedy: "use a bundle of this version")
      }
      outputs.append(output)
    }
    self.session = session
    self.memory = memory
    inputShape = plan.inputShape
    parallelRequests = plan.mode == .latency ? 1 : plan.threads
    inputNames = Self.names([input])
    outputNames = Self.names(outputs.map(\.name))
    // A shape that depends on values is known when the graph has run once.
    let isKnown = outputs.allSatisfy { $0.shape.allSatisfy { $0 >= 0 } }
    self.outputs = outputs
    if !isKnown { self.outputs = try shapesOfRun(outputs.map(\.name)) }
  }

  deinit {
    for names in [inputNames, outputNames] {
      for name in names { free(UnsafeMutablePointer(mutating: name)) }
      names.deallocate()
    }
  }

  private static func names(_ names: [String]) -> UnsafeMutableBufferPointer<UnsafePointer<CChar>> {
    let memory = UnsafeMutableBufferPointer<UnsafePointer<CChar>>.allocate(capacity: names.count)
    for (place, name) in names.enumerated() {
      guard let copy = strdup(name) else { preconditionFailure("out of memory") }
      memory.initializeElement(at: place, to: UnsafePointer(copy))
    }
    return memory
  }

  /// Runs the graph on zeros for the shapes of its outputs.
  private func shapesOfRun(_ names: [String]) throws(RuntimeError) -> [(name: String, shape: [Int])] {
    let calls = session.library.calls
    let input = try ONNXRuntimeTensor(inputShape, session.library, memory: memory)
    var values = [OpaquePointer?](repeating: nil, count: names.count)
    defer { for value in values { calls.ReleaseValue(value) } }
    var inputs = [input.value]
    try inputs.withUnsafeMutableBufferPointer { inputs throws(RuntimeError) in
      try values.withUnsafeMutableBufferPointer { values throws(RuntimeError) in try run(inputs, values) }
    }
    var outputs: [(name: String, shape: [Int])] = []
    for (name, value) in zip(names, values) {
      let operation = "shape of the output \(name)"
      guard let value else { continue }
      let info = try session.library.made(operation) { calls.GetTensorTypeAndShape(value, $0) }
      defer { calls.ReleaseTensorTypeAndShapeInfo(info) }
      outputs.append((name, try session.library.shape(of: info, operation).shape))
    }
    return outputs
  }

  /// - Parameters:
  ///   - input: one tensor.
  ///   - outputs: a tensor each to write to, or nil to have one made.
  func run(
    _ input: UnsafeMutableBufferPointer<OpaquePointer>, _ outputs: UnsafeMutableBufferPointer<OpaquePointer?>
  ) throws(RuntimeError) {
    guard let inputNames = inputNames.baseAddress, let outputNames = outputNames.baseAddress,
      let inputs = input.baseAddress, let values = outputs.baseAddress
    else {
      throw RuntimeError(
        operation: "run the network", cause: "it has no outputs", remedy: "export the model with its outputs")
    }
    let status = session.library.calls.Run(
      session.handle, nil, inputNames, inputs, input.count, outputNames, outputs.count, values)
    try session.library.check(status, "run the network")
  }

  func makeRun() throws(RuntimeError) -> any NetworkRun { try ONNXRuntimeRun(self) }
}
