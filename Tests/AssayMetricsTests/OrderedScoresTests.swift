import AssayMetrics
import Foundation
import Testing

// Fixtures/ordered.json was made by (scikit-learn 1.8, scipy 1.17), continuing the generator of
// AssayLearningTests/Fixtures/tasks.json:
//   a = r.integers(0, 4, 40); p = np.clip(a + r.integers(-1, 2, 40), 0, 3)
//   q = np.round(r.normal(size=40), 1); u = np.round(q + r.normal(size=40), 1)    # ties
//   cohen_kappa_score(a, p, weights='quadratic'), spearmanr(q, u).statistic,
//   mean_absolute_error(q, u), root_mean_squared_error(q, u), r2_score(q, u)
@Suite struct OrderedScoresTests {
  private struct Fixture: Decodable {
    let actual: [Int]
    let predicted: [Int]
    let kappa: Double
    let truth: [Double]
    let stated: [Double]
    let spearman: Double
    let mae: Double
    let rmse: Double
    let r2: Double
  }

  private let f: Fixture = {
    let url = Bundle.module.url(forResource: "Fixtures/ordered", withExtension: "json")!
    return try! JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }()

  @Test func agreesWithReferencePrograms() throws {
    let matrix = ConfusionMatrix(actual: f.actual, predicted: f.predicted, classCount: 4)
    #expect(abs(try #require(OrdinalScores.quadraticWeightedKappa(matrix)) - f.kappa) < 1e-12)
    #expect(abs(try #require(RankCorrelation.spearman(f.truth, f.stated)) - f.spearman) < 1e-12)
    let scores = RegressionScores(actual: f.truth, predicted: f.stated)
    #expect(abs(scores.meanAbsoluteError - f.mae) < 1e-12)
    #expect(abs(scores.rootMeanSquareError - f.rmse) < 1e-12)
    #expect(abs(try #require(scores.determination) - f.r2) < 1e-12)
  }

  /// Of two parts of level 0 one is right and one is two levels off.
  @Test func kappaByHand() {
    let matrix = ConfusionMatrix(actual: [0, 0], predicted: [0, 2], classCount: 3)
    // Expected: row 0 has 2, columns 0 and 2 have 1 each: 4 * 2 * 1 / 2 = 4. Kappa 1 - 4 / 4 = 0: no better than chance.
    #expect(OrdinalScores.quadraticWeightedKappa(matrix) == 0)
    #expect(
      OrdinalScores.quadraticWeightedKappa(ConfusionMatrix(actual: [0, 1, 2], predicted: [0, 1, 2], classCount: 3)) == 1
    )
    #expect(
      OrdinalScores.quadraticWeightedKappa(ConfusionMatrix(actual: [1, 1], predicted: [1, 1], classCount: 3)) == nil,
      "a single level says nothing of agreement")
  }

  @Test func whatDoesNotVaryHasNoRank() {
    #expect(RankCorrelation.spearman([1, 1, 1], [1, 2, 3]) == nil)
    #expect(RankCorrelation.spearman([1, 2, 3], [30, 20, 10]) == -1)
    #expect(RegressionScores(actual: [2, 2], predicted: [1, 3]).determination == nil)
  }
}
