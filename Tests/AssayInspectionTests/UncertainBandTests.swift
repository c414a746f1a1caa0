import AssayBundle
import AssayInspection
import Foundation
import Testing

/// The band is the conformal quantile of held-out parts' distances from the threshold: of n the k-th smallest, with k the
/// largest number of which k / (n + 1) is at most the budget (Vovk et al. 2005).
@Suite struct UncertainBandTests {
  private let rule = DecisionRule.classifier(classes: ["good", "bad"], goodClass: "good", threshold: 0.5)

  private func reference(_ scores: [Double], _ isDefect: [Bool], labels: [BundleReference.Label]? = nil)
    -> BundleReference
  {
    BundleReference(basis: "cross-validation", scores: scores, isDefect: isDefect, features: nil, labels: labels)
  }

  /// Odds of 1:20, 1:19 ... 1:1 below the threshold, and as many above.
  private let ladder = (1...20).flatMap { step -> [Double] in
    let odds = Double(step)
    return [1 / (1 + odds), odds / (1 + odds)]
  }

  @Test func probabilities() throws {
    let scores = ladder
    let band = try #require(
      rule.choosingBand(budget: 0.1, on: reference(scores, scores.map { $0 > 0.5 })))
    // k = floor(0.1 * 41) = 4: the distances are 0, 0, log 2, log 2 ...
    #expect(abs((band.below ?? 0) - log(2)) < 1e-12 && band.below == band.above)
    // log 2 is reached from both sides, and rounding decides which is nearer.
    #expect(band.parts == 40 && (2...3).contains(band.uncertain) && band.budget == 0.1)
    let own = rule.with(band)
    #expect(own.isUncertain(score: 0.5, probability: nil) && own.isUncertain(score: 0.6, probability: nil))
    #expect(!own.isUncertain(score: 0.7, probability: nil) && !own.isUncertain(score: 0.3, probability: nil))
    #expect(!own.isUncertain(score: .nan, probability: nil))
  }

  @Test func noneAtABudgetOfNothing() throws {
    let band = try #require(rule.choosingBand(budget: 0, on: reference(ladder, ladder.map { $0 > 0.5 })))
    #expect(band.below == 0 && band.above == 0 && band.uncertain == 0)
    #expect(!rule.with(band).isUncertain(score: 0.5, probability: nil))
  }

  /// With fewer than 1 / budget parts the nearest one's distance counts in proportion.
  @Test func fewParts() throws {
    let scores = [0.1, 0.2, 0.8, 0.9]
    let band = try #require(rule.choosingBand(budget: 0.1, on: reference(scores, scores.map { $0 > 0.5 })))
    #expect(abs((band.below ?? 0) - log(4) * 0.5) < 1e-12 && band.uncertain == 0)
  }

  /// Of new parts from where the held-out ones come, at most the budget is uncertain on average.
  @Test(arguments: [0.05, 0.2]) func newPartsKeepTheBudget(budget: Double) throws {
    var state: UInt64 = 3
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
    }
    /// Scores of good parts near 0 and of bad ones near 1.
    func part() -> Double {
      let score = pow(uniform(), 3)
      return uniform() < 0.7 ? score : 1 - score
    }
    var shares: [Double] = []
    for _ in 0..<100 {
      let scores = (0..<59).map { _ in part() }
      let band = try #require(
        rule.choosingBand(budget: budget, on: reference(scores, scores.map { $0 > 0.5 })))
      let own = rule.with(band)
      shares.append(Double((0..<200).count { _ in own.isUncertain(score: part(), probability: nil) }) / 200)
    }
    let mean = shares.reduce(0, +) / 100
    // The standard error over the draws is below 0.006.
    #expect(mean < budget + 0.012 && mean > budget - 0.012, "\(mean)")
  }

  /// Good parts alone: above them nothing is known, so that the band ends where they do.
  @Test func anomalyScores() throws {
    let rule = Specimen.anomaly().manifest.rule
    let scores = (0..<19).map { 2 + Double($0) * 0.1 } + [4.2]
    let band = try #require(
      rule.choosingBand(budget: 0.2, on: reference(scores, scores.map { _ in false })))
    // k = floor(0.2 * 21) = 4: of the distances log(4.2 / 4), log(4 / 3.8), log(4 / 3.7), log(4 / 3.6).
    #expect(abs((band.below ?? 0) - log(4 / 3.6)) < 1e-12)
    #expect(abs((band.above ?? 0) - log(4.2 / 4)) < 1e-12)
    #expect(band.uncertain == 3)
    let own = rule.with(band)
    #expect(own.isUncertain(score: 3.7, probability: nil) && own.isUncertain(score: 4.2, probability: nil))
    #expect(!own.isUncertain(score: 4.4, probability: nil) && !own.isUncertain(score: 3.5, probability: nil))
  }

  @Test func classesWithoutAGoodOne() throws {
    let rule = DecisionRule.classifier(classes: ["a", "b", "c"], goodClass: nil, threshold: nil)
    // Kept is what is missing from certainty.
    let band = try #require(rule.choosingBand(budget: 0.1, on: reference((0..<19).map { Double($0) * 0.02 }, [])))
    // k = floor(0.1 * 20) = 2: the second smallest probability.
    #expect(abs((band.probability ?? 0) - (1 - 0.34)) < 1e-12 && band.below == nil)
    #expect(rule.with(band).isUncertain(score: nil, probability: 0.65))
    #expect(!rule.with(band).isUncertain(score: nil, probability: 0.67))
  }

  @Test func severalClassesAnImage() throws {
    let rule = Specimen.multiLabel().manifest.rule
    let scratch = (0..<19).map { 0.02 * Double($0 + 1) }
    let labels = rule.classes.map { name in
      BundleReference.Label(
        name: name, scores: name == "scratch" ? scratch : scratch.map { _ in 0.01 }, isThere: scratch.map { _ in false }
      )
    }
    let band = try #require(
      rule.choosingBand(budget: 0.1, on: reference(scratch, scratch.map { _ in true }, labels: labels)))
    // The threshold of scratch is 0.5; k = 2: of 0.38 and 0.36 the second.
    #expect(abs((band.below ?? 0) - log(0.64 / 0.36)) < 1e-12)
    #expect(rule.with(band).isUncertain(labels: [0.37, 0.01]) && !rule.with(band).isUncertain(labels: [0.35, 0.01]))
    #expect(!rule.with(band).isUncertain(labels: [0.99, 0.3]), "it is bad whatever is said of the other class")
  }

  @Test func whereNothingIsDecidedThereIsNoBand() {
    let none = Specimen.measurement().manifest.rule
    #expect(none.choosingBand(budget: 0.05, on: reference([0.5], [false])) == nil)
    let open = Specimen.anomaly(threshold: nil).manifest.rule
    #expect(open.choosingBand(budget: 0.05, on: reference([0.5], [false])) == nil)
    #expect(open.isUncertain(score: 1, probability: nil))
    #expect(rule.choosingBand(budget: 0.05, on: reference([], [])) == nil)
  }
}
