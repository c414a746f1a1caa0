import AssayLearning
import Testing

/// No held-out part wrong: what the temperature may then be depends on how many parts there were.
@Suite struct TemperatureScalingTests {
  /// Two classes, every part right by a logit of 4. scipy:
  ///   g = lambda u: n * (log1p(exp(-4 / exp(u))) + 4 / exp(u) * .5 / (n + 1)) + u * u / (2 * (.25 if u < 0 else .5) ** 2)
  ///   exp(minimize_scalar(g, bounds=(log(.05), log(20)), method="bounded").x)     and with u * u / 2 for similarities
  @Test(arguments: [(12, 1.123021, 1.195361), (40, 0.965234, 0.918540), (400, 0.713324, 0.611137)])
  func neverWrong(parts: Int, probabilities: Double, similarities: Double) {
    let labels = (0..<parts).map { $0 % 2 }
    let logits = labels.flatMap { label -> [Float] in label == 0 ? [4, 0] : [0, 4] }
    let own = TemperatureScaling(heldOut: logits, labels: labels, classCount: 2)
    #expect(abs(own.temperature - probabilities) < 1e-4)
    #expect(own.count == parts && own.logLossBefore > 0)
    let other = TemperatureScaling(heldOut: logits, labels: labels, classCount: 2, scale: .similarities)
    #expect(abs(other.temperature - similarities) < 1e-4)
  }

  /// A model that states 1 - 1e-4 and is right in three of four cases is made more cautious, whatever the prior.
  @Test func overconfidence() {
    let labels = (0..<400).map { $0 % 2 }
    let logits = labels.indices.flatMap { row -> [Float] in
      (labels[row] == 0) == (row % 8 < 6) ? [9.2, 0] : [0, 9.2]
    }
    let scaling = TemperatureScaling(heldOut: logits, labels: labels, classCount: 2)
    // 9.2 / T = log 3 would be the likelihood's own.
    #expect(scaling.temperature > 6 && scaling.temperature < 9)
    #expect(scaling.logLossAfter < 0.6 && scaling.logLossBefore > 2)
  }

  @Test func nothingHeldOut() {
    #expect(TemperatureScaling(heldOut: [], labels: [], classCount: 3).temperature == 1)
  }
}
