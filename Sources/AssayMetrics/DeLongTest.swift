import Foundation

/// Two rankings of the same images: could their areas under the ROC curve be equal? (DeLong, DeLong and Clarke-Pearson,
/// "Comparing the areas under two or more correlated receiver operating characteristic curves", 1988.)
public struct DeLongTest: Sendable, Equatable {
  public let firstArea: Double
  public let secondArea: Double
  /// Variance of the difference of the areas.
  public let variance: Double
  /// Two-sided, from the normal distribution; 1 where the rankings do not differ.
  public let pValue: Double

  /// - Parameters:
  ///   - first, second: scores of each image, higher for positives.
  /// - Returns: nil with fewer than two positives or two negatives.
  public init?(first: [Double], second: [Double], isPositive: [Bool]) {
    precondition(first.count == isPositive.count && second.count == isPositive.count, "two scores for each image")
    let positives = isPositive.count { $0 }
    guard positives > 1, isPositive.count - positives > 1 else { return nil }
    let one = Self.placements(first, isPositive)
    let other = Self.placements(second, isPositive)
    firstArea = Self.mean(one.positive)
    secondArea = Self.mean(other.positive)
    variance =
      Self.variance(zip(one.positive, other.positive).map { $0 - $1 }) / Double(one.positive.count)
      + Self.variance(zip(one.negative, other.negative).map { $0 - $1 }) / Double(one.negative.count)
    let difference = abs(firstArea - secondArea)
    pValue = difference == 0 ? 1 : variance == 0 ? 0 : erfc(difference / (2 * variance).squareRoot())
  }

  /// For each positive the share of negatives that it outscores, and for each negative the share of positives that outscore
  /// it; ties count half.
  private static func placements(
    _ scores: [Double], _ isPositive: [Bool]
  ) -> (positive: [Double], negative: [Double]) {
    let high = zip(scores, isPositive).filter(\.1).map(\.0)
    let low = zip(scores, isPositive).filter { !$0.1 }.map(\.0)
    let (sortedHigh, sortedLow) = (high.sorted(), low.sorted())
    return (high.map { rank($0, sortedLow) }, low.map { 1 - rank($0, sortedHigh) })
  }

  /// Share of sorted values below one, ties half.
  private static func rank(_ value: Double, _ sorted: [Double]) -> Double {
    func count(_ isBefore: (Double) -> Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return Double(count { $0 < value } + count { $0 <= value }) / Double(2 * sorted.count)
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private static func variance(_ values: [Double]) -> Double {
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }
}
