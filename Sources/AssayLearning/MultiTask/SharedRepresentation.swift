import AssayBase
public import AssayGraph
import Dispatch

/// A trainable layer that several tasks share, `relu(W z + b)` on standardised frozen features, with a linear head for
/// each task on top; all trained together by Adam, the epoch with the best validation loss kept.
///
/// The same data, settings and seed give the same network.
public struct SharedRepresentation: Sendable {
  public struct Settings: Sendable, Hashable {
    /// Units of the shared layer.
    public var width: Int
    public var learningRate: Double
    public var batchSize: Int
    public var epochs: Int
    /// Decoupled (Loshchilov and Hutter 2019).
    public var weightDecay: Double
    public var seed: UInt64

    public init(
      width: Int, learningRate: Double = 1e-4, batchSize: Int = 32, epochs: Int = 50, weightDecay: Double = 0.1,
      seed: UInt64 = 0
    ) {
      self.width = width
      self.learningRate = learningRate
      self.batchSize = batchSize
      self.epochs = epochs
      self.weightDecay = weightDecay
      self.seed = seed
    }
  }

  public struct Epoch: Sendable, Equatable {
    /// 1...epochs
    public let number: Int
    /// Weighted total.
    public let trainingLoss: Double
    /// Of each task, unweighted; nil without targets among the validation rows.
    public let validationLosses: [Double?]
    /// What decides which epoch is kept: the sum of the tasks' losses, times their weights where these are fixed.
    public let validationLoss: Double
  }

  public let loss: TaskLoss
  public let history: [Epoch]
  /// The epoch that was kept, 1...epochs.
  public let bestEpoch: Int
  /// On raw features.
  public let layer: SharedLayer
  /// For each task on the layer's activations: `[outputs, width]` and `[outputs]`.
  public let heads: [(weights: [Float], bias: [Float])]
  /// Of the loss: steps and log-variances.
  public let parameters: [Float]

  /// - Parameters:
  ///   - features: raw, all rows.
  ///   - targets: for each task, of all rows.
  ///   - training, validation: rows; both must not be empty.
  public init(
    _ features: FeatureMatrix, targets: [RowTargets], training: [Int], validation: [Int], loss: TaskLoss,
    settings: Settings, onEpoch: (Epoch) -> Void = { _ in }
  ) {
    precondition(!training.isEmpty && !validation.isEmpty, "training and validation images are needed")
    self.loss = loss
    let standardisation = Standardisation(features.selecting(training))
    let x = features.selecting(training).standardised(standardisation)
    let v = features.selecting(validation).standardised(standardisation)
    let validationTargets = targets.map { $0.batch(validation) }
    var network = SharedNetwork(dimension: features.columns, loss: loss, settings: settings)
    var generator = SplitMix64(seed: settings.seed ^ 0x5EED)
    var order = Array(0..<x.rows)
    var history: [Epoch] = []
    var best: (epoch: Epoch, network: SharedNetwork.Snapshot)?
    for number in 1...max(1, settings.epochs) {
      order.shuffle(using: &generator)
      var total = 0.0
      for start in stride(from: 0, to: order.count, by: max(1, settings.batchSize)) {
        let batch = Array(order[start..<min(start + max(1, settings.batchSize), order.count)])
        let rows = batch.map { training[$0] }
        total += network.step(x.selecting(batch), targets.map { $0.batch(rows) }) * Double(batch.count)
      }
      let value = loss.evaluate(outputs: network.outputs(v), targets: validationTargets, parameters: network.parameters)
      let epoch = Epoch(
        number: number, trainingLoss: total / Double(order.count), validationLosses: value.taskLosses,
        validationLoss: Self.objective(value.taskLosses, loss.weighting))
      history.append(epoch)
      onEpoch(epoch)
      if best.map({ epoch.validationLoss < $0.epoch.validationLoss }) ?? true { best = (epoch, network.snapshot()) }
    }
    self.history = history
    bestEpoch = best?.epoch.number ?? history.count
    let kept = best?.network ?? network.snapshot()
    layer = SharedLayer.folded(
      weights: kept.weights, bias: kept.bias, mean: standardisation.mean, scale: standardisation.scale)
    heads = kept.heads
    parameters = kept.parameters
  }

  private static func objective(_ losses: [Double?], _ weighting: TaskWeighting) -> Double {
    losses.enumerated().reduce(0) { sum, task in
      let weight = if case .fixed(let weights) = weighting { weights[task.offset] } else { 1.0 }
      return sum + weight * (task.element ?? 0)
    }
  }

  /// For each task the outputs of raw features, `[rows, outputs]`.
  public func outputs(_ features: FeatureMatrix) -> [[Float]] {
    var activations = [Float](repeating: 0, count: features.rows * layer.width)
    features.values.withUnsafeBufferPointer { x in
      layer.weights.withUnsafeBufferPointer { w in
        activations.withUnsafeMutableBufferPointer { out in
          guard let x = x.baseAddress, let w = w.baseAddress, let base = out.baseAddress else { return }
          MatrixProduct.timesTransposed(x, w, into: base, m: features.rows, n: layer.width, k: features.columns)
        }
      }
    }
    for at in activations.indices { activations[at] = max(0, activations[at] + layer.bias[at % layer.width]) }
    return heads.map { SharedNetwork.head($0.weights, $0.bias, activations, width: layer.width) }
  }
}

/// Targets of one task for all rows of a data set.
public enum RowTargets: Sendable {
  /// Class or level; nil where it is missing.
  case labels([Int?])
  /// Standardised values; NaN where one is missing.
  case values([Float])

  func batch(_ rows: [Int]) -> TaskLoss.Targets {
    switch self {
    case .labels(let labels): .labels(rows.map { labels[$0] })
    case .values(let values): .values(rows.map { values[$0] })
    }
  }
}
