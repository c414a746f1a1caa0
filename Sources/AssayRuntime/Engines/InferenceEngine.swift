/// Runs ONNX graphs: a library behind Assay, or one of your own.
///
/// An engine is passed in from the outside, as an ``Engines`` value. What it computes may differ from another one's in the last
/// digits, so its name and version are part of the key of every feature on disk.
public protocol InferenceEngine: Sendable {
  /// A word without spaces, for options, manifests and keys: `openvino`.
  var name: String { get }
  /// The library's own version: `2026.4.1`.
  var version: String { get }
  /// As people write it: `OpenVINO`.
  var title: String { get }

  /// Version and what else is worth knowing of it on this machine, for people.
  func description() throws(RuntimeError) -> String

  /// Makes a graph ready to run.
  /// - Throws: ``RuntimeError`` for a graph that this engine cannot run, with its own words.
  func load(_ plan: NetworkPlan) throws(RuntimeError) -> any LoadedNetwork

  /// Shapes of a graph's outputs, without computing anything. Outputs whose shape is not static are left out.
  func shapes(_ plan: NetworkPlan) throws(RuntimeError) -> [String: [Int]]
}

/// A graph that an engine has made ready; threads share it.
public protocol LoadedNetwork: Sendable {
  /// In the order of the graph's file; every shape is static.
  var outputs: [(name: String, shape: [Int])] { get }
  /// How many runs go on at once in ``ExecutionMode/throughput``; 1 in ``ExecutionMode/latency``.
  var parallelRequests: Int { get }
  func makeRun() throws(RuntimeError) -> any NetworkRun
}

/// Memory of one run at a time. Not for sharing between threads.
public protocol NetworkRun: AnyObject {
  /// As many values as the input's shape says; theirs to fill until ``run()``.
  var input: UnsafeMutableBufferPointer<Float> { get }
  /// Of each output, in the order of ``LoadedNetwork/outputs``: the values of the last run. The addresses stay the same.
  var outputs: [UnsafeBufferPointer<Float>] { get }
  /// Computes the outputs and waits for them.
  func run() throws(RuntimeError)
}

/// What a network is compiled for.
public enum ExecutionMode: Sendable, Hashable {
  /// One image as fast as possible: all threads work on it.
  case latency
  /// Many images: one thread and one request for each core.
  case throughput
}

/// What an engine is to make ready.
public struct NetworkPlan: Sendable {
  /// The model file's bytes: one input and any number of outputs, all of 32-bit floats.
  public let onnx: [UInt8]
  /// The static shape to compile for, `[N, 3, H, W]`.
  public let inputShape: [Int]
  public let mode: ExecutionMode
  /// Of the model, in its order.
  public let outputNames: [String]
  /// Of the processor.
  public let threads: Int

  public init(onnx: [UInt8], inputShape: [Int], mode: ExecutionMode, outputNames: [String], threads: Int) {
    self.onnx = onnx
    self.inputShape = inputShape
    self.mode = mode
    self.outputNames = outputNames
    self.threads = threads
  }
}

extension InferenceEngine {
  public func description() throws(RuntimeError) -> String { version }

  /// Changes whenever what the engine computes may change.
  package var fingerprint: [UInt8] { Array("\(name) \(version)".utf8) }
}
