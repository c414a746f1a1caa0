import Foundation

/// Probabilities of ordered levels from one score (proportional odds, McCullagh 1980): `P(y <= k) = sigmoid(t_k - s)`,
/// with thresholds `t_0 = 0` and `t_k = t_(k-1) + exp(d_k)`.
///
/// The thresholds are ordered by construction, as those of CORAL (Cao, Mirjalili and Raschka 2020) are at its optimum, so
/// that no level can have a negative probability; the likelihood is that of the levels themselves, so that the
/// probabilities need no further calibration.
public struct CumulativeLink: Sendable, Equatable {
  /// `[levels - 1]`, ascending.
  public let thresholds: [Double]
  private let distances: [Double]

  /// The first threshold is 0.
  /// - Parameter logSteps: logarithms of the distances between thresholds, `[levels - 2]`.
  public init(logSteps: [Double]) {
    distances = logSteps.map { exp($0) }
    var thresholds = [0.0]
    for distance in distances { thresholds.append(thresholds[thresholds.count - 1] + distance) }
    self.thresholds = thresholds
  }

  /// - Parameter thresholds: ascending, at least one.
  public init(thresholds: [Double]) {
    precondition(!thresholds.isEmpty && zip(thresholds, thresholds.dropFirst()).allSatisfy { $0 <= $1 })
    distances = zip(thresholds, thresholds.dropFirst()).map { $1 - $0 }
    self.thresholds = thresholds
  }

  public var levelCount: Int { thresholds.count + 1 }

  /// Logarithm of each level's probability.
  ///
  /// With `a` the upper and `b` the lower threshold minus the score, `P = sigmoid(a) sigmoid(-b) (1 - exp(b - a))`: a
  /// product, which no small difference spoils.
  public func logProbabilities(score: Double) -> [Double] {
    (0..<levelCount).map { level in
      var sum = 0.0
      if level < thresholds.count { sum += Self.logSigmoid(thresholds[level] - score) }
      if level > 0 { sum += Self.logSigmoid(score - thresholds[level - 1]) }
      if level > 0, level < thresholds.count {
        sum += log(max(-expm1(-distances[level - 1]), Double.leastNormalMagnitude))
      }
      return sum
    }
  }

  public func probabilities(score: Double) -> [Double] { logProbabilities(score: score).map { exp($0) } }

  /// Minus the logarithm of a level's probability, times the weight, and its derivative with respect to the score.
  /// - Parameter steps: the derivatives with respect to the logarithms of the steps are added to these.
  func loss(
    score: Double, level: Int, weight: Double, steps: inout [Double]
  ) -> (loss: Double, derivative: Double) {
    var (logProbability, derivative) = (0.0, 0.0)
    // Derivatives with respect to the upper and the lower threshold.
    var (upper, lower) = (0.0, 0.0)
    if level < thresholds.count {
      let a = thresholds[level] - score
      logProbability += Self.logSigmoid(a)
      upper += Self.sigmoid(-a)
    }
    if level > 0 {
      let b = thresholds[level - 1] - score
      logProbability += Self.logSigmoid(-b)
      lower -= Self.sigmoid(b)
    }
    derivative = -upper - lower
    if level > 0, level < thresholds.count {
      let distance = distances[level - 1]
      logProbability += log(max(-expm1(-distance), Double.leastNormalMagnitude))
      let pull = 1 / expm1(max(distance, 1e-300))
      upper += pull
      lower -= pull
    }
    // Threshold k moves with every step up to k.
    for step in steps.indices {
      var change = 0.0
      if level < thresholds.count, step < level { change += upper }
      if level > 0, step < level - 1 { change += lower }
      // `pull` times a distance that vanishes is 1, which infinity times zero would not be.
      steps[step] -= weight * (change.isFinite ? change * distances[step] : 1)
    }
    return (-weight * logProbability, -weight * derivative)
  }

  private static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }

  private static func logSigmoid(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }
}
