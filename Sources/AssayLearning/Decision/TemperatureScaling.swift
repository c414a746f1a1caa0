import Foundation

/// One temperature for all logits, so that stated probabilities are true on new parts (Guo et al. 2017), regularized by
/// what n held-out parts can support.
///
/// Where no held-out part was wrong, the likelihood grows the smaller the temperature gets, and what is left then is the
/// certainty of a model that has never been wrong because it has seen little. Two things hold it:
/// - the target of a part's own class is not 1 but (n + 1/2) / (n + 1), the rest in equal parts of the other classes: no
///   more certainty than n parts support (Platt 1999, with all parts in one and Jeffreys' prior instead of Laplace's);
/// - log T has a normal prior around 0 (the model's own probabilities), which n parts outweigh the more they are. It is
///   narrower below, where a mistake costs most.
public struct TemperatureScaling: Sendable, Equatable {
  /// What the logits are.
  public enum Scale: Sendable {
    /// Logarithms of probabilities, by a model that was fitted to state such: the prior's deviation of log T is 0.25
    /// towards more certainty and 0.5 towards less.
    case probabilities
    /// Similarities, whose unit means nothing: the prior's deviation of log T is 1.
    case similarities

    /// How improbable a temperature is beforehand: the negative logarithm of the prior.
    func penalty(_ logTemperature: Double) -> Double {
      let deviation =
        switch self {
        case .probabilities: logTemperature < 0 ? 0.25 : 0.5
        case .similarities: 1.0
        }
      return logTemperature * logTemperature / (2 * deviation * deviation)
    }
  }

  /// Divides the logits; above 1 makes the probabilities more cautious.
  public let temperature: Double
  /// Held-out parts that it rests on.
  public let count: Int
  public let scale: Scale
  /// Mean log loss of the held-out parts at T = 1 and at ``temperature``.
  public let logLossBefore: Double
  public let logLossAfter: Double

  /// - Parameters:
  ///   - logits: `[n, K]`, each from a model that was not trained on that row.
  ///   - scale: what they are.
  public init(heldOut logits: [Float], labels: [Int], classCount: Int, scale: Scale = .probabilities) {
    func loss(_ temperature: Double) -> Double {
      Softmax.logLoss(logits, labels: labels, classCount: classCount, temperature: temperature)
    }
    let rows = HeldOutLogits(logits, labels: labels, classCount: classCount)
    temperature =
      labels.isEmpty || classCount < 2
      ? 1
      : Self.minimum { logTemperature in
        rows.loss(temperature: exp(logTemperature)) + scale.penalty(logTemperature)
      }
    count = labels.count
    self.scale = scale
    logLossBefore = loss(1)
    logLossAfter = temperature == 1 ? logLossBefore : loss(temperature)
  }

  /// exp of the place in log 0.05 ... log 20 where the sum is smallest: the best of a grid, then golden-section search
  /// between its neighbors. The likelihood has one minimum, and so has the prior; their sum might have two.
  private static func minimum(_ value: (Double) -> Double) -> Double {
    let grid = (0...60).map { log(0.05) + Double($0) / 60 * log(400) }
    let values = grid.map(value)
    let best = values.indices.min { values[$0] < values[$1] } ?? 30
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (grid[max(0, best - 1)], grid[min(60, best + 1)])
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (fa, fb) = (value(a), value(b))
    while high - low > 1e-6 {
      if fa < fb {
        (high, b, fb) = (b, a, fa)
        a = high - ratio * (high - low)
        fa = value(a)
      } else {
        (low, a, fa) = (a, b, fb)
        b = low + ratio * (high - low)
        fb = value(b)
      }
    }
    return exp((low + high) / 2)
  }
}

/// Logits of held-out parts with the targets that so many parts support.
private struct HeldOutLogits {
  let logits: [Float]
  let labels: [Int]
  let classCount: Int
  /// Of a part's own class; the rest is shared by the others.
  let own: Double

  init(_ logits: [Float], labels: [Int], classCount: Int) {
    self.logits = logits
    self.labels = labels
    self.classCount = classCount
    own = (Double(labels.count) + 0.5) / Double(labels.count + 1)
  }

  /// Sum over the parts of the cross-entropy of targets and probabilities.
  func loss(temperature: Double) -> Double {
    let other = (1 - own) / Double(classCount - 1)
    var sum = 0.0
    for (row, label) in labels.enumerated() {
      let range = row * classCount..<(row + 1) * classCount
      let largest = Double(logits[range].max() ?? 0)
      var (exponentials, all) = (0.0, 0.0)
      for index in range {
        let value = (Double(logits[index]) - largest) / temperature
        exponentials += exp(value)
        all += value
      }
      let truth = (Double(logits[row * classCount + label]) - largest) / temperature
      sum += log(exponentials) - own * truth - other * (all - truth)
    }
    return sum
  }
}
