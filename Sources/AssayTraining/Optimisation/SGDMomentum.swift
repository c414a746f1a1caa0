/// Stochastic gradient descent with momentum (Sutskever et al. 2013, in the form of `torch.optim.SGD`): the learning rate
/// multiplies the velocity when it is applied, so a change of rate acts at once. Weight decay is coupled: it is part of the
/// gradient.
public struct SGDMomentum: Optimiser {
  public struct Settings: Sendable, Hashable, Codable {
    /// 0..<1
    public let momentum: Double
    /// At least 0.
    public let weightDecay: Double
    /// Whether the gradient is that of the point the velocity leads to (Nesterov 1983).
    public let isNesterov: Bool

    public init(momentum: Double = 0.9, weightDecay: Double = 0, isNesterov: Bool = false) {
      precondition((0..<1).contains(momentum) && weightDecay >= 0, "momentum \(momentum), weight decay \(weightDecay)")
      self.momentum = momentum
      self.weightDecay = weightDecay
      self.isNesterov = isNesterov
    }
  }

  public let parameters: [OptimisedParameter]
  public let settings: Settings
  public private(set) var steps = 0
  private let blocks: ParameterBlocks
  private var velocity: [Float]

  public init(_ parameters: [OptimisedParameter], settings: Settings = .init()) {
    self.parameters = parameters
    self.settings = settings
    blocks = ParameterBlocks(parameters.map(\.count))
    velocity = [Float](repeating: 0, count: blocks.total)
  }

  public mutating func step(_ tensors: [ParameterTensor], learningRate: Double, parallel: WorkDivision) {
    check(tensors)
    steps += 1
    let (blocks, parameters, settings) = (blocks, parameters, settings)
    velocity.withUnsafeMutableBufferPointer { velocity in
      let velocity = DividedMemory(velocity)
      blocks.forEach(parallel) { _, block in
        let parameter = parameters[block.tensor]
        let tensor = tensors[block.tensor]
        Self.update(
          DividedMemory(tensor.values).at(block.start), velocity.at(block.offset),
          gradient: DividedMemory(tensor.gradient).at(block.start), count: block.count,
          rate: Float(learningRate * parameter.learningRateFactor), momentum: Float(settings.momentum),
          decay: parameter.decays ? Float(settings.weightDecay) : 0, isNesterov: settings.isNesterov)
      }
    }
  }

  private static func update(
    _ p: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, count: Int,
    rate: Float, momentum: Float, decay: Float, isNesterov: Bool
  ) {
    // One loop for both: the plain velocity is applied as 1 v + 0 g, the looked-ahead one as momentum v + 1 g.
    let (fromVelocity, fromGradient): (Float, Float) = isNesterov ? (momentum, 1) : (1, 0)
    for index in 0..<count {
      let g = gradient[index] + decay * p[index]
      let next = momentum * v[index] + g
      v[index] = next
      p[index] -= rate * (fromGradient * g + fromVelocity * next)
    }
  }

  private static let kind = "sgd-momentum"

  public var state: TrainingState { TrainingState(kind: Self.kind, steps: steps, buffers: [velocity]) }

  public mutating func restore(_ state: TrainingState) throws(TrainingStateError) {
    try state.check(kind: Self.kind, counts: [blocks.total])
    steps = state.steps
    velocity = state.buffers[0]
  }
}
