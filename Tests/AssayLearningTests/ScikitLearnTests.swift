import AssayBase
import AssayLearning
import Foundation
import Testing

// Fixtures/learning.json was made by (scikit-learn 1.8, scipy 1.17):
//   r = np.random.default_rng(3); n, d = 60, 6
//   x = np.round(r.normal(size=(n, d)) @ r.normal(size=(d, d)) * [1,10,.1,1,1,1] + [0,5,0,1,2,3], 3); x[:, 5] = 2.5
//   sc = StandardScaler().fit(x); z = sc.transform(x)
//   for k in (2, 3), cw in (None, 'balanced'): labels unbalanced,
//     LogisticRegression(C=0.3, class_weight=cw, tol=1e-10, max_iter=5000).fit(z, y).predict_proba(z)
//   and for random logits z, t = np.full((n, k), .5 / (n + 1) / (k - 1)); t[range(n), y] = (n + .5) / (n + 1)
//     f = lambda u: -(t * log_softmax(z / exp(u))).sum() + u * u / (2 * (.25 if u < 0 else .5) ** 2)
//     exp(scipy.optimize.minimize_scalar(f, bounds=(log(.05), log(20)), method='bounded').x)
struct LearningFixture: Decodable {
  struct Fit: Decodable {
    let labels: [Int]
    let probabilities: [Double]
  }

  struct Temperature: Decodable {
    let labels: [Int]
    let logits: [Float]
    let temperature: Double
    let before: Double
    let after: Double
  }

  let x: [Float]
  let mean: [Double]
  let scale: [Double]
  let k2None: Fit
  let k2balanced: Fit
  let k3None: Fit
  let k3balanced: Fit
  let t2: Temperature
  let t3: Temperature

  var matrix: FeatureMatrix { FeatureMatrix(rows: 60, columns: 6, values: x) }

  static let shared: LearningFixture = {
    let url = Bundle.module.url(forResource: "Fixtures/learning", withExtension: "json")!
    return try! JSONDecoder().decode(LearningFixture.self, from: Data(contentsOf: url))
  }()
}

@Suite struct ScikitLearnTests {
  let f = LearningFixture.shared

  /// The fixture's features where memory is given back after every block: the same numbers.
  @Test func featuresOnDiskGiveTheSame() {
    let folder = NSTemporaryDirectory() + "assay-learning-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let memory = WorkingMemory(count: f.x.count, folder: folder, fewest: 0, held: 0)
    for (index, value) in f.x.enumerated() { memory.values[index] = value }
    let stored = FeatureMatrix(rows: 60, columns: 6, values: FeatureValues(memory, count: f.x.count))
    #expect(stored.values.isReleasable && stored == f.matrix)
    let rows = [5, 3, 59, 0, 5]
    #expect(stored.selecting(rows) == f.matrix.selecting(rows))
    #expect(Standardisation(stored) == Standardisation(f.matrix))
    func solution(_ matrix: FeatureMatrix) -> LogisticRegression.Solution {
      let data = ProbeData(matrix, labels: f.k3None.labels, classCount: 3, folds: [Int](repeating: 0, count: 60))
      return LogisticRegression.fit(data, [.init(excludedFolds: [], inversePenalty: 0.3)])[0]
    }
    let (own, other) = (solution(stored), solution(f.matrix))
    #expect(own.logits == other.logits && own.model.weights == other.model.weights)
  }

  @Test func standardisation() {
    let standardisation = Standardisation(f.matrix)
    for d in 0..<6 {
      #expect(abs(standardisation.mean[d] - f.mean[d]) < 1e-6)
      #expect(abs(standardisation.scale[d] - f.scale[d]) < 1e-6 * f.scale[d])
    }
    #expect(standardisation.scale[5] == 1, "a constant feature keeps scale 1")
  }

  @Test(arguments: [2, 3], ClassWeights.allCases)
  func probabilities(classCount: Int, weights: ClassWeights) throws {
    let fit =
      switch (classCount, weights) {
      case (2, .none): f.k2None
      case (2, .balanced): f.k2balanced
      case (_, .none): f.k3None
      case (_, .balanced): f.k3balanced
      }
    let data = ProbeData(
      f.matrix, labels: fit.labels, classCount: classCount, folds: [Int](repeating: 0, count: 60), weights: weights)
    let solution = try #require(
      LogisticRegression.fit(data, [.init(excludedFolds: [], inversePenalty: 0.3)], tolerance: 1e-7).first)
    let probabilities = Softmax.probabilities(solution.logits, classCount: classCount)
    for (own, reference) in zip(probabilities, fit.probabilities) { #expect(abs(own - reference) < 2e-4) }
  }

