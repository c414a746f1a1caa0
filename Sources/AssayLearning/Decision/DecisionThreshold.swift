public import AssayBase
import Foundation

/// How the line between good and defect is drawn.
public enum ThresholdRule: Sendable, Hashable {
  /// At most this share of defects may pass, 0..<1.
  case maximumEscape(Double)
  /// At most this share of good parts may be rejected, 0..<1.
  case maximumOverkill(Double)
  /// The best F1 of the defects.
  case bestF1

  public var name: String {
    switch self {
    case .maximumEscape: "max-escape"
    case .maximumOverkill: "max-overkill"
    case .bestF1: "best-f1"
    }
  }

  public var rate: Double? {
    switch self {
    case .maximumEscape(let rate), .maximumOverkill(let rate): rate
    case .bestF1: nil
    }
  }
}

/// A threshold on the probability of being defective: a part is a defect when its score is at least ``value``.
///
/// For a rate, the threshold is a split-conformal quantile of held-out scores (Vovk et al. 2005; Angelopoulos and Bates
/// 2023): if new parts are exchangeable with the held-out ones, the expected rate on new parts is at most the rate asked.
public struct DecisionThreshold: Sendable, Equatable {
  public let value: Double
  public let rule: ThresholdRule
  /// Held-out defects below the threshold, and all of them.
  public let escapes: Int
  public let defects: Int
  /// Held-out good parts at or above the threshold, and all of them.
  public let overkills: Int
  public let goods: Int
  /// For people: how it was chosen and on how many parts it rests.
  public let explanation: String

  /// There are too few held-out parts to promise the rate.
  public struct Insufficient: Error, Sendable, Equatable, CustomStringConvertible {
    public let rule: ThresholdRule
    public let needed: Int
    public let have: Int

    public init(rule: ThresholdRule, needed: Int, have: Int) {
      self.rule = rule
      self.needed = needed
      self.have = have
    }

    public var description: String {
      let kind = if case .maximumEscape = rule { "defective" } else { "good" }
      let rate = ShareText.rate(rule.rate ?? 0)
      return
        "\(have) held-out \(kind) parts are too few to promise --\(rule.name) \(rate): it needs at least \(needed); "
        + "add \(kind) parts or allow a higher rate"
    }
  }

  /// - Parameters:
  ///   - scores: held-out probabilities of being defective, 0...1.
  ///   - isDefect: the truth of each.
  public init(_ rule: ThresholdRule, scores: [Double], isDefect: [Bool]) throws(Insufficient) {
    precondition(scores.count == isDefect.count)
    let bad = zip(scores, isDefect).filter(\.1).map(\.0).sorted()
    let good = zip(scores, isDefect).filter { !$0.1 }.map(\.0).sorted()
    let value: Double
    let how: String
    switch rule {
    case .maximumEscape(let rate):
      // The k lowest-scoring of n defects may lie below, with k + 1 <= rate (n + 1): then a new defect ranks below the
      // threshold with a probability of at most (k + 1) / (n + 1).
      let k = Int((Self.share(rate) * Double(bad.count + 1) + 1e-9).rounded(.down))
      guard k >= 1 else { throw Insufficient(rule: rule, needed: Self.needed(rate), have: bad.count) }
      value = bad[min(k, bad.count) - 1]
      how = "the highest threshold that keeps the expected share of escaped defects at or below \(ShareText.rate(rate))"
    case .maximumOverkill(let rate):
      // Above the rank ceil((n + 1)(1 - rate)) of n good parts lies a new good part with a probability of at most rate.
      let rank = Int((Double(good.count + 1) * (1 - Self.share(rate)) - 1e-9).rounded(.up))
      guard rank <= good.count else { throw Insufficient(rule: rule, needed: Self.needed(rate), have: good.count) }
      value = good[max(rank, 1) - 1].nextUp
      how =
        "the lowest threshold that keeps the expected share of rejected good parts at or below \(ShareText.rate(rate))"
    case .bestF1:
      value = Self.bestF1(good: good, bad: bad)
      how = "the threshold with the best F1 of the defects"
    }
    self.value = value
    self.rule = rule
    escapes = bad.count { $0 < value }
    defects = bad.count
    overkills = good.count { $0 >= value }
    goods = good.count
    explanation =
      "\(how), chosen on \(goods) good and \(defects) defective held-out parts: \(escapes) of \(defects) defects would "
      + "pass, \(overkills) of \(goods) good parts would be rejected"
  }

  /// A rate as a share of parts: of what is no number, none.
  private static func share(_ rate: Double) -> Double { rate.isNaN ? 0 : min(max(rate, 0), 1) }

  /// How many parts a rate needs: the smallest n with rate (n + 1) >= 1.
  public static func needed(_ rate: Double) -> Int {
    // No set of parts is as large as the last.
    rate > 1e-15 ? max(1, Int((1 / rate - 1 - 1e-9).rounded(.up))) : Int.max
  }

  /// Midway between the two neighbouring scores where F1 is best; of equal ones the lowest threshold, which lets fewer
  /// defects escape.
  private static func bestF1(good: [Double], bad: [Double]) -> Double {
    let candidates = Set(good + bad).sorted()
    guard var best = candidates.first, !bad.isEmpty else { return 0.5 }
    var bestScore = -1.0
    var (g, b) = (0, 0)
    for (index, candidate) in candidates.enumerated() {
      while g < good.count, good[g] < candidate { g += 1 }
      while b < bad.count, bad[b] < candidate { b += 1 }
      let found = Double(bad.count - b)
      let score = 2 * found / (2 * found + Double(good.count - g) + Double(b))
      if score > bestScore {
        bestScore = score
        best = index == 0 ? candidate : (candidates[index - 1] + candidate) / 2
      }
    }
    return best
  }
}

extension DecisionThreshold.Insufficient: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.badData, description) }
}
