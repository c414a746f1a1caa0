import AssayBase
import Foundation

/// By how much one inspector is behind another on the same parts, with a 95 % interval.
///
/// An interval of resamples alone knows nothing where two inspectors answer alike, or nearly: on fifteen parts that both find
/// it says that they are equal. So each interval here reaches as far as the wider one of two: the bootstrap's, which knows the
/// figure itself and what the threshold owes to the good parts it was read off, and Tango's score interval of the share of
/// parts that only one of the two gets right.
public struct PairedDifference: Sendable, Equatable {
  /// Positive where the first is behind, in shares: 0.05 are five points.
  public let value: Double
  public let interval: Interval
  /// Parts that only the first, only the second got right.
  public let onlyFirst: Int
  public let onlySecond: Int

  /// Of shares of escaped defects where at most a share of the good parts is rejected.
  /// - Parameters:
  ///   - first, second: scores of each part, higher for defects.
  /// - Returns: nil unless both good and defective parts are there.
  public static func ofEscapes(
    _ first: [Double], _ second: [Double], isDefect: [Bool], maximumOverkill: Double, bootstrap: Bootstrap = Bootstrap()
  ) -> PairedDifference? {
    guard let one = EscapeAtOverkill(atMost: maximumOverkill, scores: first, isDefect: isDefect),
      let other = EscapeAtOverkill(atMost: maximumOverkill, scores: second, isDefect: isDefect)
    else { return nil }
    let defects = isDefect.indices.filter { isDefect[$0] }
    return PairedDifference(
      one.escapeRate - other.escapeRate,
      hits: defects.map { (one.isRejected[$0], other.isRejected[$0]) },
      resampled: bootstrap.escapeDifference(first, second, isDefect: isDefect, maximumOverkill: maximumOverkill))
  }

  /// Of macro F1.
  /// - Parameters:
  ///   - first, second: class that each says of each part.
  /// - Returns: nil without parts.
  public static func ofMacroF1(
    _ first: [Int], _ second: [Int], labels: [Int], classCount: Int, bootstrap: Bootstrap = Bootstrap()
  ) -> PairedDifference? {
    func score(_ predicted: [Int]) -> Double {
      ConfusionMatrix(actual: labels, predicted: predicted, classCount: classCount).macroF1
    }
    return PairedDifference(
      score(second) - score(first),
      hits: labels.indices.map { (first[$0] == labels[$0], second[$0] == labels[$0]) },
      resampled: bootstrap.interval(count: labels.count) { rows in
        let actual = rows.map { labels[$0] }
        func resampled(_ predicted: [Int]) -> Double {
          ConfusionMatrix(actual: actual, predicted: rows.map { predicted[$0] }, classCount: classCount).macroF1
        }
        return resampled(second) - resampled(first)
      })
  }

  private init?(_ value: Double, hits: [(first: Bool, second: Bool)], resampled: Interval?) {
    self.value = value
    onlyFirst = hits.count { $0.first && !$0.second }
    onlySecond = hits.count { $0.second && !$0.first }
    guard let score = Proportion.tango(onlyFirst: onlySecond, onlySecond: onlyFirst, of: hits.count) else { return nil }
    interval = score.joined(with: resampled)
  }

  /// Whether the first is shown to be behind.
  public var isBehind: Bool { interval.low > 0 }

  /// Whether the first is shown to be behind by less than a margin (a one-sided test of non-inferiority at 2.5 %): that no
  /// difference is seen does not show it.
  public func isWithin(_ margin: Double) -> Bool { interval.high < margin }
}

