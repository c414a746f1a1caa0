import AssayBase
import Foundation

/// The textbook recipe: a softmax layer on frozen features, trained by cross-entropy and Adam (Kingma and Ba 2015) in
/// shuffled batches, the epoch with the best validation accuracy kept.
public struct AdamProbe: Sendable {
  public struct Settings: Sendable, Hashable {
    public var learningRate: Double
    public var batchSize: Int
    public var epochs: Int
    public var weightDecay: Double
    public var seed: UInt64

    public init(
      learningRate: Double = 1e-3, batchSize: Int = 32, epochs: Int = 50, weightDecay: Double = 0, seed: UInt64 = 0
    ) {
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
    public let trainingLoss: Double
    public let validationLoss: Double
    public let validationAccuracy: Double
  }

  public let history: [Epoch]
  /// The epoch that was kept, 1...epochs.
  public let bestEpoch: Int
  public let model: LinearModel
  /// `[validation rows, K]`
  public let validationLogits: [Float]

  /// - Parameters:
  ///   - validation: rows that are not trained on; must not be empty.
  ///   - onEpoch: called after each epoch.
  public init(
    training: FeatureMatrix, labels: [Int], validation: FeatureMatrix, validationLabels: [Int], classCount: Int,
    weights: ClassWeights = .none, settings: Settings = .init(), onEpoch: (Epoch) -> Void = { _ in }
  ) {
    precondition(training.rows == labels.count && validation.rows == validationLabels.count)
    precondition(training.rows > 0 && validation.rows > 0, "training and validation images are needed")
    let standardisation = Standardisation(training)
    let x = training.standardised(standardisation)
    let v = validation.standardised(standardisation)
    let classWeights = weights.values(labels: labels, classCount: classCount)
    var layer = AdamLayer(dimension: x.columns, classCount: classCount, settings: settings)
    var generator = SplitMix64(seed: settings.seed)
    var order = Array(0..<x.rows)
    var history: [Epoch] = []
    var best: (epoch: Epoch, parameters: [Float], logits: [Float])?
    for number in 1...max(1, settings.epochs) {
      order.shuffle(using: &generator)
      var loss = 0.0
      for start in stride(from: 0, to: order.count, by: max(1, settings.batchSize)) {
        let batch = order[start..<min(start + max(1, settings.batchSize), order.count)]
        loss += layer.step(x, rows: batch, labels: labels, classWeights: classWeights)
        x.release(0..<x.rows)
      }
      let logits = layer.logits(v)
      let epoch = Epoch(
        number: number, trainingLoss: loss / Double(order.count),
        validationLoss: Softmax.logLoss(logits, labels: validationLabels, classCount: classCount),
        validationAccuracy: Self.accuracy(logits, validationLabels, classCount))
      history.append(epoch)
      onEpoch(epoch)
      let isBetter =
        best.map {
          (epoch.validationAccuracy, -epoch.validationLoss) > ($0.epoch.validationAccuracy, -$0.epoch.validationLoss)
        } ?? true
      if isBetter { best = (epoch, layer.parameters, logits) }
    }
    self.history = history
    bestEpoch = best?.epoch.number ?? history.count
    let parameters = best?.parameters ?? layer.parameters
    let split = classCount * x.columns
    model = LinearModel(
      weights: Array(parameters[..<split]), bias: Array(parameters[split...]), standardisation: standardisation)
    validationLogits = best?.logits ?? []
  }

  private static func accuracy(_ logits: [Float], _ labels: [Int], _ classCount: Int) -> Double {
    let hits = labels.enumerated().count { row, label in
      let own = logits[row * classCount..<(row + 1) * classCount]
      return own.indices.max { own[$0] < own[$1] } == own.startIndex + label
    }
    return Double(hits) / Double(labels.count)
  }
}

/// A softmax layer with Adam's state.
struct AdamLayer {
  private(set) var parameters: [Float]
  private let dimension: Int
  private let classCount: Int
  private let settings: AdamProbe.Settings
  private var firstMoment: [Float]
  private var secondMoment: [Float]
  private var steps = 0

  init(dimension: Int, classCount: Int, settings: AdamProbe.Settings) {
    self.dimension = dimension
    self.classCount = classCount
    self.settings = settings
    parameters = [Float](repeating: 0, count: classCount * (dimension + 1))
    firstMoment = parameters
    secondMoment = parameters
  }

  func logits(_ x: FeatureMatrix) -> [Float] {
    let rows = x.rows
    var result = [Float](repeating: 0, count: rows * classCount)
    x.values.withUnsafeBufferPointer { x in
      parameters.withUnsafeBufferPointer { w in
        result.withUnsafeMutableBufferPointer { out in
          guard let x = x.baseAddress, let w = w.baseAddress, let out = out.baseAddress else { return }
          MatrixProduct.timesTransposed(x, w, into: out, m: rows, n: classCount, k: dimension)
        }
      }
    }
    x.release(0..<rows)
    for row in 0..<x.rows {
      for k in 0..<classCount { result[row * classCount + k] += parameters[classCount * dimension + k] }
    }
    return result
  }

  /// One update from the mean gradient of a batch; returns the batch's summed loss before the update.
  mutating func step(
    _ x: FeatureMatrix, rows: ArraySlice<Int>, labels: [Int], classWeights: [Double]
  ) -> Double {
    var gradient = [Float](repeating: 0, count: parameters.count)
    var loss = 0.0
    x.values.withUnsafeBufferPointer { values in
      parameters.withUnsafeBufferPointer { parameters in
        gradient.withUnsafeMutableBufferPointer { gradient in
          for row in rows {
            let features = UnsafeBufferPointer(rebasing: values[row * dimension..<(row + 1) * dimension])
            var scores = (0..<classCount).map { k in
              VectorOperations.dot(
                features, UnsafeBufferPointer(rebasing: parameters[k * dimension..<(k + 1) * dimension]))
                + Double(parameters[classCount * dimension + k])
            }
            let top = scores.max() ?? 0
            scores = scores.map { exp($0 - top) }
            let sum = scores.reduce(0, +)
            let label = labels[row]
            let weight = classWeights[label]
            loss -= weight * log(max(scores[label] / sum, 1e-300))
            for k in 0..<classCount {
              let residual = Float(weight * (scores[k] / sum - (k == label ? 1 : 0)) / Double(rows.count))
              VectorOperations.add(
                residual, features,
                to: UnsafeMutableBufferPointer(rebasing: gradient[k * dimension..<(k + 1) * dimension]))
              gradient[classCount * dimension + k] += residual
            }
          }
        }
      }
    }
    update(gradient)
    return loss
  }

  /// Algorithm 1 of Kingma and Ba (2015): beta1 0.9, beta2 0.999, epsilon 1e-8.
  private mutating func update(_ gradient: [Float]) {
    steps += 1
    let correction1 = Float(1 - pow(0.9, Double(steps)))
    let correction2 = Float(1 - pow(0.999, Double(steps)))
    let rate = Float(settings.learningRate)
    let decay = Float(settings.weightDecay)
    let weightCount = classCount * dimension
    parameters.withUnsafeMutableBufferPointer { p in
      firstMoment.withUnsafeMutableBufferPointer { m in
        secondMoment.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { gradient in
            for index in 0..<p.count {
              let g = gradient[index] + (index < weightCount ? decay * p[index] : 0)
              m[index] = 0.9 * m[index] + 0.1 * g
              v[index] = 0.999 * v[index] + 0.001 * g * g
              p[index] -= rate * (m[index] / correction1) / ((v[index] / correction2).squareRoot() + 1e-8)
            }
          }
        }
      }
    }
  }
}
