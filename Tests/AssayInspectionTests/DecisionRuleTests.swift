import AssayInspection
import Testing

@Suite struct DecisionRuleTests {
  private let rule = DecisionRule.classifier(classes: ["good", "scratch", "stain"], goodClass: "good", threshold: 0.5)

  /// Below the threshold is good; everything else is not.
  @Test func failsClosed() {
    #expect(rule.verdict(score: 0.5.nextDown) == .good)
    #expect(rule.verdict(score: 0.5) == .defect)
    for odd in [Double.nan, .infinity] { #expect(rule.verdict(score: odd) == .defect) }
    let open = DecisionRule.classifier(classes: ["good", "bad"], goodClass: "good", threshold: nil)
    #expect(open.verdict(score: 0) == .unjudged, "without a threshold nothing is good")
    #expect(!open.judges && open.whyNotJudging?.contains("assay threshold") == true)
    let labels = Specimen.multiLabel().manifest.rule
    let below: [Double] = [0.5, 0.3].map(\.nextDown)
    #expect(labels.found(below) == [])
    #expect(labels.found([0.5, 0]) == [0] && labels.found([.nan, 0]) == [0], "what is no number is found")
  }

  /// The class named follows the verdict, not the largest probability.
  @Test func classFollowsVerdict() {
    let strict = DecisionRule.classifier(classes: ["good", "scratch", "stain"], goodClass: "good", threshold: 0.2)
    let found = strict.decide([0.6, 0.1, 0.3])
    #expect(found.verdict == .defect && found.index == 2 && found.score == 0.4)
    let lax = DecisionRule.classifier(classes: ["good", "scratch", "stain"], goodClass: "good", threshold: 0.9)
    #expect(lax.decide([0.2, 0.7, 0.1]).index == 0)
    let none = DecisionRule.classifier(classes: ["a", "b"], goodClass: nil, threshold: nil)
    #expect(none.decide([0.2, 0.8]).verdict == .classified && none.decide([0.2, 0.8]).index == 1)
    #expect(strict.decide(rows: [0.6, 0.1, 0.3, 0.9, 0.05, 0.05]) == [2, 0])
  }

  /// Bundles from before there was a share: odds within a factor of 3 of the threshold's; of 1 to 1 that is from 1 to 3 to 3 to 1.
  @Test func uncertainProbabilities() {
    for (score, expected) in [(0.25, false), (0.26, true), (0.5, true), (0.74, true), (0.75, false), (0.01, false)] {
      #expect(rule.isUncertain(score: score, probability: nil) == expected, "\(score)")
    }
    let labels = Specimen.multiLabel().manifest.rule
    #expect(!labels.isUncertain(labels: [0.9, 0.01]))
    #expect(labels.isUncertain(labels: [0.4, 0.01]), "a class that was nearly found")
    #expect(labels.isUncertain(labels: [0.01, 0.35]), "a class that was barely found")
    #expect(!labels.isUncertain(labels: [0.99, 0.35]), "it is bad whatever is said of the other class")
    let none = DecisionRule.classifier(classes: ["a", "b"], goodClass: nil, threshold: nil)
    #expect(none.isUncertain(score: nil, probability: 0.69) && !none.isUncertain(score: nil, probability: 0.7))
  }

  /// An anomaly score within 15 % of its threshold; without one, every part.
  @Test func uncertainScores() {
    let rule = Specimen.anomaly().manifest.rule
    for (score, expected) in [(3.3, false), (3.5, true), (4.5, true), (4.7, false)] {
      #expect(rule.isUncertain(score: score, probability: nil) == expected, "\(score)")
    }
    #expect(Specimen.anomaly(threshold: nil).manifest.rule.isUncertain(score: 1, probability: nil))
  }

  @Test func corrections() throws {
    #expect(try rule.verdict(correctedTo: "good") == .good && rule.verdict(correctedTo: "stain") == .defect)
    #expect(throws: DecisionError.unknownClass("dent", known: ["good", "scratch", "stain"])) {
      try rule.verdict(correctedTo: "dent")
    }
    let labels = Specimen.multiLabel().manifest.rule
    #expect(labels.correctableClasses == ["scratch", "stain", "fine"])
    #expect(try labels.verdict(correctedTo: "fine") == .good && labels.verdict(correctedTo: "stain") == .defect)
    #expect(labels.numberedClasses.firstIndex(of: "fine") == 2, "good parts have a number at the plant as well")
    let anomaly = Specimen.anomaly().manifest.rule
    #expect(anomaly.correctableClasses == ["good", "defect"])
    let none = DecisionRule.classifier(classes: ["a", "b"], goodClass: nil, threshold: nil)
    #expect(try none.verdict(correctedTo: "a") == nil)
    #expect(Specimen.measurement().manifest.rule.correctableClasses == [])
  }
}
