import Foundation

/// Intervals and tests for counted outcomes.
public enum Proportion {
  /// The 97.5 % quantile of the standard normal distribution.
  static let z = 1.959963984540054

  /// Wilson's 95 % interval (1927): sensible at 0 and at 1 too, where the bootstrap knows nothing.
  /// - Returns: nil when `total` is 0.
  public static func wilson(_ hits: Int, of total: Int) -> Interval? {
    guard total > 0 else { return nil }
    return wilson(share: Double(hits) / Double(total), of: total)
  }

  /// The same for a mean of `total` numbers 0...1, which varies at most as much as a share of as many.
  static func wilson(share p: Double, of total: Int) -> Interval? {
    guard total > 0, p.isFinite else { return nil }
    let n = Double(total)
    let center = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    // At the ends the formula gives 0 and 1; rounding must not.
    return Interval(low: p == 0 ? 0 : max(0, center - half), high: p == 1 ? 1 : min(1, center + half))
  }

  /// Share of parts that may be otherwise though none of `total` was: the upper end of Wilson's interval at 0.
  public static func unseen(of total: Int) -> Double { wilson(0, of: total)?.high ?? 1 }

  /// 95 % interval of an F1: with J the share of true ones among all that were found or ought to have been,
  /// F1 = 2 J / (1 + J), and J has Wilson's ("Wilson indirect", Lam, Gopal and Qian 2023).
  /// - Parameters:
  ///   - found: rightly found. `wrong`: falsely found, or missed.
  /// - Returns: nil when nothing was found or missed.
  public static func f1(found: Int, wrong: Int) -> Interval? {
    wilson(found, of: found + wrong).map { share in
      Interval(low: 2 * share.low / (1 + share.low), high: 2 * share.high / (1 + share.high))
    }
  }

  /// 95 % interval of the mean of several figures, by squaring and adding the distances to each one's bounds (MOVER; Zou
  /// and Donner 2008).
  /// - Parameters:
  ///   - parts: each figure with its interval.
  ///   - touched: how many of the figures one image can change at once; their errors are not independent then.
  /// - Returns: nil when there are none.
  public static func mean(_ parts: [(value: Double, interval: Interval)], touched: Int = 1) -> Interval? {
    guard !parts.isEmpty else { return nil }
    let count = Double(parts.count)
    let mean = parts.reduce(0) { $0 + $1.value } / count
    let factor = Double(min(max(1, touched), parts.count)).squareRoot() / count
    func root(_ distance: (Double, Interval) -> Double) -> Double {
      parts.reduce(0) { $0 + distance($1.value, $1.interval) * distance($1.value, $1.interval) }.squareRoot()
    }
    return Interval(
      low: mean - factor * root { $0 - $1.low }, high: mean + factor * root { $1.high - $0 })
  }

  /// Newcombe's 95 % interval (1998, "Improved confidence intervals for the difference between binomial proportions based
  /// on paired data", method 10) of the second share less the first, both of the same images.
  /// - Parameters:
  ///   - both, neither: images that both, that none got right. `onlyFirst`, `onlySecond`: that one of them did.
  /// - Returns: nil without images.
  public static func pairedDifference(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) -> Interval? {
    let total = both + onlyFirst + onlySecond + neither
    guard let first = wilson(both + onlyFirst, of: total), let second = wilson(both + onlySecond, of: total) else {
      return nil
    }
    let n = Double(total)
    let (p, q) = (Double(both + onlyFirst) / n, Double(both + onlySecond) / n)
    let (b, f, s, e) = (Double(both), Double(onlyFirst), Double(onlySecond), Double(neither))
    let margins = (b + f) * (s + e) * (b + s) * (f + e)
    let product = b * e - f * s
    // Positive correlation is corrected for continuity.
    let correlation = margins == 0 ? 0 : (product > 0 ? max(product - n / 2, 0) : product) / margins.squareRoot()
    func root(_ x: Double, _ y: Double) -> Double { max(0, x * x - 2 * correlation * x * y + y * y).squareRoot() }
    let change = q - p
    return Interval(
      low: change - root(q - second.low, first.high - p), high: change + root(second.high - q, p - first.low))
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
