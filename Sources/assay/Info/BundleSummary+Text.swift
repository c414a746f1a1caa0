import AssayBundle
import AssayStation
import AssayWorkflows
import Foundation

extension BundleSummary {
  /// For people, in lines of at most ``FactSheet/width`` characters.
  var text: String {
    var sheet = FactSheet()
    sheet.add("bundle", path)
    sheet.add("kind", kindText)
    sheet.add(
      "classes",
      classes.isEmpty ? nil : classes.map { $0 == goodClass ? "\($0) (passes)" : $0 }.joined(separator: ", "))
    if let goodClass, !classes.contains(goodClass) { sheet.add("good", "\(goodClass), where none of them is found") }
    sheet.add("decides", decision)
    sheet.add("uncertain", uncertainty)
    sheet.add("calibrated", calibration)
    sheet.add("tasks", (tasks ?? []).map(Self.text))
    sheet.add(
      "marks",
      pixelMarks.map { marks in
        "pixels of \((marks.classes ?? classes.filter { $0 != goodClass }).joined(separator: ", ")), learned from "
          + "\(marks.images) images with masks or boxes"
      })
    sheet.add(
      "input",
      "\(input.width) x \(input.height) pixels, \(input.framing.rawValue), \(input.filter.rawValue)"
        + (tiling.map { "; photographs in tiles of \($0.size) pixels that overlap by \($0.overlap)" } ?? "")
        + (anomaly?.hasRegion == true ? "; a region of interest" : ""))
    sheet.add(
      "backbone",
      [
        "\(backbone.name), licence \(backbone.licence)",
        backbone.source + (backbone.origin.map { "; \($0.sentence)" } ?? ""),
        "read at \(backbone.taps.joined(separator: ", "))"
          + (backbone.statistics.map { ": " + $0.map(\.rawValue).joined(separator: " and ") } ?? ""),
      ])
    sheet.add("trained", trained)
    sheet.add("figures", metrics.map(Self.text))
    sheet.add("adapted", adapted)
    sheet.add(
      "changes",
      changes.map { change in
        "\(change.date)  \(change.action): \(change.note)" + (change.by.map { ", by \($0)" } ?? "")
          + (change.reason.map { " (\($0))" } ?? "")
      })
    sheet.add(
      "before", hasPrevious ? "an earlier bundle is kept; `assay retrain \(path) --rollback` brings it back" : nil)
    sheet.add("retrained", retrained.map(RetrainText.last))
    sheet.add("drift", driftText)
    sheet.add(
      "made",
      (createdAt ?? "at a time that the file system does not tell") + "; "
        + versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    sheet.add(
      "files",
      files.sorted { $0.key < $1.key }.map { "\($0.key) \(Self.size($0.value))" }.joined(separator: ", ")
        + "; intact: all agree with their SHA-256")
    sheet.add("identity", "\(identity), schema \(schema)")
    return sheet.lines.joined(separator: "\n")
  }

  private var kindText: String {
    switch kind {
    case "multi-label": "multi-label: finds every class that is on a part"
    case "anomaly": "anomaly: says how unlike good parts a part is, and where (\(anomaly?.method ?? ""))"
    case "measurement": "measurement: states values"
    default: "classifier: names one class"
    }
  }

  private var decision: [String] {
    if let hindrance { return ["it does not tell good from defective: \(hindrance)"] }
    if let labelThresholds {
      return ["a part is good when no class is found; a class is found from this probability on:"]
        + classes.compactMap { name in
          labelThresholds[name].map { "\(name) \(Self.number($0.value)): \(Self.rule($0))" }
        }
    }
    guard let threshold else { return [] }
    return [
      "a part is a defect from \(kind == "anomaly" ? "a score" : "a probability of being defective") of "
        + Self.number(threshold.value) + " on",
      Self.rule(threshold),
    ] + Self.heldOut(threshold)
      + (anomaly?.guarantee.map { ["proven: at most \(Console.percent($0)) of good parts are rejected"] } ?? [])
  }

  private static func rule(_ threshold: Manifest.Threshold) -> String {
    threshold.rule + (threshold.rate.map { " \(Console.percent($0))" } ?? "") + ": \(threshold.explanation)"
  }

  /// What the threshold did on the parts that it was set by, which the model had not seen.
  private static func heldOut(_ threshold: Manifest.Threshold) -> [String] {
    var counts: [String] = []
    if threshold.defects > 0 { counts.append("\(threshold.escapes) of \(threshold.defects) bad parts passed") }
    if threshold.goods > 0 { counts.append("\(threshold.overkills) of \(threshold.goods) good parts were rejected") }
    return counts.isEmpty ? [] : ["on held-out parts: " + counts.joined(separator: ", ")]
  }

  private static func text(_ task: TaskRecord) -> String {
    let range =
      switch task.kind {
      case .classification:
        (task.classes ?? []).map { $0 == task.goodClass ? "\($0) (passes)" : $0 }.joined(separator: ", ")
      case .ordinal: (task.levels ?? []).map(number).joined(separator: " < ")
      case .real:
        task.uncertainty.map { own in
          own.halfWidth.map { "± \(number($0)) with \(Console.percent(own.coverage))" }
            ?? "deviation \(number(own.standardDeviation))"
        } ?? ""
      }
    let figures = task.metrics.map(text).joined(separator: "; ")
    return "\(task.name) (\(task.kind.rawValue)): \(range)" + (figures.isEmpty ? "" : "; \(figures)")
  }

  private static func text(_ metric: Manifest.Metric) -> String {
    let isShare = TaskEvaluation.isShare(metric.name)
    func show(_ value: Double) -> String { isShare ? Console.percent(value) : String(format: "%.4f", value) }
    return "\(metric.name) \(show(metric.value))\(Console.span(metric)), \(metric.on), \(metric.count) images"
  }

  private var trained: [String] {
    let counts = training.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let recipe = training.recipe.words
    return [
      "\(training.method), seed \(training.seed)" + (recipe.isEmpty ? "" : "; \(recipe)"),
      "\(training.images) images (\(training.layout))" + (counts.isEmpty ? "" : ": \(counts)")
        + (training.unreadable > 0 ? "; \(training.unreadable) could not be read" : ""),
    ]
      + (anomaly?.memoryRows.map { ["memory of \($0) of \(anomaly?.patches ?? 0) patches"] } ?? [])
      + (anomaly.map(\.isolated).flatMap { $0.isEmpty ? nil : $0 }.map { isolated in
        ["unlike the others: " + isolated.map { $0.name + ($0.isDropped ? " (left out)" : "") }.joined(separator: ", ")]
      } ?? [])
  }

  private var driftText: [String] {
    // What there is too little of is among the gaps, with its number.
    let compared = [
      ("scores", drift.scores, "held-out parts"), ("features", drift.features, "held-out parts"),
      ("brightness", drift.brightness, "photographs"),
    ]
    .filter { figure in figure.1 > 0 && !drift.gaps.contains { figure.0.hasPrefix($0.of.rawValue) } }
    .map { "\($0.0) of \($0.1) \($0.2)" }
    return
      (compared.isEmpty
      ? [] : ["compared with " + compared.formatted(.list(type: .and).locale(Locale(identifier: "en")))])
      + drift.gaps.map { "no \($0.of.rawValue): \($0.reason)" }
  }

  private var adapted: [String] {
    guard let adaptation else { return [] }
    return [
      "\(adaptation.date.map { $0 + "  " } ?? "")\(adaptation.method), from \(adaptation.bundle), by \(adaptation.images) images of the new line"
        + (adaptation.isRecommended ? "" : "; against the test's advice"),
      adaptation.explanation,
    ] + adaptation.findings
  }

  private static func number(_ value: Double) -> String { String(format: "%.6g", value) }

  private static func size(_ bytes: Int) -> String {
    bytes < 1 << 20
      ? String(format: "%.1f KiB", Double(bytes) / 1024) : String(format: "%.1f MiB", Double(bytes) / 1_048_576)
  }
}
