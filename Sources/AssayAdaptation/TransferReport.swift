import AssayBase
import AssayData
import AssayEvaluation
package import AssayMetrics
import AssayReport
import Foundation

/// What `evaluate --source A --target B` found, as text and as a page.
public enum TransferReport {
  package static func percent(_ value: Double) -> String { ShareText.percent(value, digits: 2) }

  package static func points(_ value: Double) -> String { String(format: "%+.2f", value * 100) }

  package static func interval(_ interval: Interval?, _ text: (Double) -> String) -> String {
    interval.map { "\(text($0.low)) … \(text($0.high))" } ?? ""
  }

  /// Columns and rows of one target's table.
  public static func table(_ evaluation: TransferEvaluation, _ target: TransferTarget) -> [[String]] {
    let source = evaluation.source
    var rows = [["", "accuracy", "95 % interval", "points", "95 % interval", "came back", "p"]]
    rows.append(["source", percent(source.accuracy), interval(source.interval, percent), "", "", "", ""])
    rows.append([
      "target, as it is", percent(target.before.accuracy), interval(target.before.interval, percent),
      points(-target.loss), interval(target.lossInterval.map { Interval(low: -$0.high, high: -$0.low) }, points), "",
      "",
    ])
    for row in target.rows {
      rows.append([
        row.name, row.after.map { percent($0.accuracy) } ?? "", interval(row.after?.interval, percent),
        row.gain.map(points) ?? "", interval(row.gainInterval, points),
        row.recovered.map { String(format: "%.0f %%", 100 * $0) } ?? "no loss",
        row.pValue.map { String(format: "%.2g", $0) } ?? "",
      ])
    }
    return rows
  }

  /// A table with aligned columns, for a terminal.
  public static func text(_ evaluation: TransferEvaluation) -> String {
    evaluation.targets.map { target in
      let lines = TextTable.lines(table(evaluation, target)).map { "  " + $0 }
      let notes = target.rows.filter { !$0.note.isEmpty }.map { VisibleText.escaped("  \($0.name): \($0.note)") }
      return ([VisibleText.escaped("\(target.path): \(target.before.images) images")] + lines + notes).joined(
        separator: "\n")
    }.joined(separator: "\n\n")
  }

  public static func html(_ evaluation: TransferEvaluation, commandLine: String) -> String {
    let name = evaluation.bundle.lastPathComponent
    var content = ReportContent(
      title: "\(name) on other lines",
      subtitle: "\(evaluation.source.images) images of its own line, "
        + evaluation.targets.map { "\($0.before.images) of \($0.path)" }.joined(separator: ", "),
      verdict: evaluation.targets.map(sentence).joined(separator: " "))
    if evaluation.refused > 0 {
      content.warnings.append(
        "\(evaluation.refused) images of the source were left out because the bundle was trained on them.")
    }
    for target in evaluation.targets {
      let rows = table(evaluation, target)
      content.tables.append(
        ReportContent.Table(
          title: "\(target.path)", header: rows[0], rows: Array(rows.dropFirst()),
          caption:
            "Each half of the images was judged after adapting to the other half, whose labels were not used. Points: "
            + "against the source, then against the target as it is; the interval of a gain is a paired bootstrap's, p is "
            + "McNemar's. "
            + target.rows.filter { !$0.note.isEmpty }.map { "\($0.name): \($0.note)" }.joined(separator: ". ")))
    }
    for set in evaluation.sets { content.add(set, path: set.root) }
    content.provenance = [
      ("bundle", evaluation.bundle), ("source", evaluation.sourcePath), ("command", commandLine),
    ]
    return HTMLReport.render(content)
  }

  /// One target in words.
  public static func sentence(_ target: TransferTarget) -> String {
    let name = target.path.lastPathComponent
    guard target.loss > 0.005 else { return "On \(name) nothing is lost." }
    let lost = "On \(name) \(String(format: "%.1f", target.loss * 100)) points of accuracy are lost"
    guard let best = target.rows.last(where: { $0.name.hasPrefix("auto") }), let share = best.recovered else {
      return lost + "."
    }
    return lost + "; `assay adapt` brings back \(String(format: "%.0f", max(0, share) * 100)) % of them."
  }
}
