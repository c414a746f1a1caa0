import AssayMetrics

/// Renders a report as one self-contained HTML file: no script, no foreign host, readable on a phone and on paper.
package enum HTMLReport {
  package static func render(_ content: ReportContent) -> String {
    func own(_ section: Section?, _ kind: ReportContent.Section) -> Section? {
      section ?? content.missing[kind].map { missing(kind, $0) }
    }
    let findings = [
      warnings(content), own(confusion(content), .confusion), own(classTable(content), .classes),
      own(decision(content), .decision), tables(content),
    ]
    let background = [
      own(mistakes(content), .mistakes), own(curves(content), .curves), own(reliability(content), .reliability),
      own(learning(content), .learning), data(content), reading(content.readings), provenance(content),
    ]
    let sections = findings.compactMap { $0 } + content.tasks.map(task) + background.compactMap { $0 }
    return page(
      title: content.title, subtitle: content.subtitle, fitness: content.fitness, verdict: content.verdict,
      figures: content.figures, sections: sections)
  }

  /// Every report has the same sections; one that there is nothing for says why.
  private static func missing(_ kind: ReportContent.Section, _ reason: String) -> Section {
    Section(id: kind.rawValue, title: kind.title, html: "<p>\(Markup.escape(reason))</p>")
  }

  /// A whole file.
  static func page(
    title: String, subtitle: String, fitness: ReportContent.Fitness? = nil, verdict: String,
    figures: [ReportContent.Figure], sections: [Section]
  ) -> String {
    let opening = fitness.map { "<p class=\"fitness \($0.tone.rawValue)\">\(Markup.escape($0.sentence))</p>" } ?? ""
    let contents = sections.map { "<a href=\"#\($0.id)\">\(Markup.escape($0.title))</a>" }.joined()
    let body = sections.map {
      "<section id=\"\($0.id)\"><h2>\(Markup.escape($0.title))</h2>\($0.html)</section>"
    }.joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(Markup.escape(title))</title>
      <style>\(ReportStyle.css)</style></head><body>
      <header><p class="eyebrow">\(Markup.escape(subtitle))</p><h1>\(Markup.escape(title))</h1>
      \(opening)<p class="verdict">\(Markup.escape(verdict))</p>\(Self.figures(figures))<nav>\(contents)</nav></header>
      <main>\(body)</main>
      </body></html>

      """
  }

  struct Section {
    let id: String
    let title: String
    let html: String
  }

  static func figures(_ figures: [ReportContent.Figure]) -> String {
    guard !figures.isEmpty else { return "" }
    let cards = figures.map { figure in
      "<div class=\"card\"><dt>\(Markup.escape(figure.name))</dt><dd>\(Markup.escape(figure.value))"
        + (figure.interval.map { "<span>\(Markup.escape($0))</span>" } ?? "") + "</dd>"
        + (figure.explanation.map { "<p>\(Markup.escape($0))</p>" } ?? "") + "</div>"
    }.joined()
    return "<dl class=\"cards\">\(cards)</dl>"
  }

  private static func warnings(_ content: ReportContent) -> Section? { warnings(content.warnings) }

  static func warnings(_ warnings: [String]) -> Section? {
    guard !warnings.isEmpty else { return nil }
    let items = warnings.map { "<li>\(Markup.escape($0))</li>" }.joined()
    return Section(id: "warnings", title: "What to know first", html: "<ul class=\"warnings\">\(items)</ul>")
  }

  static func figure(_ drawing: String, _ caption: String) -> String {
    "<figure>\(drawing)<figcaption>\(Markup.escape(caption))</figcaption></figure>"
  }

  private static func curves(_ content: ReportContent) -> Section? {
    guard !content.rocCurves.isEmpty || !content.precisionRecallCurves.isEmpty else { return nil }
    var html = ""
    if !content.rocCurves.isEmpty {
      let chart = LineChart(
        title: "ROC curve", description: content.rocCurves.map(\.name).joined(separator: ", "),
        xLabel: "overkill: good parts rejected", yLabel: "defects found", series: content.rocCurves, x: 0...1, y: 0...1,
        hasDiagonal: true, marked: content.operatingPoint?.roc)
      html += figure(
        chart.svg(),
        "ROC: every threshold at once. The nearer to the upper left corner, the better; the dashed line is guessing."
          + (content.operatingPoint == nil ? "" : " The circle is the threshold in use."))
    }
    if !content.precisionRecallCurves.isEmpty {
      let chart = LineChart(
        title: "Precision-recall curve", description: content.precisionRecallCurves.map(\.name).joined(separator: ", "),
        xLabel: "recall: defects found", yLabel: "precision: alarms that are right",
        series: content.precisionRecallCurves, x: 0...1, y: 0...1, marked: content.operatingPoint?.precisionRecall)
      html += figure(
        chart.svg(), "Precision and recall: how many alarms are right, if so many defects are to be found.")
    }
    return Section(id: "curves", title: ReportContent.Section.curves.title, html: "<div class=\"pair\">\(html)</div>")
  }

  private static func reliability(_ content: ReportContent) -> Section? {
    guard let bins = content.reliability else { return nil }
    let note = content.reliabilityNote.map { "<p>\(Markup.escape($0))</p>" } ?? ""
    return Section(
      id: "reliability", title: ReportContent.Section.reliability.title,
      html: note
        + "<div class=\"pair\">"
        + figure(
          ReliabilityDiagram(bins: bins).svg(),
          "Of the parts for which 90 % was stated, about 90 % should be right: dots on the dashed line. Large dots stand "
            + "for many parts.") + "</div>")
  }

  private static func learning(_ content: ReportContent) -> Section? {
    let charts = content.learning.compactMap { chart -> String? in
      let points = chart.series.flatMap(\.points)
      guard let first = points.first else { return nil }
      let xs = points.map(\.x)
      let ys = points.map(\.y)
      let (low, high) = (ys.min() ?? first.y, ys.max() ?? first.y)
      // A tenth of what the curve covers; a level one has a tenth of its height.
      let margin = high > low ? (high - low) * 0.1 : max(abs(high) * 0.1, 1e-9)
      let (left, right) = (xs.min() ?? first.x, xs.max() ?? first.x)
      let drawing = LineChart(
        title: chart.title, description: chart.caption, xLabel: chart.xLabel, yLabel: chart.yLabel,
        series: chart.series,
        x: left...max(right, left + 1e-9), y: max(0, low - margin)...(high + margin),
        isLogarithmic: chart.isLogarithmic,
        hasMarkers: points.count <= 60)
      return figure("<h3>\(Markup.escape(chart.title))</h3>" + drawing.svg(), chart.caption)
    }
    guard !charts.isEmpty else { return nil }
    return Section(
      id: "learning", title: ReportContent.Section.learning.title, html: "<div class=\"pair\">\(charts.joined())</div>")
  }
}
