import AssayMetrics
import AssayReport
import Testing

@Suite struct HTMLReportTests {
  private func full() -> ReportContent {
    var content = ReportContent(title: "Parts <b>&", subtitle: "today", verdict: "9 of 10 \"right\"")
    content.figures = [.init(name: "accuracy", value: "90.0 %", interval: "80…95", explanation: "share")]
    content.warnings = ["<script>alert(1)</script>"]
    content.classes = ["good", "a<b"]
    content.confusion = ConfusionMatrix(actual: [0, 0, 1, 1], predicted: [0, 1, 1, 1], classCount: 2)
    content.classRows = [
      .init(
        name: "good", precision: 1, recall: 0.5, f1: 2 / 3, f1Interval: Interval(low: 0.1, high: 0.9),
        recallInterval: nil, support: 2)
    ]
    content.rocCurves = [.init(name: "defective", points: [(0, 0), (0.5, 1), (1, 1)])]
    content.reliability = ReliabilityBins(probabilities: [0.9, 0.1], labels: [0], classCount: 2)
    content.decision = .init(
      threshold: 0.5, explanation: "why",
      outcome: EscapeOverkill(threshold: 0.5, scores: [0.2, 0.9], isDefect: [false, true]),
      alternatives: [], goodScores: [0.2], defectScores: [0.9])
    content.mistakes = [
      .init(name: "x.png", actual: "good", predicted: "a<b", probability: 0.8, picture: ([1, 2, 3], "image/jpeg"))
    ]
    content.dataColumns = ["all"]
    content.dataRows = [("good", [2])]
    content.provenance = [("seed", "0")]
    return content
  }

  @Test func everyTextIsEscaped() {
    let html = HTMLReport.render(full())
    #expect(!html.contains("<script"))
    #expect(html.contains("&lt;script&gt;alert(1)"))
    #expect(html.contains("Parts &lt;b&gt;&amp;"))
    #expect(!html.contains("a<b<"))
  }

  /// What is not seen is shown, and nothing turns the direction of what stands beside it.
  @Test func namesDoNotHide() {
    var content = full()
    content.mistakes[0].name = "a\u{202E}gnp.exe\u{1B}\u{200B}\u{2067}"
    let html = HTMLReport.render(content)
    #expect(html.contains("a\\u{202E}gnp.exe\\x1B\\u{200B}\\u{2067}"))
    #expect(!html.unicodeScalars.contains { [0x202E, 0x1B, 0x200B, 0x2067].contains($0.value) })
  }

  @Test func tagsAreBalanced() {
    var open: [String] = []
    let html = HTMLReport.render(full())
    var rest = html[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let name = String(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber })
      if tag.hasPrefix("!") || tag.hasSuffix("/") || ["meta", "img"].contains(name) { continue }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == name)
      } else {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
  }

  @Test func selfContained() {
    let html = HTMLReport.render(full())
    #expect(!html.contains("http://") && !html.contains("https://"))
    #expect(html.contains("data:image/jpeg;base64,AQID"))
  }

  @Test func sectionsWithoutDataAreLeftOut() {
    let empty = HTMLReport.render(ReportContent(title: "t", subtitle: "s", verdict: "v"))
    for id in ["confusion", "decision", "curves", "mistakes", "learning", "data", "provenance", "warnings"] {
      #expect(!empty.contains("id=\"\(id)\""))
      if id != "learning" { #expect(HTMLReport.render(full()).contains("id=\"\(id)\"")) }
    }
  }

  /// The plot runs from x 52 to 408 and from y 274 down to 12: (0, 0) is its lower left, (0.5, 1) the middle of its top.
  @Test func curveCoordinates() {
    #expect(HTMLReport.render(full()).contains("d=\"M52 274 L230 12 L408 12\""))
  }
}
