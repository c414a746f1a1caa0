/// Renders a gallery as HTML files with relative links: no script, and no page longer than ``picturesOnPage``, so that
/// thousands of pictures stay quick to look through.
package enum GalleryPage {
  package static let indexName = "index.html"
  package static let picturesOnPage = 120

  /// All files by their path below the gallery's folder.
  package static func files(_ content: GalleryContent) -> [(path: String, html: String)] {
    let groups = content.groups + content.leftOut
    let pages = groups.indices.flatMap { pagesOf($0, groups, content) }
    return [(indexName, index(content))] + pages
  }

  private static func name(_ group: Int, _ page: Int) -> String { "pages/\(group + 1)-\(page + 1).html" }

  private static func pageCount(_ group: GalleryContent.Group) -> Int {
    max(1, (group.pictures.count + picturesOnPage - 1) / picturesOnPage)
  }

  // MARK: First page

  private static func index(_ content: GalleryContent) -> String {
    var html = ""
    if !content.groups.isEmpty {
      html += "<section><h2>Pictures</h2>\(legend(content.colours))\(table(content.groups, from: 0))</section>"
    }
    if !content.leftOut.isEmpty {
      html +=
        "<section><h2>Left out</h2><p>These take no part. Each page says why, and what to do.</p>"
        + table(content.leftOut, from: content.groups.count) + "</section>"
    }
    if let section = HTMLReport.reading([content.reading]) {
      html += "<section><h2>\(Markup.escape(section.title))</h2>\(section.html)</section>"
    }
    return page(title: content.title, subtitle: content.subtitle, html)
  }

  /// Rows and columns in the order in which they come; each number leads to its pictures.
  private static func table(_ groups: [GalleryContent.Group], from first: Int) -> String {
    let rows = unique(groups.map(\.row))
    let columns = unique(groups.map(\.column))
    let header = columns.map { "<th scope=\"col\">\(Markup.escape($0))</th>" }.joined()
    let body = rows.map { row in
      let cells = columns.map { column in
        let found = groups.indices.filter { groups[$0].row == row && groups[$0].column == column }
        let links = found.map { "<a href=\"\(name($0 + first, 0))\">\(groups[$0].pictures.count)</a>" }
        return "<td>\(links.joined(separator: " "))</td>"
      }.joined()
      return "<tr><th scope=\"row\">\(Markup.escape(row))</th>\(cells)</tr>"
    }.joined()
    return "<div class=\"scroll\"><table><thead><tr><td></td>\(header)</tr></thead><tbody>\(body)</tbody></table></div>"
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func legend(_ marks: [GalleryContent.Mark]) -> String {
    marks.isEmpty ? "" : "<p class=\"marks\">\(marks.map(mark).joined(separator: " "))</p>"
  }

  private static func mark(_ mark: GalleryContent.Mark) -> String {
    let swatch = mark.colour.map { "<i style=\"background:\(Markup.escape($0))\"></i>" } ?? ""
    return "<span class=\"mark\">\(swatch)\(Markup.escape(mark.text))</span>"
  }

  // MARK: Pages of pictures

  private static func pagesOf(
    _ number: Int, _ groups: [GalleryContent.Group], _ content: GalleryContent
  ) -> [(path: String, html: String)] {
    let group = groups[number]
    let count = pageCount(group)
    let title = group.row + (group.column.isEmpty ? "" : ", \(group.column)")
    return (0..<count).map { page in
      let first = page * picturesOnPage
      let shown = group.pictures[first..<min(group.pictures.count, first + picturesOnPage)]
      var links = ["<a href=\"../\(indexName)\">all classes</a>"]
      func link(_ path: String, _ text: String) { links.append("<a href=\"../\(path)\">\(Markup.escape(text))</a>") }
      if number > 0 { link(name(number - 1, 0), "previous: \(groups[number - 1].row), \(groups[number - 1].column)") }
      if number + 1 < groups.count {
        link(name(number + 1, 0), "next: \(groups[number + 1].row), \(groups[number + 1].column)")
      }
      let pages =
        count < 2
        ? ""
        : "<nav>page "
          + (0..<count).map { other in
            other == page ? "<b>\(other + 1)</b>" : "<a href=\"../\(name(number, other))\">\(other + 1)</a>"
          }.joined(separator: " ") + "</nav>"
      let html =
        "<nav>\(links.joined(separator: " "))</nav>\(pages)<div class=\"wall\">\(shown.map(figure).joined())</div>\(pages)"
      return (
        name(number, page),
        self.page(
          title: title, subtitle: "\(content.title): \(first + 1) to \(first + shown.count) of \(group.pictures.count)",
          html)
      )
    }
  }

  private static func figure(_ picture: GalleryContent.Picture) -> String {
    let name = Markup.escape(picture.name)
    let image =
      picture.file.map { file in
        let path = "../" + Markup.escape(file)
        return "<a href=\"\(path)\"><img loading=\"lazy\" width=\"\(picture.width)\" height=\"\(picture.height)\" "
          + "alt=\"\(name)\" src=\"\(path)\"></a>"
      } ?? "<div class=\"none\">no picture</div>"
    let lines = picture.lines.map { "<p>\(Markup.escape($0))</p>" }.joined()
    let cause = picture.cause.map { "<p class=\"cause\">\(Markup.escape($0))</p>" } ?? ""
    return "<figure>\(image)<figcaption><p class=\"name\">\(name)</p>\(legend(picture.marks))\(lines)\(cause)"
      + "</figcaption></figure>"
  }

  private static func page(title: String, subtitle: String, _ html: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(Markup.escape(title))</title>
    <style>\(ReportStyle.css)\n\(GalleryStyle.css)</style></head><body class="gallery-page">
    <header><p class="eyebrow">\(Markup.escape(subtitle))</p><h1>\(Markup.escape(title))</h1></header>
    <main>\(html)</main>
    </body></html>

    """
  }
}

enum GalleryStyle {
  static let css = """
    body.gallery-page{max-width:1500px}
    .wall{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,250px),1fr));gap:1.2rem;margin:1rem 0}
    .wall figure{background:var(--panel);border-radius:8px;padding:.6rem;min-width:0}
    .wall img{display:block;width:100%;height:auto;max-height:420px;object-fit:contain;border-radius:4px}
    .wall figcaption{margin:.5rem 0 0}.wall figcaption p{margin:.15rem 0}
    .wall .none{display:grid;place-items:center;aspect-ratio:4/3;color:var(--soft);border:1px dashed var(--line);border-radius:4px}
    .cause{color:var(--bad)}
    .marks{display:flex;flex-wrap:wrap;gap:.2rem .8rem}
    .mark{color:var(--ink);overflow-wrap:anywhere}
    .mark i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.35rem;vertical-align:-1px;\
    border:1px solid var(--line)}
    """
}
