import AssayBundle
public import AssayMetrics
import Foundation

/// What rows of a comparison are ranked by.
public enum ComparisonCriterion: Sendable, Equatable {
  /// The share of defects that pass where at most this share of the good parts is rejected; equals by average precision.
  case escape(maximumOverkill: Double)
  /// The mean over the classes of F1, where no class is good; equals by accuracy.
  case macroF1

  /// A row's figure on the criterion.
  public struct Figure: Sendable, Equatable {
    /// Higher is better, 0...1: the share of defects found, or macro F1.
    public let value: Double
    public let interval: Interval?
    /// Decides between equals, higher is better.
    public let tie: Double
    /// Where defects are counted.
    public let escape: EscapeAtOverkill?
  }

  /// - Returns: nil where a row has nothing to be ranked by.
  public func figure(_ row: ComparisonRow) -> Figure? {
    switch self {
    case .escape(let maximum):
      guard let scores = row.scores, let isDefect = row.isDefect,
        let escape = EscapeAtOverkill(atMost: maximum, scores: scores, isDefect: isDefect)
      else { return nil }
      return Figure(
        value: escape.foundRate,
        interval: Proportion.wilson(escape.defects - escape.escapes, of: escape.defects),
        tie: (row.metric("average precision") ?? row.metric("image average precision"))?.value ?? 0, escape: escape)
    case .macroF1:
      guard let metric = row.metric("macro F1") else { return nil }
      let interval = metric.low.flatMap { low in metric.high.map { Interval(low: low, high: $0) } }
      return Figure(value: metric.value, interval: interval, tie: row.metric("accuracy")?.value ?? 0, escape: nil)
    }
  }

  /// By how much a row is behind another on the same parts; nil where the parts differ.
  package func difference(_ row: ComparisonRow, behind best: ComparisonRow) -> PairedDifference? {
    switch self {
    case .escape(let maximum):
      guard let isDefect = row.isDefect, isDefect == best.isDefect, let own = row.scores, let other = best.scores else {
        return nil
      }
      return .ofEscapes(own, other, isDefect: isDefect, maximumOverkill: maximum)
    case .macroF1:
      guard row.labels == best.labels, row.classes == best.classes else { return nil }
      return .ofMacroF1(row.predicted, best.predicted, labels: row.labels, classCount: row.classes.count)
    }
  }

  /// For headings: what is plotted and tabulated.
  public var title: String {
    switch self {
    case .escape(let maximum): "defects found at \(Self.rate(maximum)) overkill"
    case .macroF1: "macro F1"
    }
  }

  package static func rate(_ value: Double) -> String { String(format: "%.4g", value * 100) + " %" }

  /// A row's figure in words: `58 of 64 defects found (90.6 %) where at most 1 % of good parts are rejected`.
  package func words(_ row: ComparisonRow) -> String {
    guard let figure = figure(row) else { return "no figure" }
    let value = ComparisonWords.percent(figure.value, digits: 1)
    let span = figure.interval.map { ", 95 %: \($0.percent(separator: " ... "))" }
    guard let escape = figure.escape, case .escape(let maximum) = self else {
      return "macro F1 \(value)\(span.map { " (\($0.dropFirst(2)))" } ?? "")"
    }
    return
      "\(escape.defects - escape.escapes) of \(escape.defects) defects found (\(value)\(span ?? "")) where at most "
      + "\(Self.rate(maximum)) of the good parts are rejected"
  }

  /// The same in a few words: `58 of 64 defects found`.
  package func shortWords(_ row: ComparisonRow) -> String {
    guard let figure = figure(row) else { return "no figure" }
    guard let escape = figure.escape else { return "macro F1 \(ComparisonWords.percent(figure.value, digits: 1))" }
    return "\(escape.defects - escape.escapes) of \(escape.defects) defects found"
  }
}
