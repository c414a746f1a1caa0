import AssayBase
import AssayGraph
package import AssayMetrics
import Foundation

/// Which rows are worth having, and which one to take: on the Pareto front of the criterion against milliseconds, the fastest
/// row that is shown to be behind the best one by less than a margin. Where nothing of the kind is shown, the best one.
public struct ComparisonJudgement: Sendable {
  /// By how many shares a row may be behind and still count as not worse: five points.
  public static let usualMargin = 0.05

  /// A row against the best one, on the same images.
  public struct Test: Sendable, Equatable, Encodable {
    /// By how much the row is behind the best one: of the share of defects found, or of macro F1. 0.05 are five points.
    public let difference: Double
    /// 95 % interval of it.
    public let low: Double
    public let high: Double
    /// What may be missing at most.
    public let margin: Double
    /// McNemar's exact test of the parts that only one of the two gets right, two-sided. That it is large shows nothing.
    public let pValue: Double
    /// Defects that only this row, only the best one finds; of macro F1, images that only the one names rightly.
    public let onlyThis: Int
    public let onlyBest: Int
    /// Shown to be behind by less than the margin.
    public let isNotWorse: Bool
    /// Shown to be behind.
    public let isWorse: Bool

    package init(_ difference: PairedDifference, margin: Double) {
      self.difference = difference.value
      low = difference.interval.low
      high = difference.interval.high
      self.margin = margin
      pValue = Proportion.mcNemar(onlyFirst: difference.onlyFirst, onlySecond: difference.onlySecond)
      onlyThis = difference.onlyFirst
      onlyBest = difference.onlySecond
      isNotWorse = difference.isWithin(margin)
      isWorse = difference.isBehind
    }
  }

  public let criterion: ComparisonCriterion
  public let margin: Double
  /// Indices of all rows, the best first.
  public let ranking: [Int]
  /// Indices of rows, the fastest first.
  public let front: [Int]
  /// Index of the best row: of equals the one with the better second figure, then the faster one.
  public let best: Int?
  /// Index of the row to take.
  public let recommended: Int?
  /// Of every row against the best one; nil for itself, and where the images differ.
  public let tests: [Test?]

  public init(_ rows: [ComparisonRow], by criterion: ComparisonCriterion, margin: Double = usualMargin) {
    self.criterion = criterion
    self.margin = margin
    let figures = rows.map(criterion.figure)
    func key(_ index: Int) -> (value: Double, tie: Double) {
      (figures[index]?.value ?? -.infinity, figures[index]?.tie ?? -.infinity)
    }
    ranking = rows.indices.sorted { a, b in
      (key(b).value, key(b).tie, rows[a].milliseconds, a) < (key(a).value, key(a).tie, rows[b].milliseconds, b)
    }
    let ranked = rows.indices.filter { figures[$0] != nil }
    // Equal in both figures is equal in worth.
    let steps = ranked.map(key).sorted { $0 < $1 }
    let places = ParetoFront.indices(
      cost: ranked.map { rows[$0].milliseconds },
      worth: ranked.map { index in Double(steps.firstIndex { $0 == key(index) } ?? 0) })
    let front = places.map { ranked[$0] }
    self.front = front
    let best = ranking.first { figures[$0] != nil }
    self.best = best
    let tests = rows.indices.map { index in
      best.flatMap { best in
        index == best
          ? nil : criterion.difference(rows[index], behind: rows[best]).map { Test($0, margin: margin) }
      }
    }
    self.tests = tests
    recommended = front.first { index in index == best || tests[index]?.isNotWorse == true }
  }
}

/// The judgement in plain words.
package struct ComparisonWords {
  package let rows: [ComparisonRow]
  package let judgement: ComparisonJudgement
  package let shots: Int

  package static func percent(_ value: Double, digits: Int = 2) -> String { ShareText.percent(value, digits: digits) }

  /// A difference of shares: `5 points`.
  package static func points(_ value: Double) -> String {
    let text = String(format: "%.1f", value * 100)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + (text == "1.0" ? " point" : " points")
  }

  package static func milliseconds(_ value: Double) -> String {
    String(format: value < 10 ? "%.1f ms" : "%.0f ms", value)
  }

  /// Thousands apart: 1,344.
  package static func grouped(_ count: Int) -> String {
    var digits = Array(String(count))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }

  package func name(_ row: ComparisonRow) -> String { "\(row.backbone.name) (\(row.method.title(shots: shots)))" }

  /// Which row to take and why, with the numbers.
  package var recommendation: String? {
    guard let chosen = judgement.recommended, let best = judgement.best else { return nil }
    let row = rows[chosen]
    let opening =
      "Take \(name(row)): \(judgement.criterion.words(row)), on \(Self.grouped(row.labels.count)) held-out images, "
      + "\(Self.milliseconds(row.milliseconds)) a part"
    guard rows.count > 1 else { return opening + ". Nothing else was compared." }
    guard chosen != best else { return opening + "; " + whyTheBest(best) }
    let other = rows[best]
    let test = judgement.tests[chosen].map {
      "; with 95 % confidence it is behind by less than \(Self.points(max(0, $0.high))), where "
        + "\(Self.points(judgement.margin)) are allowed"
    }
    return opening + "; the best, \(name(other)), has \(judgement.criterion.shortWords(other)) and takes "
      + String(format: "%.1f times as long", other.milliseconds / max(row.milliseconds, 1e-9)) + (test ?? "") + "."
  }

  private func whyTheBest(_ best: Int) -> String {
    let faster = judgement.front.prefix { $0 != best }
    guard let next = faster.last else { return "it is the best, and nothing that is faster is as good." }
    let row = rows[next]
    let reason = judgement.tests[next].map { test in
      ": it has \(judgement.criterion.shortWords(row)) at \(Self.milliseconds(row.milliseconds)) and may be behind by up to "
        + "\(Self.points(test.high)), where \(Self.points(judgement.margin)) are allowed"
    }
    return "it is the best, and of no faster one is it shown that it is not worse, not even of \(name(row))"
      + (reason ?? "") + "."
  }

  /// How a row stands against the best: `worse`, `not worse` or `not told apart`, and by how much it is behind.
  package static func standing(_ test: ComparisonJudgement.Test) -> (verdict: String, detail: String) {
    let span =
      "behind by \(points(test.difference)) (95 %: \(String(format: "%.1f ... %.1f", test.low * 100, test.high * 100)))"
    let verdict =
      switch (test.isWorse, test.isNotWorse) {
      case (true, true): "worse, within the margin"
      case (true, false): "worse"
      case (false, true): "not worse"
      case (false, false): "cannot be told"
      }
    return (verdict, span)
  }
}
