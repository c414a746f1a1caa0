import AssayMetrics
import Testing

@Suite struct PairedDifferenceTests {
  /// From the constrained maximum of the multinomial likelihood, found numerically:
  /// ```
  /// def nll(p): return -sum(k * log(q) for k, q in ((b, p + d), (c, p), (n - b - c, 1 - 2 * p - d)) if k)
  /// p = scipy.optimize.minimize_scalar(nll, bounds=(max(0, -d), (1 - d) / 2), method="bounded").x
  /// z = (b - c - n * d) / sqrt(n * (2 * p + d - d * d))        # brentq for z = +-1.959964
  /// ```
  @Test(arguments: [
    (40, 20, 160, 0.030865, 0.218064), (5, 0, 15, 0.061489, 0.582865), (0, 0, 15, -0.203883, 0.203883),
    (0, 0, 51, -0.070047, 0.070047), (7, 3, 100, -0.025794, 0.112770),
  ]) func tangosInterval(b: Int, c: Int, n: Int, low: Double, high: Double) throws {
    let interval = try #require(Proportion.tango(onlyFirst: b, onlySecond: c, of: n))
    #expect(abs(interval.low - low) < 2e-6 && abs(interval.high - high) < 2e-6, "\(interval)")
    let other = try #require(Proportion.tango(onlyFirst: c, onlySecond: b, of: n))
    #expect(abs(interval.low + other.high) < 1e-9, "the other way round it is mirrored")
  }

  @Test func withoutPartsThereIsNone() {
    #expect(Proportion.tango(onlyFirst: 0, onlySecond: 0, of: 0) == nil)
    #expect(EscapeAtOverkill(atMost: 0.1, scores: [1, 2], isDefect: [true, true]) == nil)
  }

  /// By hand: of ten good parts two may be rejected at 20 %, so the threshold lies just above the third highest, 0.6, where
  /// another good part lies as well; a defect at exactly 0.6 escapes, one above is found. What is no number is rejected.
  @Test func escapesAreCountedAboveTheGoodParts() throws {
    let good = [0.9, 0.8, 0.6, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]
    let bad = [0.95, 0.7, 0.6, 0.1, .nan]
    let isDefect = good.map { _ in false } + bad.map { _ in true }
    let point = try #require(EscapeAtOverkill(atMost: 0.2, scores: good + bad, isDefect: isDefect))
    #expect(point.overkills == 2 && point.escapes == 2 && point.defects == 5 && point.goods == 10)
    #expect(point.isRejected.suffix(5) == [true, true, false, false, true])
    #expect(try #require(EscapeAtOverkill(atMost: 0, scores: good + bad, isDefect: isDefect)).escapes == 3)
    #expect(try #require(EscapeAtOverkill(atMost: 0.29, scores: good + bad, isDefect: isDefect)).escapes == 2)
    #expect(try #require(EscapeAtOverkill(atMost: 0.99, scores: good + bad, isDefect: isDefect)).escapes == 0)
  }

  /// Sixty good parts below all defects but those that a model does not see.
  private func scores(finding found: Int, of defects: Int, goods: Int = 60) -> [Double] {
    (0..<goods).map { Double($0) / 1000 } + (0..<defects).map { $0 < found ? 1 + Double($0) : -1 }
  }

  private func isDefect(_ defects: Int, goods: Int = 60) -> [Bool] {
    (0..<goods).map { _ in false } + (0..<defects).map { _ in true }
  }

  /// The case that was recommended once: 1 of 15 defects against 6, McNemar p = 0.0625.
  @Test func fewPartsShowNothing() throws {
    let difference = try #require(
      PairedDifference.ofEscapes(
        scores(finding: 1, of: 15), scores(finding: 6, of: 15), isDefect: isDefect(15), maximumOverkill: 0.01))
    #expect(abs(difference.value - 5.0 / 15) < 1e-12 && difference.onlySecond == 5 && difference.onlyFirst == 0)
    #expect(!difference.isWithin(0.05) && difference.interval.high >= 0.58)
    // Alike on fifteen defects is not shown to be alike; on a thousand it is.
    let same = try #require(
      PairedDifference.ofEscapes(
        scores(finding: 15, of: 15), scores(finding: 15, of: 15), isDefect: isDefect(15), maximumOverkill: 0.01))
    #expect(same.value == 0 && !same.isWithin(0.05) && !same.isBehind)
    let many = try #require(
      PairedDifference.ofEscapes(
        scores(finding: 1000, of: 1000), scores(finding: 1000, of: 1000), isDefect: isDefect(1000),
        maximumOverkill: 0.01))
    #expect(many.isWithin(0.05))
  }

  /// The good parts decide where the threshold lies, so their number counts as well: a single good part above most defects is in
  /// 63 % of the resamples, and 1 % of 20 good parts allows none.
  @Test func theThresholdIsUncertainToo() throws {
    let isDefect = isDefect(400, goods: 20)
    var first = (0..<20).map { Double($0) / 1000 } + (0..<400).map { _ in 0.5 }
    first[0] = 0.4
    let second = first
    first[0] = 0.45
    var odd = first
    odd[0] = 0.6
    let calm = try #require(
      PairedDifference.ofEscapes(first, second, isDefect: isDefect, maximumOverkill: 0.01))
    #expect(calm.isWithin(0.05))
    let shaken = try #require(PairedDifference.ofEscapes(odd, second, isDefect: isDefect, maximumOverkill: 0.01))
    #expect(shaken.value == 1 && shaken.interval.low <= 0, "in a third of the resamples the odd part is missing")
  }

  @Test func macroF1() throws {
    let labels = (0..<300).map { $0 % 3 }
    let right = labels
    let poor = labels.indices.map { $0 % 10 == 0 ? (labels[$0] + 1) % 3 : labels[$0] }
    let behind = try #require(PairedDifference.ofMacroF1(poor, right, labels: labels, classCount: 3))
    #expect(abs(behind.value - 0.1) < 1e-9 && behind.isBehind && !behind.isWithin(0.05))
    #expect(behind.onlySecond == 30 && behind.onlyFirst == 0)
    let same = try #require(PairedDifference.ofMacroF1(right, right, labels: labels, classCount: 3))
    #expect(same.isWithin(0.05) && same.interval.high > 0.01, "three hundred images are not certainty")
  }
}
