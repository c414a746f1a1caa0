extension HTMLReport {
  /// Entries listed one by one; the rest is counted.
  private static let mostEntries = 1000

  /// How the data sets were read, and what was left out of them.
  static func reading(_ readings: [ReportContent.Reading]) -> Section? {
    guard !readings.isEmpty else { return nil }
    return Section(id: "reading", title: "What was read, and what was left out", html: readings.map(html).joined())
  }

  private static func html(_ reading: ReportContent.Reading) -> String {
    let facts = reading.facts.map {
      "<tr><th scope=\"row\">\(Markup.escape($0.name))</th><td>\(Markup.escape($0.value))</td></tr>"
    }.joined()
    var html = "<div class=\"scroll\"><table class=\"facts\"><tbody>\(facts)</tbody></table></div>"
    if !reading.leftOut.isEmpty {
      let rows = reading.leftOut.map { kind in
        "<tr><th scope=\"row\">\(Markup.escape(kind.what))</th><td>\(Markup.escape(kind.cause))</td>"
          + "<td>\(Markup.escape(kind.remedy))</td></tr>"
      }.joined()
      html +=
        "<div class=\"scroll\"><table class=\"left-out\"><thead><tr><th scope=\"col\">left out</th>"
        + "<th scope=\"col\">cause</th><th scope=\"col\">what to do</th></tr></thead><tbody>\(rows)</tbody></table></div>"
    }
    guard !reading.entries.isEmpty else { return html }
    let rest = reading.entries.count - mostEntries
    return html + "<details><summary>Entry by entry (\(reading.entries.count))</summary><ul>"
      + reading.entries.prefix(mostEntries).map { "<li>\(Markup.escape($0))</li>" }.joined()
      + (rest > 0 ? "<li>and \(rest) more; `assay data --json` lists all</li>" : "") + "</ul></details>"
  }
}
