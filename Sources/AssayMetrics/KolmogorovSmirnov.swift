import Foundation

/// Two-sample test of Kolmogorov and Smirnov: whether two sets of values may come from one distribution.
public struct KolmogorovSmirnov: Sendable, Equatable {
  /// What would be news.
  public enum Alternative: Sendable {
    /// The distributions differ, in whatever way.
    case different
    /// The first sample's values are larger: its distribution function lies below the second's somewhere.
    case larger
  }

  /// Largest difference between the two empirical distribution functions, 0...1; of those in the alternative's direction.
  public let statistic: Double
  /// Probability of a statistic at least as large when both come from one distribution. For ``Alternative/different`` the
  /// limiting distribution with the correction of Stephens (1970) for finite samples, for ``Alternative/larger`` the limit
  /// exp(-2 D² mn / (m + n)) of Smirnov (1939).
  public let pValue: Double

  /// nil when a sample is empty.
  public init?(_ first: [Double], _ second: [Double], alternative: Alternative = .different) {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    let (a, b) = (first.sorted(), second.sorted())
    var (i, j) = (0, 0)
    var (above, below) = (0.0, 0.0)
    while i < a.count, j < b.count {
      // Equal values step together: ties are no difference.
      let value = min(a[i], b[j])
      while i < a.count, a[i] <= value { i += 1 }
      while j < b.count, b[j] <= value { j += 1 }
      let difference = Double(i) / Double(a.count) - Double(j) / Double(b.count)
      above = max(above, difference)
      below = max(below, -difference)
    }
    let root = (Double(a.count) * Double(b.count) / Double(a.count + b.count)).squareRoot()
    switch alternative {
    case .different:
      statistic = max(above, below)
      pValue = Self.survival((root + 0.12 + 0.11 / root) * statistic)
    case .larger:
      statistic = below
      pValue = min(1, exp(-2 * root * root * below * below))
    }
  }

  /// Q(x) = 2 sum over k of (-1)^(k - 1) exp(-2 k² x²).
  private static func survival(_ x: Double) -> Double {
    guard x > 0.2 else { return 1 }
    var sum = 0.0
    var sign = 1.0
    for k in 1...100 {
      let term = exp(-2 * Double(k * k) * x * x)
      sum += sign * term
      if term < 1e-12 { break }
      sign = -sign
    }
    return min(max(2 * sum, 0), 1)
  }
}
