import Foundation

/// One temperature for all logits, so that stated probabilities are true on held-out parts (Guo et al. 2017).
public struct TemperatureScaling: Sendable, Equatable {
  /// Divides the logits; above 1 makes the probabilities more cautious.
  public let temperature: Double
  public let logLossBefore: Double
  public let logLossAfter: Double

  /// Minimises the log loss of held-out logits over the temperature, by golden-section search on its logarithm.
  /// - Parameters:
  ///   - logits: `[n, K]`, each from a model that was not trained on that row.
  public init(heldOut logits: [Float], labels: [Int], classCount: Int) {
    func loss(_ logTemperature: Double) -> Double {
      Softmax.logLoss(logits, labels: labels, classCount: classCount, temperature: exp(logTemperature))
    }
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (log(0.05), log(20.0))
    var (a, b) = (high - ratio * (high - low), low + ratio * (high - low))
    var (fa, fb) = (loss(a), loss(b))
    // The loss is convex in 1/T, hence unimodal in log T.
    while high - low > 1e-6 {
      if fa < fb {
        (high, b, fb) = (b, a, fa)
        a = high - ratio * (high - low)
        fa = loss(a)
      } else {
        (low, a, fa) = (a, b, fb)
        b = low + ratio * (high - low)
        fb = loss(b)
      }
    }
    let before = loss(0)
    let best = (low + high) / 2
    let after = loss(best)
    temperature = labels.isEmpty || after >= before ? 1 : exp(best)
    logLossBefore = before
    logLossAfter = min(before, after)
  }
}
