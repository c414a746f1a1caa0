import Foundation

/// A 95 % interval.
public struct Interval: Sendable, Equatable, Codable {
  public let low: Double
  public let high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// The smallest interval that holds both.
  public func joined(with other: Interval?) -> Interval {
    guard let other else { return self }
    return Interval(low: min(low, other.low), high: max(high, other.high))
  }

  /// From a figure to what it would be had the share of parts that `count` images can hide (``Proportion/unseen(of:)``)
  /// been guessed. A bootstrap's interval is joined with it, for where all images agree it is a point.
  /// - Parameters:
  ///   - chance: what the figure is for guesses.
  public static func unseen(_ value: Double, chance: Double, count: Int) -> Interval {
    let moved = value + Proportion.unseen(of: count) * (chance - value)
    return Interval(low: min(value, moved), high: max(value, moved))
  }

  /// The same within a figure's range.
  public func clamped(to range: ClosedRange<Double>) -> Interval {
    Interval(
      low: min(max(low, range.lowerBound), range.upperBound), high: min(max(high, range.lowerBound), range.upperBound))
  }

  /// Of shares, for people: `75.7 % … 100.0 %`. Rounded outwards, so that an end is shown as 0 or 100 % only if it is.
  /// - Parameters:
  ///   - digits: decimals of a percentage.
  public func percent(digits: Int = 1, separator: String = " … ") -> String {
    func text(_ value: Double, _ rule: FloatingPointRoundingRule) -> String {
      let scale = pow(10, Double(digits))
      // 0.57 * 100 is a little less than 57: what a double cannot hold is not rounded away.
      let exact = value * 100 * scale
      let near = exact.rounded()
      let rounded = abs(exact - near) < 1e-9 * max(1, abs(exact)) ? near : exact.rounded(rule)
      return String(format: "%.\(digits)f %%", rounded / scale)
    }
    return text(low, .down) + separator + text(high, .up)
  }
}
