public import AssayGraph

/// A backbone's own ONNX graph, run forward and backward by oneDNN and a few kernels of ours, for one batch size.
///
/// Images stay in oneDNN's blocked layout from layer to layer; all primitives, scratch memory and activations are made
/// once. Not for use by two threads at once.
public final class TrainingNetwork {
  public struct Options {
    /// How batch normalisations normalise.
    public enum Statistics: Sendable, Hashable {
      /// By the batch; running statistics follow.
      case batch(momentum: Float)
      /// By the running statistics, which stay.
      case frozen
    }

    public var normalization: Statistics
    /// Whether a parameter gets a gradient, by its name in the graph.
    public var isTrained: (String) -> Bool
    public var needsInputGradient: Bool
    /// Probability of leaving out the deepest residual branch, 0..<1; earlier ones in proportion.
    public var stochasticDepth: Float
    /// Whether the graph's dropout nodes drop; without, they pass everything.
    public var usesDropout: Bool
    public var seed: UInt64
    public var threads: Int
    /// Whether 3 x 3 convolutions take Winograd's algorithm.
    package var winograd = WinogradUse.whereFaster

    public init(
      normalization: Statistics = .batch(momentum: 0.1), isTrained: @escaping (String) -> Bool = { _ in true },
      needsInputGradient: Bool = false, stochasticDepth: Float = 0, usesDropout: Bool = false, seed: UInt64 = 0,
      threads: Int
    ) {
      self.normalization = normalization
      self.isTrained = isTrained
      self.needsInputGradient = needsInputGradient
      self.stochasticDepth = stochasticDepth
      self.usesDropout = usesDropout
      self.seed = seed
      self.threads = threads
    }

    var statistics: BatchNormalizationLayer.Statistics {
      switch normalization {
      case .batch(let momentum): .batch(momentum: momentum)
      case .frozen: .frozen
      }
    }
  }

  /// `[N, C, H, W]`
  public let inputShape: [Int]
  /// All parameters in the order of the graph, running statistics included.
  public let parameters: [Parameter]
  /// Bytes of activations, their gradients and rearranged weights.
  public var activationMemory: Int { arena.size }

  private let oneDNN: OneDNN
  private let schedule: Schedule
  private let noise: IterationNoise
  private let layers: [any Layer]
  private let branches: [BranchSelection]
  private let arena: Arena
  private let input: Value
  private let outputs: [String: Value]
  private let outputGradients: [String: Buffer]
  private let inputGradient: Buffer?

  /// - Parameters:
  ///   - input: name of the graph's input.
  ///   - inputShape: `[N, C, H, W]` with the batch size.
  ///   - outputs: names of the values that are read; the network ends there.
  /// - Throws: ``TrainingError`` for what cannot be trained.
  public init(
    _ model: ONNXModel, input name: String, inputShape: [Int], outputs names: [String], options: Options
  ) throws {
    var compiler = try NetworkCompiler(model, input: name, shape: inputShape, outputs: names, options: options)
    guard let input = compiler.input else {
      throw TrainingError(name, cause: "the graph has no such input", remedy: "name its image input")
    }
    var outputs: [String: Value] = [:]
    var gradients: [String: Buffer] = [:]
    for name in names {
      let found = try compiler.value(name)
      let value = try compiler.value(name, found.shape.count == 4 ? .blocked : .plain)
      outputs[name] = value
      if value.needsGradient { gradients[name] = compiler.schedule.makeBuffer(value.buffer.count) }
    }
    let schedule = compiler.schedule
    schedule.beginBackward(
      keeping: names.compactMap { outputs[$0]?.buffer } + names.compactMap { gradients[$0] })
    for name in names { if let buffer = gradients[name] { outputs[name]?.give(buffer) } }
    for layer in compiler.layers.reversed() { try layer.backward(schedule) }
    inputGradient = input.needsGradient ? input.takeWholeGradient(schedule) : nil
    if let inputGradient { schedule.step([inputGradient]) {} }
    self.inputShape = inputShape
    self.input = input
    self.outputs = outputs
    outputGradients = gradients
    parameters = compiler.parameters
    oneDNN = compiler.oneDNN
    noise = compiler.noise
    layers = compiler.layers
    branches = compiler.branches
    self.schedule = schedule
    arena = Arena(schedule.buffers)
  }

  /// Divides work that goes with each step (an optimiser's) among this network's threads.
  public var divide: WorkDivision {
    let team = oneDNN.team
    return { count, body in team.divide(count, body) }
  }

  /// Keeps the calling thread on a processor of its own, as the others are, while the work lasts.
  public func held<Result>(_ work: () throws -> Result) rethrows -> Result { try oneDNN.team.held(work) }

  /// The batch, row-major `[N, C, H, W]`; write it before ``forward(iteration:)``.
  public func withInput<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
    try body(UnsafeMutableBufferPointer(start: input.buffer.pointer, count: input.buffer.count))
  }

  /// - Parameter iteration: decides, with the seed, what dropout and stochastic depth leave out.
  public func forward(iteration: Int = 0) {
    noise.iteration = iteration
    for branch in branches { branch.draw(noise) }
    schedule.run(0..<schedule.backwardStart)
    oneDNN.wait()
  }

  /// Gradients of all trained parameters, from those of the outputs, which must all have been set.
  public func backward() {
    schedule.run(schedule.backwardStart..<schedule.steps.count)
    oneDNN.wait()
  }

  /// What stochastic depth multiplied each residual branch of each image by in the last iteration, `[branch][N]`.
  public var branchFactors: [[Float]] {
    branches.map { Array(UnsafeBufferPointer(start: $0.keep, count: inputShape[0])) }
  }

  /// What each dropout multiplied its input by in the last forward run, by the node's output; of tensors that are not
  /// images.
  package var dropoutFactors: [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: layers.compactMap { ($0 as? DropoutLayer)?.factors }.map { ($0.name, $0.values) })
  }

  /// An output of the last forward run.
  public func output(_ name: String) -> TrainingTensor? {
    outputs[name].map { TrainingTensor($0, $0.buffer, oneDNN) }
  }

  /// Where the gradient of an output is to be written before ``backward()``; nil when nothing before it is trained.
  public func outputGradient(_ name: String) -> TrainingTensor? {
    guard let value = outputs[name], let buffer = outputGradients[name] else { return nil }
    return TrainingTensor(value, buffer, oneDNN)
  }

  /// Gradient of the input, row-major; only with ``Options/needsInputGradient``.
  public func gradientOfInput() -> [Float]? {
    inputGradient.map { Array(UnsafeBufferPointer(start: $0.pointer, count: $0.count)) }
  }
}
