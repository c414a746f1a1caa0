import AssayMetrics
import AssayReport
import Foundation
import Testing

@Suite struct ComparisonPageTests {
  /// Rows crowded together: every second one is a few tenths of a per cent from the last.
  private func content(rows count: Int) -> ComparisonContent {
    var content = ComparisonContent(
      title: "Which backbone for <parts>?", subtitle: "s", verdict: "Take <b>this</b> & that", valueName: "accuracy",
      note: "n")
    content.rows = (0..<count).map { index in
      let value = 0.93 + 0.002 * Double(index % 7)
      return ComparisonContent.Row(
        backbone: "backbone-\(index)", method: index % 2 == 0 ? "linear" : "few-shot", value: value,
        interval: Interval(low: value - 0.01, high: value + 0.01), figures: ["0.9"],
        milliseconds: 5 + Double(index), training: "1.0 s\nhead 0.1 s", size: "9 MB", standing: "worse",
        standingDetail: nil, isOnFront: index < 7, isRecommended: index == 3, recall: [1, 0.5])
    }
    content.figureNames = ["macro F1"]
    content.failures = [("<script>alert(1)</script>", "too large")]
    content.classes = [("good", 10), ("a<b", 2)]
    content.command = "assay train 'x' -o part.assay"
    content.networkColumns = ["input"]
    content.networks = [("backbone-0", ["224 x 224"])]
    content.readings = [
      .init(
        facts: [("layout", "class folders")],
        leftOut: [("1 image left out (x<y.png)", "it is broken", "copy it again")],
        entries: ["x<y.png: broken"])
    ]
    content.provenance = [("seed", "0")]
    content.warnings = ["one"]
    return content
  }

  @Test func whole() {
    let html = ComparisonPage.render(content(rows: 9))
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
    var open: [String] = []
    var rest = html[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let name = String(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber })
      if tag.hasPrefix("!") || tag.hasSuffix("/") || name == "meta" { continue }
      if tag.hasPrefix("/") { #expect(open.popLast() == name) } else { open.append(name) }
    }
    #expect(open.isEmpty)
    #expect(!html.contains("<script") && !html.contains("a<b") && !html.contains("<parts>"))
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("url("))
    for id in ["chart", "table", "recall", "next", "networks", "reading", "provenance", "warnings"] {
      #expect(html.contains("id=\"\(id)\"") && html.contains("href=\"#\(id)\""))
    }
    #expect(html.contains("could not be compared: too large"))
  }

  @Test func sectionsWithoutDataAreLeftOut() {
    let html = ComparisonPage.render(
      ComparisonContent(title: "t", subtitle: "s", verdict: "v", valueName: "accuracy", note: "n"))
    for id in ["chart", "recall", "next", "networks", "reading", "provenance", "warnings"] {
      #expect(!html.contains("id=\"\(id)\""))
    }
  }

  private struct Box {
    let x, y, width, height: Double
    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
  }

  /// Numbers of the attributes named, of every element that begins so.
  private func elements(_ svg: Substring, _ beginning: String, _ names: [String]) -> [(values: [Double], text: Int)] {
    svg.components(separatedBy: beginning).dropFirst().map { part in
      let values = names.map { name in
        part.components(separatedBy: " \(name)=\"").dropFirst().first.flatMap { Double($0.prefix { $0 != "\"" }) } ?? -1
      }
      let inner = part.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" }
      return (values, inner.count)
    }
  }

  /// A letter of 11 pixels is taken to be 6 wide, as the chart takes it, and a line 11 high.
  @Test(arguments: [1, 4, 12, 24]) func labelsCoverNothing(rows: Int) throws {
    let html = ComparisonPage.render(content(rows: rows))
    let start = try #require(html.range(of: "<svg class=\"wide\""))
    let end = try #require(html[start.lowerBound...].range(of: "</svg>"))
    let svg = html[start.lowerBound..<end.lowerBound]
    let labels = elements(svg, "<text class=\"name", ["x", "y"]).map {
      Box(x: $0.values[0], y: $0.values[1] - 9, width: Double($0.text) * 6, height: 11)
    }
    let dots = elements(svg, "<circle class=\"dot", ["cx", "cy"]).map {
      Box(x: $0.values[0] - 5, y: $0.values[1] - 5, width: 10, height: 10)
    }
    #expect(dots.count == rows && labels.count == rows, "every point has its label")
    for (index, label) in labels.enumerated() {
      #expect(!labels.dropFirst(index + 1).contains(where: label.overlaps))
      #expect(!dots.contains(where: label.overlaps))
      #expect(label.x >= 0 && label.x + label.width <= 900 && label.y >= 0)
    }
  }

  /// The front rises from left to right and never falls: a staircase through its points only.
  @Test func theFrontIsAStaircase() throws {
    let html = ComparisonPage.render(content(rows: 9))
    let path = try #require(html.components(separatedBy: "<path class=\"front\" d=\"").dropFirst().first)
      .prefix { $0 != "\"" }
    let points = path.split { "ML ".contains($0) }.compactMap { Double($0) }
    let (xs, ys) = (
      stride(from: 0, to: points.count, by: 2).map { points[$0] },
      stride(from: 1, to: points.count, by: 2).map { points[$0] }
    )
    #expect(xs == xs.sorted() && ys == ys.sorted(by: >), "y points downwards in SVG")
    for step in zip(zip(xs, ys), zip(xs.dropFirst(), ys.dropFirst())) {
      #expect(step.0.0 == step.1.0 || step.0.1 == step.1.1, "level or upright")
    }
  }
}
