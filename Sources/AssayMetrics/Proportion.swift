import Foundation

/// Intervals and tests for counted outcomes.
public enum Proportion {
  /// Wilson's 95 % interval (1927): sensible at 0 and at 1 too, where the bootstrap knows nothing.
  public static func wilson(_ hits: Int, of total: Int) -> Interval? {
    guard total > 0 else { return nil }
    let (z, n) = (1.959963984540054, Double(total))
    let p = Double(hits) / n
    let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return Interval(low: max(0, centre - half), high: min(1, centre + half))
  }

  /// Newcombe's 95 % interval (1998, method 10) of the difference of two independent shares, from Wilson's of each.
  public static func newcombe(_ a: Int, of m: Int, minus b: Int, of n: Int) -> Interval? {
    guard let first = wilson(a, of: m), let second = wilson(b, of: n) else { return nil }
    let (p, q) = (Double(a) / Double(m), Double(b) / Double(n))
    func root(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    return Interval(
      low: p - q - root(p - first.low, second.high - q), high: p - q + root(first.high - p, q - second.low))
  }

  /// McNemar's exact test (two-sided binomial): could two classifiers with these disagreements be equally good?
  /// - Parameters:
  ///   - onlyFirst, onlySecond: images that only the first, only the second classifier got right.
  public static func mcNemar(onlyFirst: Int, onlySecond: Int) -> Double {
    let n = onlyFirst + onlySecond
    guard n > 0 else { return 1 }
    var tail = 0.0
    for k in 0...min(onlyFirst, onlySecond) {
      let logChoices = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
      tail += exp(logChoices - Double(n) * log(2.0))
    }
    return min(1, 2 * tail)
  }
}

/// Escapes (defects passed) and overkills (good parts rejected) at a threshold.
public struct EscapeOverkill: Sendable, Equatable {
  public let threshold: Double
  public let escapes: Int
  public let defects: Int
  public let overkills: Int
  public let goods: Int

  /// - Parameter scores: probability of being defective; at or above the threshold a part is rejected.
  public init(threshold: Double, scores: [Double], isDefect: [Bool]) {
    precondition(scores.count == isDefect.count)
    self.threshold = threshold
    defects = isDefect.count { $0 }
    goods = isDefect.count - defects
    escapes = zip(scores, isDefect).count { $1 && $0 < threshold }
    overkills = zip(scores, isDefect).count { !$1 && $0 >= threshold }
  }

  public var escapeRate: Double { ConfusionMatrix.ratio(escapes, defects) }
  public var overkillRate: Double { ConfusionMatrix.ratio(overkills, goods) }
}
