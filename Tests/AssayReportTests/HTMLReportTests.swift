import AssayMetrics
import AssayReport
import Foundation
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

  /// The first sentence is whether it is fit for the line; text from outside cannot break out of it.
  @Test func opensWithFitness() throws {
    var content = full()
    content.fitness = .init(sentence: "Not fit: <b>rust</b> passes.", tone: .bad)
    let html = HTMLReport.render(content)
    let fitness = try #require(html.range(of: "<p class=\"fitness bad\">Not fit: &lt;b&gt;rust&lt;/b&gt; passes.</p>"))
    let verdict = try #require(html.range(of: "<p class=\"verdict\">"))
    #expect(fitness.lowerBound < verdict.lowerBound)
    #expect(!HTMLReport.render(full()).contains("<p class=\"fitness"))
  }

  /// Numbers lead to pictures where there are some, and only there.
  @Test func cellsLeadToPictures() {
    var content = full()
    content.pictures = [
      .init(
        id: ReportContent.PictureGroup.cell(0, 1), title: "good, taken for a<b: 1 of 1",
        pictures: [
          .init(name: "p.png", actual: "good", predicted: "a<b", probability: 0.9, picture: ([9], "image/jpeg"))
        ]),
      .init(id: "class-0-missed", title: "missed", pictures: []),
    ]
    content.tables = [
      .init(
        title: "Thresholds", header: ["class", "missed"], rows: [["dent", "3 of 4"], ["rust", "0 of 2"]], caption: "c",
        links: [.init(row: 0, column: 1): "class-0-missed", .init(row: 1, column: 1): "class-1-missed"])
    ]
    let html = HTMLReport.render(content)
    #expect(html.contains("<a href=\"#cell-0-1\">1</a>") && html.contains("id=\"cell-0-1\""))
    #expect(!html.contains("href=\"#cell-1-1\""), "there are two parts and no picture")
    #expect(html.contains("<a href=\"#class-0-missed\">3 of 4</a>") && html.contains("<td>0 of 2</td>"))
    #expect(html.contains("good, taken for a&lt;b: 1 of 1"))
  }

  /// A section that there is nothing for says why, in its place.
  @Test func missingSectionsSayWhy() {
    var content = ReportContent(title: "t", subtitle: "s", verdict: "v")
    content.missing = [.decision: "no class is <good>", .learning: "elsewhere"]
    let html = HTMLReport.render(content)
    #expect(html.contains("id=\"decision\"") && html.contains("no class is &lt;good&gt;"))
    #expect(html.contains("id=\"learning\"") && !html.contains("id=\"curves\""))
    var own = full()
    own.missing = [.decision: "never shown"]
    #expect(!HTMLReport.render(own).contains("never shown"))
  }

  /// Texts of the ticks of the chart of a learning rate over epochs.
  private func ticks(_ series: [(Double, Double)], isLogarithmic: Bool = false) -> [String] {
    var content = ReportContent(title: "t", subtitle: "s", verdict: "v")
    content.learning = [
      .init(
        title: "Learning rate", caption: "c", xLabel: "epoch", yLabel: "rate", isLogarithmic: isLogarithmic,
        series: [.init(name: "rate", points: series.map { (x: $0.0, y: $0.1) })])
    ]
    return HTMLReport.render(content).components(separatedBy: "<text class=\"tick\"").dropFirst().map {
      String($0.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" })
    }
  }

  /// The axis reaches from the lowest to the highest rate, its marks differ, and no mark lies between two epochs.
  @Test func learningRateTicks() {
    let rates: [(Double, Double)] = (1...12).map { epoch in
      let left = 1 - Double(epoch - 1) / 12
      return (Double(epoch), 1.5e-4 * left)
    }
    let texts = ticks(rates)
    #expect(Set(texts).count == texts.count, "\(texts)")
    #expect(texts.contains("1e-4") && texts.contains("5e-5"), "\(texts)")
    #expect(texts.count { $0.contains("e-") } >= 3, "the curve fills its chart")
    #expect(texts.filter { !$0.contains("e-") && $0 != "0" }.allSatisfy { Int($0) != nil }, "\(texts)")
    let level: [(Double, Double)] = [(1, 2e-4), (2, 2e-4), (3, 2e-4)]
    #expect(ticks(level).filter { !$0.contains("e-") } == ["1", "2", "3"])
  }

  /// Many columns are printed sideways and small; pictures have frames of one shape.
  @Test func wideTablesAndPortraits() {
    var content = full()
    content.classes = (0..<12).map { "c\($0)" }
    content.confusion = ConfusionMatrix(classCount: 12)
    let html = HTMLReport.render(content)
    #expect(html.contains("<table class=\"confusion wide\">") && html.contains("@page wide{size:A4 landscape"))
    #expect(html.contains("<div class=\"frame\"><img") && html.contains("object-fit:contain"))
    content.classes = (0..<20).map { "c\($0)" }
    content.confusion = ConfusionMatrix(classCount: 20)
    #expect(HTMLReport.render(content).contains("<table class=\"confusion wide widest\">"))
    #expect(HTMLReport.render(full()).contains("<table class=\"confusion\">"))
  }

  /// The plot runs from x 52 to 408 and from y 274 down to 12: (0, 0) is its lower left, (0.5, 1) the middle of its top.
  @Test func curveCoordinates() {
    #expect(HTMLReport.render(full()).contains("d=\"M52 274 L230 12 L408 12\""))
  }
}
