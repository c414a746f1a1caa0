import Foundation

/// Measures of stated probabilities.
public enum ProbabilityScores {
  /// Mean negative logarithm of the probability given to the truth, clipped as scikit-learn's `log_loss` does.
  /// - Parameter probabilities: `[n, K]`, each row summing to 1.
  public static func logLoss(probabilities: [Double], labels: [Int], classCount: Int) -> Double {
    precondition(probabilities.count == labels.count * classCount)
    let epsilon = Double.ulpOfOne
    let sum = labels.indices.reduce(0) { sum, row in
      sum - log(min(max(probabilities[row * classCount + labels[row]], epsilon), 1 - epsilon))
    }
    return labels.isEmpty ? 0 : sum / Double(labels.count)
  }

  /// Mean squared distance of a probability from the outcome, 0...1 (Brier 1950).
  public static func brier(scores: [Double], isPositive: [Bool]) -> Double {
    precondition(scores.count == isPositive.count)
    let sum = zip(scores, isPositive).reduce(0) { $0 + ($1.0 - ($1.1 ? 1 : 0)) * ($1.0 - ($1.1 ? 1 : 0)) }
    return scores.isEmpty ? 0 : sum / Double(scores.count)
  }
}

/// How often predictions of a given confidence are right (Guo et al. 2017): equal-width bins of the top probability.
public struct ReliabilityBins: Sendable, Equatable {
  public struct Bin: Sendable, Equatable {
    /// Confidence above which (not at) and up to which, 0...1.
    public let lower: Double
    public let upper: Double
    public let count: Int
    /// Means over the bin; 0 when it is empty.
    public let confidence: Double
    public let accuracy: Double
  }

  public let bins: [Bin]

  /// - Parameter probabilities: `[n, K]`.
  public init(probabilities: [Double], labels: [Int], classCount: Int, binCount: Int = 15) {
    precondition(probabilities.count == labels.count * classCount && binCount > 0)
    var counts = [Int](repeating: 0, count: binCount)
    var confidences = [Double](repeating: 0, count: binCount)
    var hits = [Int](repeating: 0, count: binCount)
    for (row, label) in labels.enumerated() {
      let own = probabilities[row * classCount..<(row + 1) * classCount]
      guard let top = own.indices.max(by: { own[$0] < own[$1] }) else { continue }
      // What is no number is no confidence.
      let confidence = own[top].isNaN ? 0 : min(max(own[top], 0), 1)
      let bin = min(binCount - 1, max(0, Int((confidence * Double(binCount)).rounded(.up)) - 1))
      counts[bin] += 1
      confidences[bin] += confidence
      if top - own.startIndex == label { hits[bin] += 1 }
    }
    bins = (0..<binCount).map { bin in
      let n = Double(max(counts[bin], 1))
      return Bin(
        lower: Double(bin) / Double(binCount), upper: Double(bin + 1) / Double(binCount), count: counts[bin],
        confidence: confidences[bin] / n, accuracy: Double(hits[bin]) / n)
    }
  }

  /// Mean distance of confidence and accuracy, weighted by the bins' sizes, 0...1.
  public var expectedCalibrationError: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    return total == 0
      ? 0 : bins.reduce(0) { $0 + Double($1.count) * abs($1.confidence - $1.accuracy) } / Double(total)
  }
}
