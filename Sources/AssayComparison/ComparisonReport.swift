import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayLearning
import AssayMetrics
import AssayReport
import AssayRuntime
import Foundation

/// A comparison as an HTML file.
public enum ComparisonReport {
  public static func html(_ comparison: Comparison) -> String { ComparisonPage.render(content(comparison)) }

  private static func content(_ comparison: Comparison) -> ComparisonContent {
    let name = comparison.path.lastPathComponent
    var content = ComparisonContent(
      title: "Which backbone for \(name)?", subtitle: "Assay \(Versions.assay) · \(comparison.createdAt)",
      verdict: comparison.recommendation, valueName: comparison.criterion.title, note: note(comparison))
    let columns = comparison.figureColumns
    content.figureNames = columns.map(\.title)
    content.rows = comparison.rows.indices.map { row(comparison, $0, columns.map(\.metric)) }
    content.cards = cards(comparison)
    content.failures = comparison.failures.map {
      ($0.backbone + ($0.method.map { ", " + comparison.title($0) } ?? ""), $0.reason)
    }
    if let named = comparison.rows.first(where: { $0.method != .anomaly }) {
      content.classes = Array(zip(named.classes, named.confusion.support)).map { (name: $0.0, images: $0.1) }
    }
    content.command = command(comparison)
    content.warnings = warnings(comparison) + comparison.reading.leftOut.map(\.description)
    content.networkColumns = ["input", "licence", "source", "weights SHA-256"]
    var seen = Set<String>()
    content.networks = comparison.rows.filter { seen.insert($0.backbone.name).inserted }.map { row in
      (
        row.backbone.name,
        [
          "\(row.inputSize) x \(row.inputSize)", row.backbone.licence, row.backbone.source,
          String(row.weightsSHA256.prefix(16)) + "…",
        ]
      )
    }
    content.readings = [comparison.reading.content(comparison.dataset.problems)]
    content.provenance = provenance(comparison)
    return content
  }

  private static func row(_ comparison: Comparison, _ index: Int, _ metrics: [String]) -> ComparisonContent.Row {
    let row = comparison.rows[index]
    let figure = comparison.criterion.figure(row)
    let judgement = comparison.judgement
    let images = row.computedCount + row.cachedCount
    let features =
      row.computedCount == 0
      ? "features from the cache"
      : String(format: "features %.1f s", row.featureSeconds)
        + (row.cachedCount > 0 ? " (\(row.cachedCount) of \(images) from the cache)" : "")
    let standing = judgement.tests[index].map(ComparisonWords.standing)
    let fit =
      switch row.method {
      case .anomaly: String(format: "memory %.1f s", row.fitSeconds)
      case .finetune: String(format: "fine-tuning %.0f s", row.fitSeconds)
      case .linear, .fewshot: String(format: "head %.2f s", row.fitSeconds)
      }
    return ComparisonContent.Row(
      backbone: row.backbone.name, method: comparison.title(row.method), value: figure?.value ?? 0,
      count: figure?.escape.map { "\($0.defects - $0.escapes) of \($0.defects)" }, interval: figure?.interval,
      figures: metrics.map { name in row.metric(name).map { ComparisonWords.percent($0.value, digits: 1) } ?? "–" },
      milliseconds: row.milliseconds,
      training: String(format: "%.1f s", row.trainingSeconds) + "\n\(features)\n" + fit,
      size: String(format: "%.1f MB", Double(row.cost.bytes) / 1e6)
        + String(format: "\n%.1f M parameters", Double(row.cost.parameters) / 1e6),
      standing: index == judgement.best ? "the best" : standing?.verdict ?? "not tested",
      standingDetail: standing.map { words in
        words.detail
          + (judgement.tests[index].map { "; \($0.onlyThis) right only by it, \($0.onlyBest) only by the best" } ?? "")
      },
      isOnFront: judgement.front.contains(index), isRecommended: judgement.recommended == index,
      recall: row.method == .anomaly ? [] : row.confusion.recall)
  }

  private static func cards(_ comparison: Comparison) -> [ReportContent.Figure] {
    guard let chosen = comparison.judgement.recommended else { return [] }
    let row = comparison.rows[chosen]
    func percent(_ value: Double) -> String { ComparisonWords.percent(value, digits: 1) }
    var cards: [ReportContent.Figure] = []
    if let figure = comparison.criterion.figure(row), case .escape(let maximum) = comparison.criterion,
      let escape = figure.escape
    {
      cards.append(
        .init(
          name: "escape at \(ComparisonCriterion.rate(maximum)) overkill", value: percent(escape.escapeRate),
          interval: figure.interval.map { "95 %: \(Interval(low: 1 - $0.high, high: 1 - $0.low).percent())" },
          explanation: "\(escape.escapes) of \(escape.defects) defects pass"))
    }
    for name in ["average precision", "image average precision", "macro F1", "accuracy"] {
      guard let metric = row.metric(name) else { continue }
      let span = metric.low.flatMap { low in metric.high.map { "95 %: \(Interval(low: low, high: $0).percent())" } }
      cards.append(.init(name: name, value: percent(metric.value), interval: span))
    }
    cards.append(
      .init(
        name: "time a part", value: ComparisonWords.milliseconds(row.milliseconds),
        interval: "99 % below \(ComparisonWords.milliseconds(row.cost.p99Milliseconds))",
        explanation: "the network alone, one image at a time"))
    cards.append(
      .init(
        name: "size", value: String(format: "%.0f MB", Double(row.cost.bytes) / 1e6),
        explanation: String(format: "%.1f million parameters", Double(row.cost.parameters) / 1e6)))
    return cards
  }

