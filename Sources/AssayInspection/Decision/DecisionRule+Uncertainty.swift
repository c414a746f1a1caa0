package import AssayBundle
import Foundation

/// When a person should look: for every kind of inspector, and for the choice of the band on held-out parts.
extension DecisionRule {
  /// Log odds beyond these are not told apart: that would need a thousand million parts.
  private static let extreme = 1e-9

  /// How far a part lies above its threshold: a difference of log odds for probabilities, of logarithms for anomaly scores.
  /// Infinite where no score could come near the threshold; nil where there is nothing to compare.
  static func margin(_ score: Double, _ threshold: Double, _ scale: ThresholdScale) -> Double? {
    guard score.isFinite else { return nil }
    switch scale {
    case .probability:
      // A threshold of 0 or 1 has no odds; neither has it a neighborhood.
      guard threshold >= extreme else { return .infinity }
      guard threshold < 1 else { return -.infinity }
      return logOdds(score) - logOdds(threshold)
    case .score:
      guard threshold > 0 else { return .infinity }
      return score > 0 ? log(score / threshold) : -.infinity
    }
  }

  private static func logOdds(_ p: Double) -> Double {
    let inside = min(max(p, extreme), 1 - extreme)
    return log(inside / (1 - inside))
  }

  /// Of classes that are found each by itself: of the one that lies highest above its threshold. What is near it is
  /// uncertain, for then a little more or less turns a good part into a bad one, or the other way round.
  static func margin(labels probabilities: [Double], _ thresholds: [Double]) -> Double? {
    zip(probabilities, thresholds).compactMap { margin($0, $1, .probability) }.max()
  }

  /// Bundles from before there was a budget: odds within a factor of 3, an anomaly score within 15 %, a class found with
  /// less than 0.7.
  private enum Earlier {
    static let odds = log(3.0)
    static let score = 0.15
    static let probability = 0.7
  }

  private func isNear(_ margin: Double?, _ scale: ThresholdScale) -> Bool {
    guard let margin else { return false }
    if let band { return margin < 0 ? -margin < band.below ?? 0 : margin < band.above ?? 0 }
    switch scale {
    case .probability: return abs(margin) < Earlier.odds
    case .score: return abs(exp(margin) - 1) < Earlier.score
    }
  }

  /// - Parameters:
  ///   - score: with which the verdict was made; nil where there is none.
  ///   - probability: of the class found.
  package func isUncertain(score: Double?, probability: Double?) -> Bool {
    switch form {
    case .score(let threshold?, let scale): score.map { isNear(Self.margin($0, threshold, scale), scale) } ?? true
    case .score(nil, _): true
    case .classes: (probability ?? 0) < (band.map { $0.probability ?? 0 } ?? Earlier.probability)
    case .labels, .values: false
    }
  }

  /// Whether a little more or less of something would make a good part a bad one, or the other way round: a class is near
  /// its threshold, and none is found beyond doubt.
  package func isUncertain(labels probabilities: [Double]) -> Bool {
    guard case .labels(let thresholds) = form else { return false }
    return isNear(Self.margin(labels: probabilities, thresholds), .probability)
  }

  /// The same of ``classes``' probabilities, whatever the form.
  package func isUncertain(probabilities: [Double]) -> Bool {
    if case .labels = form { return isUncertain(labels: probabilities) }
    let (_, index, score) = decide(probabilities)
    return isUncertain(score: score, probability: probabilities.indices.contains(index) ? probabilities[index] : nil)
  }

  // MARK: The band

  /// The band that makes the least certain of held-out parts uncertain: by the conformal quantile of their distances from
  /// the threshold, so that the expected share of new parts within is at most the budget. Below 1 / budget parts the
  /// nearest one's distance is taken in proportion.
  ///
  /// Where no held-out part is defective, nothing is known of scores above those that good parts have: the band does not
  /// reach further.
  /// - Parameters:
  ///   - budget: share of parts, 0..<1.
  ///   - reference: parts that the model has not learned from.
  /// - Returns: nil where nothing is decided, so that nothing can be uncertain, and where no part is known.
  package func choosingBand(budget: Double, on reference: BundleReference) -> UncertainBand? {
    var result = UncertainBand(budget: budget, parts: reference.scores.count, uncertain: 0)
    let margins: [Double]
    switch form {
    case .score(let threshold?, let scale):
      margins = reference.scores.compactMap { Self.margin($0, threshold, scale) }
    case .labels(let thresholds):
      guard let labels = reference.labels, labels.map(\.name) == classes else { return nil }
      margins = reference.scores.indices.compactMap { row in
        Self.margin(labels: labels.map { $0.scores[row] }, thresholds)
      }
    case .classes:
      // Kept is what is missing from certainty.
      let probabilities = reference.scores.map { 1 - $0 }
      guard !probabilities.isEmpty else { return nil }
      let limit = Self.quantile(probabilities, budget)
      result.probability = min(max(limit, 0), 1)
      result.uncertain = probabilities.count { $0 < limit }
      return result
    case .score(nil, _), .values: return nil
    }
    guard !margins.isEmpty else { return nil }
    let width = Self.quantile(margins.map(abs), budget)
    // Of parts that are all beyond reach, none is uncertain.
    let reach = width.isFinite ? width : 0
    result.below = reach
    result.above = reach
    if !reference.isDefect.contains(true), let highest = margins.max() {
      result.above = min(reach, max(0, highest.nextUp))
    }
    let rule = with(result)
    result.uncertain = margins.count { rule.isNear($0, scale ?? .probability) }
    return result
  }

  /// Below which a new value lies with at most the probability `share`: the k-th smallest of n with k <= share (n + 1).
  private static func quantile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    let place = share * Double(sorted.count + 1)
    let k = Int((place + 1e-9).rounded(.down))
    guard k >= 1 else { return (sorted.first ?? 0) * place }
    return sorted[min(k, sorted.count) - 1]
  }
}
