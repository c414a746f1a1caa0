import AssayLearning
import Foundation
import Testing

// Fixtures/tasks.json was made by (scikit-learn 1.8, scipy 1.17):
//   r = np.random.default_rng(5); n, d = 60, 5
//   x = np.round(r.normal(size=(n, d)) @ r.normal(size=(d, d)) * [1, 10, .1, 1, 1] + [0, 5, 0, 1, 2], 3)
//   z = StandardScaler().fit_transform(x); s = z @ r.normal(size=d)
//   y = np.digitize(s + r.normal(size=n), np.quantile(s, [.3, .6, .9])); v = np.round(3 + 2*s + r.normal(size=n), 3)
//   t = np.r_[-inf, 0, np.cumsum(np.exp(ds)), inf]; P = sigmoid(t[1:] - f) - sigmoid(t[:-1] - f) with f = z @ w + b
//   minimize(-log(P[y]).sum() + w @ w / (2 * 0.5), method='BFGS', gtol=1e-8), all of P
//   Ridge(alpha).fit(z, (v - v.mean()) / v.std()).predict(z) for alpha 2 and 50
@Suite struct OrderedProbeTests {
  private struct Fixture: Decodable {
    let x: [Float]
    let levels: [Int]
    let values: [Double]
    let probabilities: [Double]
    let weakRidge: [Float]
    let strongRidge: [Float]

    var matrix: FeatureMatrix { FeatureMatrix(rows: 60, columns: 5, values: x) }
  }

  private let f: Fixture = {
    let url = Bundle.module.url(forResource: "Fixtures/tasks", withExtension: "json")!
    return try! JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }()

  private let whole = [Int](repeating: 0, count: 60)

  @Test func ordinalRegressionAgreesWithReferenceOptimiser() throws {
    let data = ProbeData(f.matrix, labels: f.levels, classCount: 4, folds: whole, isOrdinal: true)
    let solution = try #require(
      LogisticRegression.fit(data, [.init(excludedFolds: [], inversePenalty: 0.5)], tolerance: 1e-7).first)
    for (own, reference) in zip(solution.logits, f.probabilities) { #expect(abs(exp(Double(own)) - reference) < 5e-4) }
    // The model says the same as the outputs.
    let link = CumulativeLink(logSteps: solution.model.logSteps.map(Double.init))
    let model = solution.model
    for row in 0..<60 {
      var score = Double(model.bias[0])
      for d in 0..<5 {
        score +=
          Double(model.weights[d]) * (Double(f.x[row * 5 + d]) - model.standardisation.mean[d])
          / model.standardisation.scale[d]
      }
      for (level, probability) in link.probabilities(score: score).enumerated() {
        #expect(abs(probability - exp(Double(solution.logits[row * 4 + level]))) < 1e-4)
      }
    }
  }

  /// scikit-learn's alpha is 1 / C.
  @Test func ridgeAgreesWithScikitLearn() {
    let data = ProbeData(f.matrix, values: f.values, folds: whole)
    let solutions = LogisticRegression.fit(
      data, [0.5, 0.02].map { .init(excludedFolds: [], inversePenalty: $0) }, tolerance: 1e-7)
    for (solution, reference) in zip(solutions, [f.weakRidge, f.strongRidge]) {
      for (own, expected) in zip(solution.logits, reference) { #expect(abs(own - expected) < 1e-3) }
    }
    let mean = f.values.reduce(0, +) / 60
    #expect(abs(data.valueMean - mean) < 1e-9, "values come back by mean and scale")
  }

  /// Left-out folds take no part, and nested cross-validation scores every row by a model that has not seen it.
  @Test func heldOutPredictionsAreOfModelsWithoutTheRow() throws {
    let folds = (0..<60).map { $0 % 4 }
    let data = ProbeData(f.matrix, values: f.values, folds: folds)
    let search = PenaltySearch(data)
    let rows = (0..<60).filter { folds[$0] != 2 }
    let alone = ProbeData(
      f.matrix.selecting(rows), values: rows.map { f.values[$0] }, folds: [Int](repeating: 0, count: rows.count))
    // The penalty is on the standardised target, whose scale is that of the rows at hand.
    let expected = try #require(
      LogisticRegression.fit(
        alone, [.init(excludedFolds: [], inversePenalty: search.chosen)], tolerance: 1e-6
      ).first)
    let model = expected.model
    for row in 0..<60 where folds[row] == 2 {
      var score = Double(model.bias[0])
      for d in 0..<5 {
        score +=
          Double(model.weights[d]) * (Double(f.x[row * 5 + d]) - model.standardisation.mean[d])
          / model.standardisation.scale[d]
      }
      let own = Double(search.heldOutLogits[row]) * data.valueScale + data.valueMean
      #expect(abs(own - (score * alone.valueScale + alone.valueMean)) < 5e-3 * data.valueScale)
    }
    let nested = NestedCrossValidation(data)
    #expect(nested.logits.count == 60 && nested.temperatures == [1, 1, 1, 1])
    let ordinal = NestedCrossValidation(
      ProbeData(f.matrix, labels: f.levels, classCount: 4, folds: folds, isOrdinal: true))
    let hits = f.levels.indices.count { row in
      let own = ordinal.logits[row * 4..<row * 4 + 4]
      return own.indices.max { own[$0] < own[$1] } == row * 4 + f.levels[row]
    }
    // SciPy's optimiser on the same folds finds 25 to 27 for C from 0.1 to 10; the most frequent level alone, 20.
    #expect((24...28).contains(hits))
  }

  @Test func probabilitiesOfLevelsSumToOne() {
    let link = CumulativeLink(logSteps: [-30, 2])
    for score in [-800.0, -3, 0, 0.5, 900] {
      let own = link.probabilities(score: score)
      #expect(own.count == 4 && abs(own.reduce(0, +) - 1) < 1e-12 && own.allSatisfy { $0 >= 0 })
    }
    #expect(CumulativeLink(logSteps: []).probabilities(score: 0) == [0.5, 0.5], "two levels are a logistic regression")
  }
}
