import AssayMetrics

extension HTMLReport {
  static func confusion(_ content: ReportContent) -> Section? {
    guard let matrix = content.confusion, matrix.classCount == content.classes.count else { return nil }
    return Section(
      id: "confusion", title: ReportContent.Section.confusion.title,
      html: figure(
        confusionTable(content.classes, matrix, groups: Set(content.pictures.map(\.id))),
        "Each row is what the parts really are, each column what the inspector says, by the threshold that decides its "
          + "verdicts. On the diagonal it is right."
          + (content.pictures.isEmpty ? "" : " A number that is underlined leads to pictures.")
          + (content.confusionNote.map { " " + $0 } ?? "")
      ))
  }

  /// What the parts are (rows) against what the inspector says (columns).
  /// - Parameter groups: of pictures, to which cells lead.
  static func confusionTable(
    _ classes: [String], _ matrix: ConfusionMatrix, groups: Set<String> = []
  ) -> String {
    let support = matrix.support
    let header = classes.map { "<th scope=\"col\"><span>\(Markup.escape($0))</span></th>" }.joined()
    let rows = classes.enumerated().map { actual, name in
      let cells = matrix.counts[actual].enumerated().map { predicted, count in
        let share = support[actual] == 0 ? 0 : Double(count) / Double(support[actual])
        let kind = actual == predicted ? "hit" : "miss"
        // Shade by share of the row; text turns light where the ground is dark.
        let level = count == 0 ? 0 : max(1, Int((share * 9).rounded()))
        let number = link("\(count)", ReportContent.PictureGroup.cell(actual, predicted), among: groups)
        return "<td class=\"\(kind) l\(level)\">\(number)"
          + (count > 0 ? "<small>\(Markup.percent(share, digits: share < 0.1 ? 1 : 0))</small>" : "") + "</td>"
      }.joined()
      return "<tr><th scope=\"row\">\(Markup.escape(name))</th>\(cells)<td class=\"sum\">\(support[actual])</td></tr>"
    }.joined()
    return
      "<div class=\"scroll\"><table class=\"confusion\(width(matrix.classCount + 2))\"><thead><tr><td></td><th class=\"axis\" colspan=\"\(matrix.classCount)\" "
      + "scope=\"colgroup\">inspector says</th></tr><tr><th scope=\"col\" class=\"axis\">truth</th>\(header)"
      + "<th scope=\"col\" class=\"sum\"><span>all</span></th></tr></thead><tbody>\(rows)</tbody></table></div>"
  }

  /// Tables of many columns are printed on paper held sideways, and small.
  static func width(_ columns: Int) -> String { columns > 16 ? " wide widest" : columns > 9 ? " wide" : "" }

  static func classTable(_ content: ReportContent) -> Section? {
    guard !content.classRows.isEmpty else { return nil }
    func span(_ interval: Interval?) -> String {
      interval.map { "<small>\($0.percent(separator: "…"))</small>" } ?? ""
    }
    let rows = content.classRows.map { row in
      "<tr><th scope=\"row\">\(Markup.escape(row.name))</th><td>\(Markup.percent(row.precision))\(span(row.precisionInterval))</td>"
        + "<td>\(Markup.percent(row.recall))\(span(row.recallInterval))</td><td>\(Markup.percent(row.f1))\(span(row.f1Interval))</td>"
        + "<td>\(row.support)</td></tr>"
    }.joined()
    let table =
      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">class</th><th scope=\"col\">precision</th>"
      + "<th scope=\"col\">recall</th><th scope=\"col\">F1</th><th scope=\"col\">parts</th></tr></thead><tbody>\(rows)"
      + "</tbody></table></div>"
    return Section(
      id: "classes", title: ReportContent.Section.classes.title,
      html: figure(
        table,
        "Precision: of the parts called this, how many are. Recall: of the parts that are this, how many were found. "
          + "F1 joins the two. The small figures are 95 % intervals."))
  }

