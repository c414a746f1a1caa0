import AssayTraining
import Foundation
import Testing

@Suite struct LearningRateScheduleTests {
  /// Four steps of warm-up are fifths of the peak; then eight steps from 1 to 0.1, as in
  /// torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=8, eta_min=0.1).
  @Test func warmUpAndCosine() {
    let schedule = LearningRateSchedule.cosine(peak: 1, floor: 0.1, warmUpSteps: 4)
    let half = 0.5.squareRoot()
    let expected = [
      (0, 0.2), (1, 0.4), (2, 0.6), (3, 0.8), (4, 1), (6, 0.1 + 0.45 * (1 + half)), (8, 0.55),
      (10, 0.1 + 0.45 * (1 - half)), (11, 0.1342542), (12, 0.1), (40, 0.1),
    ]
    for (step, rate) in expected { #expect(abs(schedule.rate(step: step, total: 12) - rate) < 1e-7, "step \(step)") }
  }

  @Test func withoutWarmUpTheFirstStepIsAtThePeak() {
    let schedule = LearningRateSchedule.cosine(peak: 0.3, floor: 0, warmUpSteps: 0)
    #expect(schedule.rate(step: 0, total: 2) == 0.3)
    #expect(abs(schedule.rate(step: 1, total: 2) - 0.15) < 1e-12)
  }

  @Test func warmUpLongerThanTheTrainingOnlyWarmsUp() {
    let schedule = LearningRateSchedule.cosine(peak: 1, floor: 0, warmUpSteps: 9)
    #expect((0..<3).map { schedule.rate(step: $0, total: 3) } == [0.1, 0.2, 0.3])
  }

  @Test func constant() {
    #expect([0, 7, 99].allSatisfy { LearningRateSchedule.constant(0.01).rate(step: $0, total: 10) == 0.01 })
  }
}

@Suite struct EarlyStoppingTests {
  private func run(_ scores: [Double], patience: Int, minimumImprovement: Double = 0) -> (stop: Int?, EarlyStopping) {
    var stopping = EarlyStopping(patience: patience, minimumImprovement: minimumImprovement)
    for (index, score) in scores.enumerated() {
      _ = stopping.record(epoch: index + 1, score: score)
      if stopping.shouldStop { return (index + 1, stopping) }
    }
    return (nil, stopping)
  }

  @Test func stopsWhenPatienceIsUsedUp() {
    let (stop, state) = run([0.5, 0.7, 0.6, 0.7, 0.65, 0.9], patience: 3)
    #expect(stop == 5)
    #expect(state.bestEpoch == 2 && state.bestScore == 0.7)
    #expect(run([0.5, 0.7, 0.6, 0.7, 0.65, 0.9], patience: 4).stop == nil)
  }

  @Test func smallRisesMakeTheBestEpochButDoNotRenewPatience() {
    let (stop, state) = run([0.5, 0.51, 0.52], patience: 2, minimumImprovement: 0.1)
    #expect(stop == 3 && state.bestEpoch == 3)
    // 0.56, 0.62: the second is more than 0.1 above 0.5.
    #expect(run([0.5, 0.56, 0.62, 0.62], patience: 2, minimumImprovement: 0.1).stop == nil)
  }

  @Test func notANumberIsNoImprovement() {
    let (stop, state) = run([.nan, 0.2, .nan, .nan], patience: 2)
    #expect(stop == 4 && state.bestEpoch == 2)
    #expect(run([.nan, .nan], patience: 2).1.bestEpoch == nil)
  }

  @Test func stateSurvivesEncoding() throws {
    let scores = [0.5, 0.56, 0.4, 0.62, 0.3, 0.2]
    var through = EarlyStopping(patience: 2, minimumImprovement: 0.1)
    for (index, score) in scores.enumerated() {
      let encoded = try JSONEncoder().encode(through)
      var resumed = try JSONDecoder().decode(EarlyStopping.self, from: encoded)
      #expect(through.record(epoch: index, score: score) == resumed.record(epoch: index, score: score))
      #expect(through == resumed)
    }
    #expect(through.shouldStop && through.bestEpoch == 3)
  }
}
