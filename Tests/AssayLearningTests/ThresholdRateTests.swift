import AssayLearning
import Testing

@Suite struct ThresholdRateTests {
  /// No set of parts is large enough for these rates, and none of them ends the program.
  @Test(arguments: [0, 1e-300, Double.leastNonzeroMagnitude, -1, .nan]) func ratesThatNoPartsCanShow(_ rate: Double) {
    #expect(DecisionThreshold.needed(rate) == .max)
    for rule in [ThresholdRule.maximumEscape(rate), .maximumOverkill(rate)] {
      #expect(throws: DecisionThreshold.Insufficient.self) {
        try DecisionThreshold(rule, scores: [0.1, 0.9], isDefect: [false, true])
      }
    }
  }

  /// 1 / 0.02 - 1 = 49 parts are needed for a rate of 2 %.
  @Test func usualRates() {
    #expect(DecisionThreshold.needed(0.02) == 49 && DecisionThreshold.needed(1) == 1)
    // More than all parts is all.
    let all = try? DecisionThreshold(.maximumEscape(1e300), scores: [0.1, 0.9], isDefect: [false, true])
    #expect(all?.value == 0.9)
  }
}