  @Test func temperature() {
    for (fixture, classCount) in [(f.t2, 2), (f.t3, 3)] {
      let scaling = TemperatureScaling(heldOut: fixture.logits, labels: fixture.labels, classCount: classCount)
      #expect(abs(scaling.temperature - fixture.temperature) < 1e-3 * fixture.temperature)
      #expect(abs(scaling.logLossBefore - fixture.before) < 1e-5)
      #expect(abs(scaling.logLossAfter - fixture.after) < 1e-5)
    }
  }
}

@Suite struct LogisticRegressionTests {
  let f = LearningFixture.shared

  /// Leaving a fold out of a batch is the same as never having had it.
  @Test func excludedFoldTakesNoPart() throws {
    let folds = (0..<60).map { $0 % 3 }
    let labels = f.k3None.labels
    let data = ProbeData(f.matrix, labels: labels, classCount: 3, folds: folds)
    let problems = [Set([0]), [1], [0, 2], []].map {
      LogisticRegression.Problem(excludedFolds: $0, inversePenalty: 0.3)
    }
    let batch = LogisticRegression.fit(data, problems, tolerance: 1e-6)
    for (problem, solution) in zip(problems, batch) {
      let rows = (0..<60).filter { !problem.excludedFolds.contains(folds[$0]) }
      let alone = ProbeData(
        f.matrix.selecting(rows), labels: rows.map { labels[$0] }, classCount: 3,
        folds: [Int](repeating: 0, count: rows.count))
      let expected = try #require(
        LogisticRegression.fit(alone, [.init(excludedFolds: [], inversePenalty: 0.3)], tolerance: 1e-6).first)
      for (position, row) in rows.enumerated() {
        let a = Softmax.probabilities(Array(solution.logits[row * 3..<row * 3 + 3]), classCount: 3)
        let b = Softmax.probabilities(Array(expected.logits[position * 3..<position * 3 + 3]), classCount: 3)
        for k in 0..<3 { #expect(abs(a[k] - b[k]) < 1e-3) }
      }
      #expect(solution.hasConverged)
    }
  }

  /// A model's weights on standardised features give the logits that the batch reports.
  @Test func modelAgreesWithLogits() throws {
    let data = ProbeData(
      f.matrix, labels: f.k2None.labels, classCount: 2, folds: [Int](repeating: 0, count: 60))
    let solution = try #require(LogisticRegression.fit(data, [.init(excludedFolds: [], inversePenalty: 1)]).first)
    let model = solution.model
    for row in 0..<60 {
      for k in 0..<2 {
        var logit = Double(model.bias[k])
        for d in 0..<6 {
          let z = (Double(f.x[row * 6 + d]) - model.standardisation.mean[d]) / model.standardisation.scale[d]
          logit += Double(model.weights[k * 6 + d]) * z
        }
        #expect(abs(logit - Double(solution.logits[row * 2 + k])) < 1e-3)
      }
    }
  }

  @Test func penaltySearchIsDeterministicAndHoldsOut() {
    let data = ProbeData(f.matrix, labels: f.k3None.labels, classCount: 3, folds: (0..<60).map { $0 % 5 })
    let first = PenaltySearch(data)
    let second = PenaltySearch(data)
    #expect(first.chosen == second.chosen)
    #expect(first.heldOutLogits == second.heldOutLogits)
    #expect(first.path.min { $0.loss < $1.loss }?.inversePenalty == first.chosen)
    #expect(first.heldOutLogits.count == 180)
  }

  /// Random labels can not be predicted: nested cross-validation must not pretend otherwise.
  @Test func nestedCrossValidationIsHonestOnNoise() {
    var generator = SplitMix64(seed: 11)
    let values = (0..<120 * 40).map { _ in Float.random(in: -1...1, using: &generator) }
    let labels = (0..<120).map { _ in Int.random(in: 0...1, using: &generator) }
    let data = ProbeData(
      FeatureMatrix(rows: 120, columns: 40, values: values), labels: labels, classCount: 2,
      folds: (0..<120).map { $0 % 4 })
    let nested = NestedCrossValidation(data)
    let hits = labels.indices.count { nested.logits[2 * $0 + labels[$0]] > nested.logits[2 * $0 + 1 - labels[$0]] }
    #expect((0.3...0.7).contains(Double(hits) / 120))
  }
}

@Suite struct LBFGSTests {
  /// Rosenbrock's valley from (-1.2, 1): minimum 0 at (1, 1).
  @Test func rosenbrock() {
    var solver = LBFGS(start: [-1.2, 1], tolerance: 1e-3, maximumIterations: 500)
    var evaluations = 0
    while !solver.isFinished, evaluations < 2000 {
      let (x, y) = (Double(solver.trial[0]), Double(solver.trial[1]))
      solver.advance(
        value: (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x),
        gradient: [Float(-2 * (1 - x) - 400 * x * (y - x * x)), Float(200 * (y - x * x))])
      evaluations += 1
    }
    #expect(abs(solver.point[0] - 1) < 0.02 && abs(solver.point[1] - 1) < 0.04)
  }
}
