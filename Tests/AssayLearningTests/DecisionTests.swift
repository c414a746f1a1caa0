import AssayBase
import AssayLearning
import Testing

@Suite struct DecisionThresholdTests {
  // Good parts 0.1, 0.2, ..., 0.9 (nine); defects 0.35, 0.55, 0.75, 0.95 (four).
  let scores = (1...9).map { Double($0) / 10 } + [0.35, 0.55, 0.75, 0.95]
  let isDefect = [Bool](repeating: false, count: 9) + [Bool](repeating: true, count: 4)

  /// Ten good parts with the new one: at most one in ten above the ninth.
  @Test func overkillIsAConformalQuantile() throws {
    let tenth = try DecisionThreshold(.maximumOverkill(0.1), scores: scores, isDefect: isDefect)
    #expect(tenth.value == (0.9).nextUp)
    #expect(tenth.overkills == 0 && tenth.escapes == 3)
    let third = try DecisionThreshold(.maximumOverkill(0.3), scores: scores, isDefect: isDefect)
    #expect(third.value == (0.7).nextUp)
    #expect(third.overkills == 2 && third.goods == 9)
  }

  @Test func tooFewPartsAreSaidToBeTooFew() {
    #expect(throws: DecisionThreshold.Insufficient(rule: .maximumOverkill(0.05), needed: 19, have: 9)) {
      try DecisionThreshold(.maximumOverkill(0.05), scores: scores, isDefect: isDefect)
    }
    #expect(throws: DecisionThreshold.Insufficient(rule: .maximumEscape(0.1), needed: 9, have: 4)) {
      try DecisionThreshold(.maximumEscape(0.1), scores: scores, isDefect: isDefect)
    }
  }

  /// Five defects with the new one: one in five may fall below the lowest.
  @Test func escapeIsAConformalQuantile() throws {
    let fifth = try DecisionThreshold(.maximumEscape(0.2), scores: scores, isDefect: isDefect)
    #expect(fifth.value == 0.35 && fifth.escapes == 0 && fifth.overkills == 6)
    let half = try DecisionThreshold(.maximumEscape(0.5), scores: scores, isDefect: isDefect)
    #expect(half.value == 0.55 && half.escapes == 1)
  }

  /// Of 10,000 draws the rate on a new part stays below the promised one, on average.
  @Test func overkillGuaranteeHoldsOnAverage() throws {
    var generator = SplitMix64(seed: 3)
    var alarms = 0
    for _ in 0..<4000 {
      let good = (0..<19).map { _ in Double.random(in: 0...1, using: &generator) }
      let threshold = try DecisionThreshold(
        .maximumOverkill(0.1), scores: good, isDefect: [Bool](repeating: false, count: 19))
      if Double.random(in: 0...1, using: &generator) >= threshold.value { alarms += 1 }
    }
    #expect((0.08...0.115).contains(Double(alarms) / 4000))
  }

  /// Thresholds tried by hand: from 0.35 up F1 is 8/(8+6)..., best where all of 0.55, 0.75, 0.95 and few good are above.
  @Test func bestF1EqualsExhaustiveSearch() throws {
    let chosen = try DecisionThreshold(.bestF1, scores: scores, isDefect: isDefect)
    func f1(_ threshold: Double) -> Double {
      let found = zip(scores, isDefect).count { $1 && $0 >= threshold }
      let wrong = zip(scores, isDefect).count { !$1 && $0 >= threshold }
      return 2 * Double(found) / Double(found + wrong + 4)
    }
    let best = stride(from: 0, through: 1, by: 0.01).map(f1).max() ?? 0
    #expect(abs(f1(chosen.value) - best) < 1e-12)
    #expect(chosen.explanation.contains("9 good and 4 defective"))
  }

  @Test func tiedScoresFallOnOneSide() throws {
    let chosen = try DecisionThreshold(
      .maximumOverkill(0.5), scores: [0.5, 0.5, 0.5, 0.9], isDefect: [false, false, false, true])
    #expect(chosen.overkills == 0 && chosen.escapes == 0)
  }
}

@Suite struct AdamTests {
  private let matrix = FeatureMatrix(rows: 4, columns: 2, values: [-1, -1, -1, 1, 1, -1, 1, 1])

  /// With zero weights every probability is 1/2, so the first gradient is -1/2 x (up to the class's sign), and Adam's
  /// first step has the length of the learning rate in each weight whatever the gradient's size (Kingma and Ba, eq. 1).
  @Test func firstStepHasTheLengthOfTheLearningRate() {
    let probe = AdamProbe(
      training: matrix, labels: [0, 0, 1, 1], validation: matrix, validationLabels: [0, 0, 1, 1], classCount: 2,
      settings: .init(learningRate: 0.01, batchSize: 4, epochs: 1))
    #expect(abs(probe.model.weights[0] + 0.01) < 1e-5, "class 0 falls with the first feature")
    #expect(abs(probe.model.weights[2] - 0.01) < 1e-5, "class 1 rises with it")
    #expect(abs(probe.model.weights[1]) < 1e-5, "the second feature says nothing")
  }

  @Test func bestEpochIsKeptAndRunsAreRepeatable() {
    func run(_ seed: UInt64) -> AdamProbe {
      AdamProbe(
        training: matrix, labels: [0, 0, 1, 1], validation: matrix, validationLabels: [0, 0, 1, 1], classCount: 2,
        settings: .init(learningRate: 0.1, batchSize: 2, epochs: 12, seed: seed))
    }
    let first = run(4)
    #expect(first.history.count == 12)
    #expect(first.history == run(4).history)
    let best = first.history[first.bestEpoch - 1]
    #expect(first.history.allSatisfy { $0.validationAccuracy <= best.validationAccuracy })
    #expect(best.validationAccuracy == 1)
    #expect(first.history.last!.trainingLoss < first.history[0].trainingLoss)
  }

  @Test func balancedWeights() {
    #expect(ClassWeights.balanced.values(labels: [0, 0, 0, 1], classCount: 2) == [4.0 / 6, 2])
    #expect(ClassWeights.none.values(labels: [0, 1], classCount: 2) == [1, 1])
  }
}
