import Foundation

extension Inspection {
  /// Whether a person should look at the part: it lies so near to the decision that a little noise would turn it.
  ///
  /// - A probability of being defective whose odds are within a factor of 3 of the threshold's.
  /// - An anomaly score within 15 % of its threshold.
  /// - Where no class is good: a class found with a probability below 0.7.
  public var isUncertain: Bool {
    if let probability, let score, let threshold {
      // A threshold of 0 or 1 has no odds; neither has it a neighbourhood.
      guard (1e-9..<1).contains(threshold), probability.isFinite else { return false }
      func logOdds(_ p: Double) -> Double { log(min(max(p, 1e-9), 1 - 1e-9) / (1 - min(max(p, 1e-9), 1 - 1e-9))) }
      return abs(logOdds(score) - logOdds(threshold)) < log(3)
    }
    if let score, let threshold { return threshold > 0 && abs(score / threshold - 1) < 0.15 }
    if verdict == .classified, let probability { return probability < 0.7 }
    return verdict == .unjudged
  }
}
