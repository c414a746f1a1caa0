import AssayBase
import AssayMetrics
import Foundation
import Testing

// What no interval may say: that a few parts prove that all are alike. References (statsmodels 0.14):
//   w = lambda k, n: proportion_confint(k, n, method="wilson")
//   w(12, 12)                                                        0.757506, 1
//   l, h = w(8, 11); 2 * l / (1 + l), 2 * h / (1 + h)                0.605645, 0.948773
//   p = [9/10, 12/12, 15/20]; iv = [w(9, 10), w(12, 12), w(15, 20)]; m = mean(p)
//   m - sqrt(sum((a - l)**2 for a, (l, h) in zip(p, iv))) / 3, m + ...   0.734583, 0.936902
@Suite struct IntervalTests {
  @Test func twelveOfTwelveIsNotCertain() throws {
    let interval = try #require(Proportion.wilson(12, of: 12))
    #expect(isClose(interval.low, 0.7575060, 1e-6) && interval.high == 1)
    #expect(interval.percent() == "75.7 % … 100.0 %")
    let none = try #require(Proportion.wilson(0, of: 12))
    #expect(none.low == 0 && isClose(none.high, 1 - 0.7575060, 1e-6))
    #expect(isClose(Proportion.unseen(of: 12), none.high))
  }

  @Test func f1IsAShareOfWhatWasOrOughtToBeFound() throws {
    let interval = try #require(Proportion.f1(found: 8, wrong: 3))
    #expect(isClose(interval.low, 0.6056448, 1e-6) && isClose(interval.high, 0.9487734, 1e-6))
    #expect(Proportion.f1(found: 0, wrong: 0) == nil)
  }

  @Test func meansSquareAndAdd() throws {
    // Classes of 10, 12 and 20 parts; 9, 12 and 15 of them right, the others taken for the next class.
    let actual = [Int](repeating: 0, count: 10) + [Int](repeating: 1, count: 12) + [Int](repeating: 2, count: 20)
    let predicted =
      [Int](repeating: 0, count: 9) + [1] + [Int](repeating: 1, count: 12) + [Int](repeating: 2, count: 15)
      + [Int](repeating: 0, count: 5)
    let matrix = ConfusionMatrix(actual: actual, predicted: predicted, classCount: 3)
    let interval = try #require(matrix.balancedAccuracyInterval)
    #expect(isClose(interval.low, 0.7345827, 1e-6) && isClose(interval.high, 0.9369021, 1e-6))
  }

  /// With two classes a mistake changes the F1 of both, and macro F1 is known no better than each.
  @Test func macroF1OfPerfectPredictions() throws {
    let labels = [Int](repeating: 0, count: 12) + [Int](repeating: 1, count: 12)
    let matrix = ConfusionMatrix(actual: labels, predicted: labels, classCount: 2)
    let resampled = Bootstrap().intervals(actual: labels, predicted: labels, classCount: 2) { [$0.macroF1] }
    #expect(resampled[0] == Interval(low: 1, high: 1), "the bootstrap alone is certain")
    let interval = try #require(matrix.macroF1Interval(bootstrap: resampled[0]))
    let one = try #require(Proportion.f1(found: 12, wrong: 0))
    #expect(isClose(interval.low, one.low) && interval.high == 1)
  }

  /// Newcombe (2006), method 5, solved by bisection in Python from the paper's equation.
  @Test func areasUnderTheROCCurve() throws {
    func area(_ a: Double, _ m: Int, _ n: Int) throws -> Interval {
      try #require(RankingIntervals.rocArea(a, positives: m, negatives: n))
    }
    let middle = try area(0.85, 20, 30)
    #expect(isClose(middle.low, 0.7017009, 1e-6) && isClose(middle.high, 0.9278960, 1e-6))
    let perfect = try area(1, 12, 60)
    #expect(isClose(perfect.low, 0.9003049, 1e-6) && perfect.high == 1)
    let reversed = try area(0, 12, 60)
    #expect(reversed.low == 0 && isClose(reversed.high, 0.0996951, 1e-6))
    let larger = try area(1, 120, 600)
    #expect(larger.low > perfect.low, "more parts, more certainty")
    #expect(RankingIntervals.rocArea(1, positives: 0, negatives: 3) == nil)
    let precision = try #require(RankingIntervals.averagePrecision(1, positives: 12))
    #expect(precision == Proportion.wilson(12, of: 12))
  }