  static func decision(_ content: ReportContent) -> Section? {
    guard let decision = content.decision else { return nil }
    func rate(_ part: Int, _ whole: Int) -> String {
      guard whole > 0, let interval = Proportion.wilson(part, of: whole) else { return "–" }
      return "\(part) of \(whole) = \(Markup.percent(Double(part) / Double(whole)))"
        + "<small>\(interval.percent(separator: "…"))</small>"
    }
    let rows = ([decision.outcome] + decision.alternatives).sorted { $0.threshold < $1.threshold }.map { outcome in
      let own = outcome.threshold == decision.threshold
      return
        "<tr\(own ? " class=\"own\"" : "")><th scope=\"row\">\(Markup.decimal(outcome.threshold))\(own ? " (in use)" : "")</th>"
        + "<td>\(rate(outcome.escapes, outcome.defects))</td><td>\(rate(outcome.overkills, outcome.goods))</td></tr>"
    }.joined()
    let table =
      "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">threshold</th><th scope=\"col\">escapes (bad parts passed)</th>"
      + "<th scope=\"col\">overkills (good parts rejected)</th></tr></thead><tbody>\(rows)</tbody></table></div>"
    let histogram = ScoreHistogram(
      goodScores: decision.goodScores, defectScores: decision.defectScores, threshold: decision.threshold,
      name: decision.scoreName, limit: decision.scoreLimit)
    return Section(
      id: "decision", title: ReportContent.Section.decision.title,
      html: "<p>\(Markup.escape(decision.explanation))</p><div class=\"pair\">"
        + figure(
          histogram.svg(),
          "Parts to the right of the line are rejected. Blue on the right is overkill, orange on the left escapes.")
        + figure(table, "A lower threshold lets fewer defects escape and rejects more good parts.") + "</div>")
  }

  static func tables(_ content: ReportContent) -> Section? {
    guard let first = content.tables.first else { return nil }
    let groups = Set(content.pictures.map(\.id))
    let html = content.tables.map { table in
      let header =
        table.header.allSatisfy(\.isEmpty)
        ? "" : "<thead><tr>\(table.header.map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined())</tr></thead>"
      let rows = table.rows.enumerated().map { line, row in
        "<tr><th scope=\"row\">\(Markup.escape(row.first ?? ""))</th>"
          + row.enumerated().dropFirst().map { column, text in
            "<td>\(link(Markup.escape(text), table.links[.init(row: line, column: column)], among: groups))</td>"
          }.joined() + "</tr>"
      }.joined()
      let heading = table.title == first.title ? "" : "<h3>\(Markup.escape(table.title))</h3>"
      return heading
        + figure(
          "<div class=\"scroll\"><table class=\"plain\(width(table.header.count))\">\(header)<tbody>\(rows)</tbody></table></div>",
          table.caption)
    }.joined()
    return Section(id: "tables", title: first.title, html: html)
  }

  static func data(_ content: ReportContent) -> Section? {
    guard !content.dataRows.isEmpty else { return nil }
    let header = content.dataColumns.map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined()
    let rows = content.dataRows.map { row in
      "<tr><th scope=\"row\">\(Markup.escape(row.name))</th>" + row.counts.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }.joined()
    let notes = content.dataNotes.map {
      "<tr><th scope=\"row\">\(Markup.escape($0.name))</th><td>\(Markup.escape($0.value))</td></tr>"
    }.joined()
    let lists = content.dataLists.filter { !$0.entries.isEmpty }.map { list in
      "<details><summary>\(Markup.escape(list.title)) (\(list.entries.count))</summary><ul>"
        + list.entries.map { "<li>\(Markup.escape($0))</li>" }.joined() + "</ul></details>"
    }.joined()
    return Section(
      id: "data", title: "The images",
      html:
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">class</th>\(header)</tr></thead><tbody>\(rows)</tbody></table></div>"
        + (notes.isEmpty ? "" : "<div class=\"scroll\"><table class=\"facts\"><tbody>\(notes)</tbody></table></div>")
        + lists)
  }

  static func provenance(_ content: ReportContent) -> Section? { provenance(content.provenance) }

  static func provenance(_ facts: [(name: String, value: String)]) -> Section? {
    guard !facts.isEmpty else { return nil }
    let rows = facts.map {
      "<tr><th scope=\"row\">\(Markup.escape($0.name))</th><td>\(Markup.escape($0.value))</td></tr>"
    }.joined()
    return Section(
      id: "provenance", title: "How this was made",
      html: "<div class=\"scroll\"><table class=\"facts\"><tbody>\(rows)</tbody></table></div>")
  }
}
