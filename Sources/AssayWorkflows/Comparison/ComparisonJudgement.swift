import AssayMetrics
import Foundation

/// Which rows are worth having, and which one to take.
///
/// On the Pareto front of accuracy against milliseconds, the fastest row that is not significantly worse than the most
/// accurate one: McNemar's exact test on the same held-out images, for anomaly detection DeLong's test of the areas.
public struct ComparisonJudgement: Sendable {
  /// Two-sided.
  public static let significance = 0.05

  /// A row against the most accurate one, on the same images.
  public struct Test: Sendable, Equatable, Encodable {
    public let pValue: Double
    /// Images that only this row, only the most accurate one got right; nil for anomaly detection.
    public let onlyThis: Int?
    public let onlyBest: Int?

    public var isWorse: Bool { pValue < ComparisonJudgement.significance }
  }

  /// Indices of rows, the fastest first.
  public let front: [Int]
  /// Index of the most accurate row; of equals the fastest.
  public let best: Int?
  /// Index of the row to take.
  public let recommended: Int?
  /// Of every row against the most accurate one; nil for itself, and where the images differ.
  public let tests: [Test?]

  public init(_ rows: [ComparisonRow]) {
    let worth = rows.map { $0.headline?.value ?? -.infinity }
    let front = ParetoFront.indices(cost: rows.map(\.milliseconds), worth: worth)
    self.front = front
    let top = worth.max() ?? 0
    let best = front.first { worth[$0] == top }
    self.best = best
    let tests = rows.indices.map { index in
      best.flatMap { index == $0 ? nil : Self.test(rows[index], against: rows[$0]) }
    }
    self.tests = tests
    recommended = front.first { index in index == best || tests[index].map { !$0.isWorse } ?? false }
  }

  private static func test(_ row: ComparisonRow, against best: ComparisonRow) -> Test? {
    guard row.labels == best.labels, !row.labels.isEmpty else { return nil }
    if let own = row.scores, let other = best.scores {
      return DeLongTest(first: own, second: other, isPositive: row.labels.map { $0 == 1 }).map {
        Test(pValue: $0.pValue, onlyThis: nil, onlyBest: nil)
      }
    }
    let hits = row.labels.indices.map {
      (own: row.predicted[$0] == row.labels[$0], best: best.predicted[$0] == best.labels[$0])
    }
    let (onlyThis, onlyBest) = (hits.count { $0.own && !$0.best }, hits.count { $0.best && !$0.own })
    return Test(
      pValue: Proportion.mcNemar(onlyFirst: onlyThis, onlySecond: onlyBest), onlyThis: onlyThis, onlyBest: onlyBest)
  }
}

/// The judgement in plain words.
struct ComparisonWords {
  let rows: [ComparisonRow]
  let judgement: ComparisonJudgement
  let shots: Int

  static func percent(_ value: Double, digits: Int = 2) -> String { ShareText.percent(value, digits: digits) }

  static func milliseconds(_ value: Double) -> String { String(format: value < 10 ? "%.1f ms" : "%.0f ms", value) }

  /// Thousands apart: 1,344.
  static func grouped(_ count: Int) -> String {
    var digits = Array(String(count))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }

  func name(_ row: ComparisonRow) -> String { "\(row.backbone.name) (\(row.method.title(shots: shots)))" }

  /// Which row to take and why, with the numbers.
  var recommendation: String? {
    guard let chosen = judgement.recommended, let best = judgement.best else { return nil }
    let row = rows[chosen]
    let images = Self.grouped(row.labels.count)
    let figure = row.headline.map { "\(Self.percent($0.value)) \(Self.figureName(row))" } ?? ""
    let opening =
      "Take \(name(row)): \(figure) on \(images) held-out images, \(Self.milliseconds(row.milliseconds)) a part"
    guard rows.count > 1 else { return opening + ". Nothing else was compared." }
    guard chosen != best else { return opening + "; " + whyTheBest(best) }
    let other = rows[best]
    let value = other.headline.map { Self.percent($0.value) } ?? ""
    let test = judgement.tests[chosen].map { ", and the difference may be chance (\(Self.text($0, row.method)))" } ?? ""
    return opening + "; the most accurate, \(name(other)), reaches \(value) and takes "
      + String(format: "%.1f times as long", other.milliseconds / max(row.milliseconds, 1e-9)) + test + "."
  }

  private func whyTheBest(_ best: Int) -> String {
    let faster = judgement.front.prefix { $0 != best }
    guard let next = faster.last else { return "it is the most accurate, and nothing is faster." }
    let row = rows[next]
    let test = judgement.tests[next].map { " (\(Self.text($0, row.method)))" } ?? ""
    return "it is the most accurate, and every faster one worth having is worse by more than chance: \(name(row)) has "
      + "\(row.headline.map { Self.percent($0.value) } ?? "") at \(Self.milliseconds(row.milliseconds))\(test)."
  }

  private static func figureName(_ row: ComparisonRow) -> String {
    row.method == .anomaly ? "image AUROC" : "named rightly"
  }

  /// For example `McNemar p = 0.42: 9 images only by the one, 5 only by the other`.
  static func text(_ test: ComparisonJudgement.Test, _ method: ComparisonMethod) -> String {
    let p = test.pValue < 0.0001 ? "p < 0.0001" : String(format: "p = %.2g", test.pValue)
    guard let onlyThis = test.onlyThis, let onlyBest = test.onlyBest else { return "DeLong \(p)" }
    return "McNemar \(p): \(onlyThis) right only by it, \(onlyBest) only by the most accurate"
  }
}