extension Proportion {
  /// Tango's 95 % score interval (1998) of the difference of two shares of the same parts, `(onlyFirst - onlySecond) / total`.
  /// Where nothing differs it is as wide as so few parts leave it.
  ///
  /// Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
  /// Statistics in Medicine 17 (1998), equations 8 to 10.
  /// - Parameters:
  ///   - onlyFirst, onlySecond: parts that only the first, only the second counts.
  public static func tango(onlyFirst: Int, onlySecond: Int, of total: Int) -> Interval? {
    guard total > 0, onlyFirst + onlySecond <= total else { return nil }
    let (b, c, n) = (Double(onlyFirst), Double(onlySecond), Double(total))
    /// Falls from one side to the other; 0 at the estimate.
    func statistic(_ difference: Double) -> Double {
      let linear = -b - c + (2 * n - b + c) * difference
      let constant = -c * difference * (1 - difference)
      let share = (max(0, linear * linear - 8 * n * constant).squareRoot() - linear) / (4 * n)
      let variance = n * (2 * share + difference * (1 - difference))
      let distance = b - c - n * difference
      return variance > 0 ? distance / variance.squareRoot() : distance == 0 ? 0 : distance > 0 ? .infinity : -.infinity
    }
    /// Where the statistic passes a value, between a place above it and one below.
    func place(of value: Double, _ start: Double, _ end: Double) -> Double {
      var (low, high) = (start, end)
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if statistic(middle) > value { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }
    let estimate = (b - c) / n
    return Interval(low: place(of: z, -1, estimate), high: place(of: -z, estimate, 1))
  }
}

extension Bootstrap {
  /// Of the share of escaped defects of the first less that of the second, each at the threshold that leaves at most a share
  /// of the resampled good parts rejected. Good and defective parts are drawn each among themselves.
  func escapeDifference(
    _ first: [Double], _ second: [Double], isDefect: [Bool], maximumOverkill: Double
  ) -> Interval? {
    let goods = isDefect.indices.filter { !isDefect[$0] }
    let defects = isDefect.indices.filter { isDefect[$0] }
    guard !goods.isEmpty, !defects.isEmpty else { return nil }
    let sides = [first, second].map { RankedGoods($0, goods: goods, defects: defects) }
    let allowed = EscapeAtOverkill.allowed(maximumOverkill, of: goods.count)
    var generator = SplitMix64(seed: seed)
    var drawn = [Int](repeating: 0, count: goods.count)
    let values = (0..<resamples).map { _ in
      for place in drawn.indices { drawn[place] = 0 }
      for _ in goods { drawn[generator.next(below: goods.count)] += 1 }
      let cuts = sides.map { $0.cut(drawn, allowed: allowed) }
      var difference = 0
      for _ in defects {
        let defect = generator.next(below: defects.count)
        difference += (sides[0].escapes(defect, cuts[0]) ? 1 : 0) - (sides[1].escapes(defect, cuts[1]) ? 1 : 0)
      }
      return Double(difference) / Double(defects.count)
    }
    return Self.percentiles(values)
  }

  /// Good parts from the highest score down, and how many of them each defect does not pass.
  private struct RankedGoods {
    let order: [Int]
    let ahead: [Int]

    init(_ scores: [Double], goods: [Int], defects: [Int]) {
      func value(_ index: Int) -> Double { scores[index].isNaN ? .infinity : scores[index] }
      let order = goods.indices.sorted { value(goods[$0]) > value(goods[$1]) }
      let sorted = order.map { value(goods[$0]) }
      self.order = order
      ahead = defects.map { defect in
        var (low, high) = (0, sorted.count)
        while low < high {
          let middle = (low + high) / 2
          if sorted[middle] >= value(defect) { low = middle + 1 } else { high = middle }
        }
        return low
      }
    }

    /// Place of the highest good part that must not be rejected; behind the last where all may be.
    func cut(_ drawn: [Int], allowed: Int) -> Int {
      var passed = 0
      for (place, good) in order.enumerated() {
        passed += drawn[good]
        if passed > allowed { return place }
      }
      return order.count
    }

    func escapes(_ defect: Int, _ cut: Int) -> Bool { cut < ahead[defect] }
  }
}
