import Foundation

/// One row of a batch: which sample, and what it is mixed with.
public struct BatchRow: Sendable, Hashable {
  public let sample: Int
  /// The other sample, or the same.
  public let partner: Int
  /// Weight of the sample's own target, 0...1; the partner's has the rest.
  public let share: Float

  public init(sample: Int, partner: Int? = nil, share: Float = 1) {
    self.sample = sample
    self.partner = partner ?? sample
    self.share = share
  }
}

/// What a training minimises, as a function of the head's outputs.
public protocol TrainingObjective: AnyObject {
  /// Width of the head.
  var outputCount: Int { get }
  /// Numbers of its own that are trained too, such as the weights of tasks; may be empty.
  var parameters: [Parameter] { get }
  /// Names of the further losses that ``loss(outputs:rows:gradient:)`` reports.
  var partNames: [String] { get }

  /// Mean loss of a batch.
  /// - Parameters:
  ///   - outputs: `[N, outputCount]`.
  ///   - gradient: of the loss, `[N, outputCount]`; overwritten.
  /// - Returns: the loss, and those of its parts.
  func loss(outputs: [Float], rows: [BatchRow], gradient: inout [Float]) -> (total: Double, parts: [Double])

  /// Figures of validation samples.
  /// - Parameter outputs: `[samples.count, outputCount]`.
  /// - Returns: the figures, and a score that is the higher the better.
  func validate(outputs: [Float], samples: [Int]) -> (figures: TrainingHistory.Validation, score: Double)
}

/// Cross-entropy of a softmax, with label smoothing (Szegedy et al. 2016) and weights of classes.
public final class SoftmaxObjective: TrainingObjective {
  public let outputCount: Int
  public let parameters: [Parameter] = []
  public let partNames: [String] = []
  private let labels: [Int]
  private let smoothing: Double
  private let weights: [Double]

  /// - Parameters:
  ///   - labels: class of each sample.
  ///   - smoothing: share of the target that is spread over all classes, 0..<1.
  ///   - weights: of each class; all 1 when empty.
  public init(labels: [Int], classCount: Int, smoothing: Double = 0, weights: [Double] = []) {
    precondition((0..<1).contains(smoothing) && (weights.isEmpty || weights.count == classCount))
    self.labels = labels
    outputCount = classCount
    self.smoothing = smoothing
    self.weights = weights.isEmpty ? [Double](repeating: 1, count: classCount) : weights
  }

  /// Logarithms of the softmax.
  private func logarithms(_ outputs: ArraySlice<Float>) -> [Double] {
    let top = Double(outputs.max() ?? 0)
    let sum = outputs.reduce(0.0) { $0 + exp(Double($1) - top) }
    return outputs.map { Double($0) - top - log(sum) }
  }

  public func loss(outputs: [Float], rows: [BatchRow], gradient: inout [Float]) -> (total: Double, parts: [Double]) {
    let k = outputCount
    gradient = [Float](repeating: 0, count: outputs.count)
    let total = rows.reduce(0.0) {
      $0 + Double($1.share) * weights[labels[$1.sample]] + Double(1 - $1.share) * weights[labels[$1.partner]]
    }
    var loss = 0.0
    for (index, row) in rows.enumerated() {
      let logs = logarithms(outputs[index * k..<(index + 1) * k])
      for (sample, share) in [(row.sample, Double(row.share)), (row.partner, Double(1 - row.share))] where share > 0 {
        let weight = share * weights[labels[sample]] / total
        for c in 0..<k {
          let target = (1 - smoothing) * (c == labels[sample] ? 1 : 0) + smoothing / Double(k)
          loss -= weight * target * logs[c]
          gradient[index * k + c] += Float(weight * (exp(logs[c]) - target))
        }
      }
    }
    return (loss, [])
  }

  public func validate(
    outputs: [Float], samples: [Int]
  ) -> (figures: TrainingHistory.Validation, score: Double) {
    let k = outputCount
    var loss = 0.0
    var hits = 0
    var counts = [[Int]](repeating: [0, 0, 0], count: k)  // right, predicted, actual
    for (index, sample) in samples.enumerated() {
      let own = outputs[index * k..<(index + 1) * k]
      let logs = logarithms(own)
      let predicted = logs.indices.max { logs[$0] < logs[$1] } ?? 0
      loss -= logs[labels[sample]]
      counts[predicted][1] += 1
      counts[labels[sample]][2] += 1
      if predicted == labels[sample] {
        hits += 1
        counts[predicted][0] += 1
      }
    }
    let n = Double(max(samples.count, 1))
    let present = counts.filter { $0[2] > 0 || $0[1] > 0 }
    let f1 =
      present.reduce(0.0) { $0 + 2 * Double($1[0]) / Double(max(1, $1[1] + $1[2])) } / Double(max(1, present.count))
    let figures = TrainingHistory.Validation(loss: loss / n, accuracy: Double(hits) / n, macroF1: f1)
    return (figures, -figures.loss)
  }
}
