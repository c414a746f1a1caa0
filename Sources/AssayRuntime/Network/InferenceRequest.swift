/// One run of a network at a time, with memory of its own. Not for sharing between threads.
public final class InferenceRequest {
  private let running: any NetworkRun
  private let input: UnsafeMutableBufferPointer<Float>
  private let names: [(name: String, shape: [Int])]
  private let outputs: [String: UnsafeBufferPointer<Float>]

  init(_ running: any NetworkRun, outputs names: [(name: String, shape: [Int])]) {
    self.running = running
    self.names = names
    // The addresses stay the same, so that the engine is asked once and not for every image.
    input = running.input
    outputs = Dictionary(zip(names.map(\.name), running.outputs), uniquingKeysWith: { first, _ in first })
  }

  /// Fill the input here; its shape is the network's ``Network/inputShape``.
  public func withInput<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result { try body(input) }

  /// Runs the network and waits.
  public func run() throws(RuntimeError) { try running.run() }

  /// Shape of an output, nil when the network has none of that name.
  public func shape(_ name: String) -> [Int]? { names.first { $0.name == name }?.shape }

  /// An output of the last run, without copying; valid inside the closure.
  public func withOutput<Result>(
    _ name: String, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) throws(RuntimeError) -> Result {
    guard let values = outputs[name] else {
      let names = names.map(\.name).joined(separator: ", ")
      throw RuntimeError(
        operation: "read output \(name)", cause: "the network has \(names)", remedy: "use a bundle of this version")
    }
    return body(values)
  }
}
