extension HTMLReport {
  /// Pictures: of each cell of the matrix its own, mistakes first.
  static func mistakes(_ content: ReportContent) -> Section? {
    guard !content.mistakes.isEmpty || !content.pictures.isEmpty || content.mistakesNote != nil else { return nil }
    let note = content.mistakesNote.map { "<p>\(Markup.escape($0))</p>" } ?? ""
    let groups = content.pictures.map { group in
      "<div class=\"group\" id=\"\(Markup.escape(group.id))\"><h3>\(Markup.escape(group.title))</h3>"
        + gallery(group.pictures) + "</div>"
    }.joined()
    return Section(
      id: "mistakes", title: ReportContent.Section.mistakes.title,
      html: note + (content.mistakes.isEmpty ? "" : gallery(content.mistakes)) + groups)
  }

  private static func gallery(_ pictures: [ReportContent.Mistake]) -> String {
    "<div class=\"gallery\">\(pictures.map(article).joined())</div>"
  }

  /// Every picture has a frame of the same shape, whatever its own is.
  private static func article(_ mistake: ReportContent.Mistake) -> String {
    let picture =
      mistake.picture.map {
        "<div class=\"frame\"><img alt=\"\(Markup.escape(mistake.name))\" "
          + "src=\"data:\(Markup.escape($0.type));base64,\(Markup.base64($0.bytes))\"></div>"
      } ?? ""
    let text =
      mistake.note.map(Markup.escape)
      ?? "is <b>\(Markup.escape(mistake.actual))</b>, taken for <b>\(Markup.escape(mistake.predicted))</b> with "
      + Markup.percent(mistake.probability)
    return "<article>\(picture)<p class=\"name\">\(Markup.escape(mistake.name))</p><p>\(text)</p></article>"
  }

  /// A number that leads to its pictures, where there are some.
  static func link(_ text: String, _ id: String?, among groups: Set<String>) -> String {
    guard let id, groups.contains(id) else { return text }
    return "<a href=\"#\(Markup.escape(id))\">\(text)</a>"
  }
}