  /// Two normal distributions a known area apart, 12 defects and 60 good parts: the interval holds the area in at least 90
  /// of 100 draws, where percentiles of a bootstrap hold it in 71 (at an area of 0.99).
  @Test(arguments: [0.9, 0.99]) func intervalsHoldTheArea(area: Double) throws {
    // norm.ppf(area) * sqrt(2)
    let distance = area == 0.9 ? 1.812388 : 3.289953
    var generator = Generator(state: 5)
    var held = 0
    for _ in 0..<200 {
      let scores = (0..<72).map { (generator.normal() + ($0 < 12 ? distance : 0)) }
      let found = try #require(ROCCurve.area(scores: scores, isPositive: (0..<72).map { $0 < 12 }))
      let interval = try #require(found.interval)
      if interval.low <= area, area <= interval.high { held += 1 }
    }
    #expect(held >= 180)
  }

  /// Newcombe (1998), paired data: 20 both, 12 only the one, 2 only the other, 16 neither: 0.0562 to 0.3292.
  @Test func pairedDifferences() throws {
    let interval = try #require(Proportion.pairedDifference(both: 20, onlyFirst: 2, onlySecond: 12, neither: 16))
    #expect(isClose(interval.low, 0.0561564, 1e-6) && isClose(interval.high, 0.3292070, 1e-6))
    let same = try #require(Proportion.pairedDifference(both: 50, onlyFirst: 0, onlySecond: 0, neither: 0))
    #expect(isClose(same.low, -0.0713476, 1e-6) && isClose(same.high, 0.0713476, 1e-6))
    #expect(Proportion.pairedDifference(both: 0, onlyFirst: 0, onlySecond: 0, neither: 0) == nil)
  }

  @Test func severalClassesAnImage() throws {
    let truth = (0..<40).map { $0 % 3 == 0 }
    let scores = MultiLabelScores(
      probabilities: truth.map { $0 ? 1 : 0 }, truth: truth, thresholds: [0.5, 0.5])
    let resampled = MultiLabelScores.resampledIntervals(
      isFound: truth, truth: truth, classCount: 2, bootstrap: Bootstrap(resamples: 50))
    #expect(resampled.microF1 == Interval(low: 1, high: 1))
    let intervals = [
      scores.meanAveragePrecisionInterval, scores.macroF1Interval(bootstrap: resampled.macroF1),
      scores.microF1Interval(bootstrap: resampled.microF1),
    ]
    for interval in intervals {
      let own = try #require(interval)
      #expect(own.low < 0.95 && own.low > 0.5 && own.high == 1)
    }
  }

  @Test func whatWasNotSeenMayHaveBeenGuessed() {
    let interval = Interval.unseen(0, chance: 2, count: 12)
    #expect(interval.low == 0 && isClose(interval.high, 2 * Proportion.unseen(of: 12)))
    #expect(interval.joined(with: nil) == interval)
    #expect(interval.joined(with: Interval(low: -1, high: 0)) == Interval(low: -1, high: interval.high))
  }

  /// Rounded outwards; only all is 100 %.
  @Test func shownShares() {
    #expect(Interval(low: 0.99996, high: 0.99996).percent() == "99.9 % … 100.0 %")
    #expect(Interval(low: 0.0004, high: 0.57).percent(digits: 0, separator: "-") == "0 %-57 %")
    #expect(ShareText.percent(1) == "100.0 %" && ShareText.percent(0) == "0.0 %")
    #expect(ShareText.percent(0.9996) == ">99.9 %" && ShareText.percent(0.0004) == "<0.1 %")
    #expect(ShareText.percent(0.9994) == "99.9 %" && ShareText.percent(0.0006) == "0.1 %")
    #expect(ShareText.percent(0.99999, digits: 2) == ">99.99 %")
  }
}

/// Normal numbers by Box and Muller from a linear congruential generator (Knuth's MMIX).
private struct Generator {
  var state: UInt64

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
  }

  mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
}