  /// As the recommended row is trained.
  package static func command(_ comparison: Comparison) -> String? {
    guard let chosen = comparison.judgement.recommended else { return nil }
    let row = comparison.rows[chosen]
    let options = comparison.options
    var words = ["assay train", quoted(comparison.path), "--backbone \(row.backbone.name)"]
    switch row.method {
    case .linear: break
    case .fewshot: words.append("--method fewshot --shots \(options.shots)")
    case .anomaly: words.append("--method anomaly")
    case .finetune: words.append("--method finetune")
    }
    // With fewer good parts training could not promise the rate, and would stop.
    if case .escape(let maximum) = comparison.criterion, row.method != .fewshot,
      let goods = row.isDefect?.count(where: { !$0 }), goods * 3 / 5 >= DecisionThreshold.needed(maximum)
    {
      words.append("--max-overkill \(String(format: "%g", maximum))")
    }
    if options.labels != .native { words.append("--labels \(options.labels.rawValue)") }
    if let good = options.goodClass { words.append("--good \(quoted(good))") }
    if let encoding = options.encoding { words.append("--encoding \(quoted(encoding))") }
    if options.seed != 0 { words.append("--seed \(options.seed)") }
    return (words + ["-o part.assay"]).joined(separator: " ")
  }

  private static func quoted(_ text: String) -> String {
    text.contains { !($0.isLetter || $0.isNumber || "/._-".contains($0)) }
      ? "'\(text.replacing("'", with: "'\\''"))'" : text
  }

  private static func note(_ comparison: Comparison) -> String {
    let basis =
      comparison.isFolded
      ? "Every image was judged by a model that had not seen it or its copies: the same \(comparison.options.folds) "
        + "stratified folds, seed \(comparison.options.seed), for every row; penalties were chosen inside each fold, and "
        + "anomaly detection learned the other folds' good parts. "
      : "Each backbone learned from the same good parts (PatchCore with its defaults) and was tested on the same images. "
    let ranked =
      switch comparison.criterion {
      case .escape(let maximum):
        "Ranked by the defects found where at most \(ComparisonCriterion.rate(maximum)) of these good parts are rejected, of "
          + "equals by average precision. Accuracy and macro F1 are those of the threshold with the best F1. "
      case .macroF1: "Ranked by macro F1, of equals by accuracy, since no class is good. "
      }
    return basis + ranked
      + "Small figures are 95 % intervals. A row is not worse when the interval of the difference to the best one on the same "
      + "images (the wider of bootstrap and Tango's score interval) stays below "
      + "\(ComparisonWords.points(comparison.judgement.margin)), worse when it lies above 0; else this data cannot tell. "
      + "Milliseconds: median of the finished graph with its map, one image at a time on all cores, without reading the file. "
      + "Training: from the images to the fitted model; what the cache knew took no time."
  }

  private static func warnings(_ comparison: Comparison) -> [String] {
    var warnings: [String] = []
    if !comparison.failures.isEmpty {
      warnings.append("\(comparison.failures.count) could not be compared; the table says why.")
    }
    if let row = comparison.rows.first(where: { $0.method != .anomaly }) {
      for (name, count) in zip(row.classes, row.confusion.support) where count < 10 {
        warnings.append("Class \(name) has only \(count) images; its figures say little.")
      }
    }
    return warnings
  }

  private static func provenance(_ comparison: Comparison) -> [(name: String, value: String)] {
    let options = comparison.options
    var facts: [(name: String, value: String)] = [
      ("data", "\(comparison.path), \(comparison.layout), \(comparison.rows.first?.labels.count ?? 0) images judged"),
      ("data SHA-256", comparison.fingerprint), ("good class", comparison.goodClass ?? "none"),
    ]
    if comparison.isFolded {
      facts.append(("folds", "\(options.folds), stratified; copies and groups stay together"))
      if comparison.rows.contains(where: { $0.method == .fewshot }) {
        facts.append(("few-shot", "at most \(options.shots) images of each class of the other folds, by the seed"))
      }
    }
    if case .escape(let maximum) = comparison.criterion {
      facts.append(("good parts rejected at most", ComparisonCriterion.rate(maximum)))
    }
    facts += [
      ("margin", ComparisonWords.points(options.margin)),
      ("seed", "\(options.seed)"), ("made", comparison.createdAt),
      (
        "versions",
        Versions.all(options.engines).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      ),
      ("processor", "\(Machine.processor().name), \(Machine.coreCount) cores in use"),
    ]
    if !options.commandLine.isEmpty { facts.append(("command", options.commandLine)) }
    return facts
  }
}
