import AssayMetrics

/// Renders a comparison as one self-contained HTML file: no script, no foreign host, readable on a phone and on paper.
package enum ComparisonPage {
  package static func render(_ content: ComparisonContent) -> String {
    let sections = [
      HTMLReport.warnings(content.warnings), chart(content), table(content), recall(content), command(content),
      networks(content), HTMLReport.reading(content.readings), HTMLReport.provenance(content.provenance),
    ]
    return HTMLReport.page(
      title: content.title, subtitle: content.subtitle, verdict: content.verdict, figures: content.cards,
      sections: sections.compactMap { $0 })
  }

  private static func chart(_ content: ComparisonContent) -> HTMLReport.Section? {
    guard !content.rows.isEmpty else { return nil }
    return HTMLReport.Section(
      id: "chart", title: "What it costs in time",
      html: HTMLReport.figure(
        ParetoChart(rows: content.rows, valueName: content.valueName).html(),
        "Higher is better, further left is faster; the numbers are those of the table. A bar is the 95 % interval. Filled "
          + "points are on the Pareto front: nothing compared is both faster and at least as good. Below or right of "
          + "the line something else serves better. The upright axis is stretched towards 100 %: a step up is a share of the "
          + "mistakes gone."))
  }

  private static func table(_ content: ComparisonContent) -> HTMLReport.Section? {
    let columns =
      ["#", "backbone and method", content.valueName] + content.figureNames + [
        "ms a part", "training", "size", "against the best",
      ]
    let header = columns.map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined()
    let rows = content.rows.enumerated().map { index, row in
      let badge =
        row.isRecommended
        ? "<b class=\"badge chosen\">recommended</b>" : row.isOnFront ? "<b class=\"badge\">Pareto front</b>" : ""
      let count = row.count.map { "<small>\(Markup.escape($0))</small>" } ?? ""
      let span = row.interval.map { "<small>\($0.percent(separator: "…"))</small>" } ?? ""
      let detail = row.standingDetail.map { "<small>\(Markup.escape($0))</small>" } ?? ""
      return "<tr\(row.isRecommended ? " class=\"own\"" : "")><td>\(index + 1)</td>"
        + "<th scope=\"row\">\(Markup.escape(row.backbone)) \(badge)<small>\(Markup.escape(row.method))</small></th>"
        + "<td>\(Markup.percent(row.value, digits: row.count == nil ? 2 : 1))\(count)\(span)</td>"
        + row.figures.map { "<td>\(Markup.escape($0))</td>" }.joined()
        + "<td>\(Markup.decimal(row.milliseconds, digits: 1))</td><td>\(lines(row.training))</td>"
        + "<td>\(lines(row.size))</td>"
        + "<td>\(Markup.escape(row.standing))\(detail)</td></tr>"
    }.joined()
    let failures = content.failures.map {
      "<tr class=\"failed\"><td>–</td><th scope=\"row\">\(Markup.escape($0.name))</th><td colspan=\"\(columns.count - 2)\">"
        + "could not be compared: \(Markup.escape($0.reason))</td></tr>"
    }.joined()
    return HTMLReport.Section(
      id: "table", title: "All that was compared",
      html: HTMLReport.figure(
        "<div class=\"scroll\"><table class=\"comparison\(HTMLReport.width(columns.count))\"><thead><tr>\(header)</tr></thead>"
          + "<tbody>\(rows)\(failures)</tbody></table></div>", content.note))
  }

  /// The first line large, the others small.
  private static func lines(_ text: String) -> String {
    text.split(separator: "\n").enumerated().map { index, line in
      index == 0 ? Markup.escape(String(line)) : "<small>\(Markup.escape(String(line)))</small>"
    }.joined()
  }

  /// The share that was missed is shaded: what is weak is seen at once.
  private static func recall(_ content: ComparisonContent) -> HTMLReport.Section? {
    guard content.classes.count > 1, content.rows.contains(where: { !$0.recall.isEmpty }) else { return nil }
    let header = content.classes.map {
      "<th scope=\"col\"><span>\(Markup.escape($0.name))<small>\($0.images) images</small></span></th>"
    }.joined()
    let rows = content.rows.enumerated().map { index, row in
      guard !row.recall.isEmpty else { return "" }
      let cells = row.recall.map { value in
        let missed = 1 - value
        // The root of the share missed, so that the first few misses show.
        let level = missed > 0 ? max(1, Int((min(missed, 1).squareRoot() * 9).rounded())) : 0
        return "<td class=\"miss l\(level)\">\(Markup.percent(value))</td>"
      }.joined()
      return
        "<tr\(row.isRecommended ? " class=\"own\"" : "")><th scope=\"row\">\(index + 1)  \(Markup.escape(row.backbone))"
        + "<small>\(Markup.escape(row.method))</small></th>\(cells)</tr>"
    }.joined()
    return HTMLReport.Section(
      id: "recall", title: "Class by class",
      html: HTMLReport.figure(
        "<div class=\"scroll\"><table class=\"confusion recall\(HTMLReport.width(content.classes.count + 1))\"><thead><tr><th scope=\"col\"></th>\(header)</tr></thead>"
          + "<tbody>\(rows)</tbody></table></div>",
        "Recall: of the parts of a class, the share that was named rightly; where a class is good, at the threshold with the "
          + "best F1. The darker, the more were missed. With few images of a class its figure says little. Anomaly detection "
          + "names no classes and has no row here."))
  }

  private static func command(_ content: ComparisonContent) -> HTMLReport.Section? {
    content.command.map {
      HTMLReport.Section(
        id: "next", title: "What to do next",
        html:
          "<p>Train the recommended one:</p><pre>\(Markup.escape($0))</pre><p>Then test it on parts that are not in this "
          + "data set, with <code>assay evaluate</code>: the best of several figures flatters itself a little.</p>")
    }
  }

  private static func networks(_ content: ComparisonContent) -> HTMLReport.Section? {
    guard !content.networks.isEmpty else { return nil }
    let header = (["backbone"] + content.networkColumns).map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined()
    let rows = content.networks.map { network in
      "<tr><th scope=\"row\">\(Markup.escape(network.name))</th>"
        + network.cells.map { "<td>\(Markup.escape($0))</td>" }.joined() + "</tr>"
    }.joined()
    return HTMLReport.Section(
      id: "networks", title: "The backbones",
      html:
        "<div class=\"scroll\"><table class=\"networks\"><thead><tr>\(header)</tr></thead><tbody>\(rows)</tbody></table>"
        + "</div>")
  }
}
