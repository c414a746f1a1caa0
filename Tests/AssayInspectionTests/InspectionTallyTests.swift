import AssayInspection
import Testing

@Suite struct InspectionTallyTests {
  private func tally(_ parts: [(Inspection.Verdict, Bool, [String])]) -> InspectionTally {
    parts.reduce(into: InspectionTally()) { $0.add(.init($1.0, isUncertain: $1.1, classes: $1.2)) }
  }

  @Test func theParts() {
    let sure = Array(repeating: (Inspection.Verdict.good, false, ["good"]), count: 60)
    #expect(tally(sure).text == "60 good, 0 defect")
    let many = tally(
      sure + Array(repeating: (.defect, false, ["scratch"]), count: 9)
        + Array(repeating: (.defect, false, ["stain"]), count: 6) + [
          (.good, true, ["good"]), (.defect, true, ["stain"]),
        ])
    #expect(many.text == "60 good, 15 defect (scratch 9, stain 6), 2 uncertain (1 good, 1 defect)")
    #expect(many.count == 77 && many.defects == 16)
  }

  /// A detector of anomalies has no class to name.
  @Test func aClassThatSaysNothingIsLeftOut() {
    #expect(tally([(.defect, false, ["defect"]), (.good, false, ["good"])]).text == "1 good, 1 defect")
  }

  /// Several classes on one part count each.
  @Test func severalClasses() {
    let found = tally([(.defect, false, ["scratch", "stain"]), (.defect, false, ["stain"]), (.good, false, [])])
    #expect(found.text == "1 good, 2 defect (stain 2, scratch 1)")
    let names = (0..<9).map { "class\($0)" }
    let text = tally([(.defect, false, names)]).text
    #expect(text == "0 good, 1 defect (class0 1, class1 1, class2 1, class3 1, class4 1, class5 1, 3 other classes)")
  }

  @Test func whatIsNotJudged() {
    #expect(tally([(.classified, false, ["bolt"]), (.classified, true, ["nut"])]).text == "bolt 1, 1 uncertain")
    #expect(tally([(.unjudged, true, ["unjudged"]), (.unjudged, true, ["unjudged"])]).text == "2 unjudged")
    #expect(tally([(.measured, false, [""])]).text == "1 measured")
    #expect(tally([]).text.isEmpty)
    var broken = tally([(.good, false, ["good"])])
    broken.add(.notFinite(name: "a.png", output: "probabilities"))
    broken.add(unreadable: 2)
    #expect(broken.text == "1 good, 0 defect, 2 not readable, 1 without an answer" && broken.count == 4)
  }

  /// Each piece is coloured by itself; the words do not depend on it.
  @Test func tones() {
    let pieces = tally([(.good, false, ["good"]), (.defect, true, ["stain"])]).pieces
    #expect(
      pieces.first { $0.tone == .good }?.text == "1 good" && pieces.first { $0.tone == .defect }?.text == "0 defect")
    #expect(pieces.first { $0.tone == .uncertain }?.text == "1 uncertain")
  }
}
