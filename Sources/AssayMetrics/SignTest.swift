import Foundation

/// The exact one-sided sign test: of the parts on which two inspectors disagree, does the one win too many for chance? The pairs
/// are McNemar's (1947), the question is one-sided.
public enum SignTest {
  /// Probability of at least so many wins when each is as likely as a loss.
  public static func pValue(wins: Int, losses: Int) -> Double {
    let n = wins + losses
    guard wins > 0 else { return 1 }
    var tail = 0.0
    for k in wins...n {
      let logChoices = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
      tail += exp(logChoices - Double(n) * log(2.0))
    }
    return min(1, tail)
  }

  /// Fewest wins, with no loss, that are beyond chance: `0.5^n <= level`.
  public static func fewestWins(level: Double) -> Int { Int((log(level) / log(0.5)).rounded(.up)) }

  /// How many times as many pairs would be beyond chance, were wins and losses as they are now in proportion.
  /// - Returns: nil when the wins do not exceed the losses, or no reasonable number of pairs would do.
  public static func growth(wins: Int, losses: Int, level: Double) -> Double? {
    let n = wins + losses
    guard wins > losses else { return nil }
    var pairs = n
    while pairs <= 100_000 {
      let more = (Double(wins) / Double(n) * Double(pairs)).rounded(.down)
      if pValue(wins: Int(more), losses: pairs - Int(more)) <= level { return Double(pairs) / Double(n) }
      pairs += max(1, pairs / 200)
    }
    return nil
  }
}
