import AssayMetrics
import Foundation
import Testing

// Fixtures/metrics.json was made by (scikit-learn 1.8, numpy 2.4):
//   r = np.random.default_rng(7); K = 4
//   y = r.choice([0, 1, 3], 60)                     # class 2 never occurs
//   p = np.round(r.dirichlet(np.ones(K), 60) * 8) / 8 + 1e-3; p /= p.sum(1, keepdims=True)
//   pred = p.argmax(1); pred[pred == 3] = 0         # class 3 is never predicted
//   pr, rc, f1, sup = precision_recall_fscore_support(y, pred, labels=range(K), zero_division=0)
//   s = np.round(r.random(60) * 10) / 10            # many ties
//   b = (r.random(60) < 0.2 + 0.6 * s).astype(int)
//   roc_curve(b, s, drop_intermediate=False), roc_auc_score, average_precision_score, brier_score_loss,
//   log_loss(y, p, labels=range(K)), f1_score(average=...), and for the calibration error
//   bins = np.ceil(p.max(1) * 15).astype(int) - 1
//   ece = sum(abs(conf[bins == k].mean() - hit[bins == k].mean()) * (bins == k).mean() for k in set(bins))
struct MetricsFixture: Decodable {
  let actual: [Int]
  let predicted: [Int]
  let probabilities: [Double]
  let accuracy: Double
  let balanced: Double
  let precision: [Double]
  let recall: [Double]
  let f1: [Double]
  let support: [Int]
  let macroF1: Double
  let weightedF1: Double
  let microF1: Double
  let logLoss: Double
  let ece: Double
  let scores: [Double]
  let positive: [Int]
  let fpr: [Double]
  let tpr: [Double]
  let thresholds: [Double]
  let auc: Double
  let ap: Double
  let brier: Double

  static let shared: MetricsFixture = {
    let url = Bundle.module.url(forResource: "Fixtures/metrics", withExtension: "json")!
    return try! JSONDecoder().decode(MetricsFixture.self, from: Data(contentsOf: url))
  }()
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool { abs(a - b) <= tolerance }

func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-9) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { isClose($0, $1, tolerance) }
}

@Suite struct ScikitLearnTests {
  let f = MetricsFixture.shared

  @Test func confusionMatrixFigures() {
    let matrix = ConfusionMatrix(actual: f.actual, predicted: f.predicted, classCount: 4)
    #expect(isClose(matrix.accuracy, f.accuracy))
    #expect(isClose(matrix.balancedAccuracy, f.balanced))
    #expect(isClose(matrix.precision, f.precision))
    #expect(isClose(matrix.recall, f.recall))
    #expect(isClose(matrix.f1, f.f1))
    #expect(matrix.support == f.support)
    #expect(isClose(matrix.macroF1, f.macroF1))
    #expect(isClose(matrix.weighted(matrix.f1), f.weightedF1))
    #expect(isClose(matrix.microF1, f.microF1))
  }

  @Test func rankingCurvesWithTies() throws {
    let positive = f.positive.map { $0 == 1 }
    let roc = try #require(ROCCurve(scores: f.scores, isPositive: positive))
    #expect(isClose(roc.falsePositiveRate, f.fpr))
    #expect(isClose(roc.truePositiveRate, f.tpr))
    #expect(isClose(Array(roc.thresholds.dropFirst()), f.thresholds))
    #expect(roc.thresholds[0] == .infinity)
    #expect(isClose(roc.area, f.auc))
    let curve = try #require(PrecisionRecallCurve(scores: f.scores, isPositive: positive))
    #expect(isClose(curve.averagePrecision, f.ap))
  }

  @Test func probabilityScores() {
    #expect(
      isClose(
        ProbabilityScores.logLoss(probabilities: f.probabilities, labels: f.actual, classCount: 4), f.logLoss))
    #expect(isClose(ProbabilityScores.brier(scores: f.scores, isPositive: f.positive.map { $0 == 1 }), f.brier))
    let bins = ReliabilityBins(probabilities: f.probabilities, labels: f.actual, classCount: 4)
    #expect(isClose(bins.expectedCalibrationError, f.ece))
    #expect(bins.bins.reduce(0) { $0 + $1.count } == 60)
  }
}

@Suite struct HandWorkedMetricsTests {
  @Test func curvesNeedBothClasses() {
    #expect(ROCCurve(scores: [0.1, 0.9], isPositive: [true, true]) == nil)
    #expect(PrecisionRecallCurve(scores: [0.1], isPositive: [false]) == nil)
  }

  /// Good parts score 1, 2, 3; defects 2, 4. Pairs won by a defect: (2 over 1), (4 over all three), a tie at 2: 4.5 of 6.
  @Test func areaCountsTiesHalf() throws {
    let roc = try #require(
      ROCCurve(scores: [1, 2, 3, 2, 4], isPositive: [false, false, false, true, true]))
    #expect(isClose(roc.area, 4.5 / 6))
  }

  @Test func escapesAndOverkills() {
    let outcome = EscapeOverkill(
      threshold: 0.5, scores: [0.4, 0.5, 0.6, 0.2], isDefect: [true, true, false, false])
    #expect(outcome.escapes == 1 && outcome.defects == 2)
    #expect(outcome.overkills == 1 && outcome.goods == 2)
    #expect(outcome.escapeRate == 0.5)
  }

  /// Wilson (1927) at 0 of 10 and 5 of 10, as in Newcombe (1998): 0...0.2775 and 0.2366...0.7634.
  @Test func wilsonIntervals() throws {
    let none = try #require(Proportion.wilson(0, of: 10))
    #expect(none.low == 0 && isClose(none.high, 0.27753, 1e-4))
    let half = try #require(Proportion.wilson(5, of: 10))
    #expect(isClose(half.low, 0.23659, 1e-4) && isClose(half.high, 0.76341, 1e-4))
    #expect(Proportion.wilson(0, of: 0) == nil)
  }

  /// 1 against 9 discordant pairs: 2 (1 + 10) / 2^10.
  @Test func mcNemarExact() {
    #expect(isClose(Proportion.mcNemar(onlyFirst: 1, onlySecond: 9), 22.0 / 1024))
    #expect(Proportion.mcNemar(onlyFirst: 0, onlySecond: 0) == 1)
    #expect(Proportion.mcNemar(onlyFirst: 5, onlySecond: 5) == 1)
  }
}

@Suite struct BootstrapTests {
  @Test func sameSeedSameInterval() throws {
    let values = (0..<50).map { Double($0 % 7) }
    let first = try #require(Bootstrap(seed: 1).meanInterval(values))
    #expect(first == Bootstrap(seed: 1).meanInterval(values))
    #expect(first != Bootstrap(seed: 2).meanInterval(values))
  }

  /// The interval of an accuracy of 0.8 on 400 images is close to the normal one: 0.8 +- 1.96 sqrt(0.8 0.2 / 400).
  @Test func accuracyIntervalNearNormal() throws {
    let actual = [Int](repeating: 0, count: 400)
    let predicted = (0..<400).map { $0 < 320 ? 0 : 1 }
    let interval = try #require(
      Bootstrap(resamples: 2000).intervals(actual: actual, predicted: predicted, classCount: 2) { [$0.accuracy] }[0])
    #expect(isClose(interval.low, 0.7608, 0.006) && isClose(interval.high, 0.8392, 0.006))
  }
}
