import Foundation

/// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2, the schedule multiplying
/// the decay as well, as in `torch.optim.AdamW`).
public struct AdamW: Optimiser {
  public struct Settings: Sendable, Hashable, Codable {
    /// Decay of the mean gradient, 0..<1.
    public let beta1: Double
    /// Decay of the mean square, 0..<1.
    public let beta2: Double
    /// Above 0; keeps the quotient finite.
    public let epsilon: Double
    /// At least 0. A step takes this share times the learning rate from each decaying value.
    public let weightDecay: Double

    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01) {
      precondition((0..<1).contains(beta1) && (0..<1).contains(beta2), "betas \(beta1) and \(beta2)")
      precondition(epsilon > 0 && weightDecay >= 0, "epsilon \(epsilon), weight decay \(weightDecay)")
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
    }
  }

  public let parameters: [OptimisedParameter]
  public let settings: Settings
  public private(set) var steps = 0
  private let blocks: ParameterBlocks
  private var mean: [Float]
  private var meanSquare: [Float]

  public init(_ parameters: [OptimisedParameter], settings: Settings = .init()) {
    self.parameters = parameters
    self.settings = settings
    blocks = ParameterBlocks(parameters.map(\.count))
    mean = [Float](repeating: 0, count: blocks.total)
    meanSquare = mean
  }

  public mutating func step(_ tensors: [ParameterTensor], learningRate: Double, parallel: WorkDivision) {
    check(tensors)
    steps += 1
    let bias1 = 1 - pow(settings.beta1, Double(steps))
    let bias2 = 1 - pow(settings.beta2, Double(steps))
    let (blocks, parameters, settings) = (blocks, parameters, settings)
    mean.withUnsafeMutableBufferPointer { mean in
      meanSquare.withUnsafeMutableBufferPointer { meanSquare in
        let (mean, meanSquare) = (DividedMemory(mean), DividedMemory(meanSquare))
        blocks.forEach(parallel) { _, block in
          let parameter = parameters[block.tensor]
          let tensor = tensors[block.tensor]
          let rate = learningRate * parameter.learningRateFactor
          let factors = Factors(
            kept: Float(1 - (parameter.decays ? rate * settings.weightDecay : 0)), rate: Float(rate / bias1),
            newMean: Float(1 - settings.beta1), oldSquare: Float(settings.beta2), newSquare: Float(1 - settings.beta2),
            correction: Float(bias2.squareRoot()), epsilon: Float(settings.epsilon))
          Self.update(
            DividedMemory(tensor.values).at(block.start), mean.at(block.offset), meanSquare.at(block.offset),
            gradient: DividedMemory(tensor.gradient).at(block.start), count: block.count, factors)
        }
      }
    }
  }

  /// What is the same for all elements of a block, computed in double precision.
  private struct Factors {
    let kept: Float
    let rate: Float
    let newMean: Float
    let oldSquare: Float
    let newSquare: Float
    let correction: Float
    let epsilon: Float
  }

  /// Elements of a strip, whose roots are kept aside.
  private static let strip = 512

  private static func update(
    _ p: UnsafeMutablePointer<Float>, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
    gradient: UnsafePointer<Float>, count: Int, _ f: Factors
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: strip) { roots in
      guard let roots = roots.baseAddress else { return }
      for start in stride(from: 0, to: count, by: strip) {
        let length = min(strip, count - start)
        update(p + start, m + start, v + start, gradient: gradient + start, roots: roots, count: length, f)
      }
    }
  }

  // Three loops: the compiler has no vector instruction for the square root, and would use none for all the rest.
  private static func update(
    _ p: UnsafeMutablePointer<Float>, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
    gradient: UnsafePointer<Float>, roots: UnsafeMutablePointer<Float>, count: Int, _ f: Factors
  ) {
    for index in 0..<count {
      let g = gradient[index]
      m[index] += f.newMean * (g - m[index])
      v[index] = f.oldSquare * v[index] + f.newSquare * g * g
    }
    for index in 0..<count { roots[index] = v[index].squareRoot() }
    for index in 0..<count {
      p[index] = f.kept * p[index] - f.rate * m[index] / (roots[index] / f.correction + f.epsilon)
    }
  }

  private static let kind = "adamw"

  public var state: TrainingState { TrainingState(kind: Self.kind, steps: steps, buffers: [mean, meanSquare]) }

  public mutating func restore(_ state: TrainingState) throws(TrainingStateError) {
    try state.check(kind: Self.kind, counts: [blocks.total, blocks.total])
    steps = state.steps
    mean = state.buffers[0]
    meanSquare = state.buffers[1]
  }
}
