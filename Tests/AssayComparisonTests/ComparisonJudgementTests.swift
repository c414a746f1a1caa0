import AssayBundle
import AssayComparison
import AssayGraph
import AssayMethodsSupport
import AssayMetrics
import Testing

/// A row of parts of which every even one is good; a defect is found where `found` says so, and scores then above all good parts.
func comparisonRow(
  _ name: String, _ milliseconds: Double, found: [Bool], precision: Double = 0.9, method: ComparisonMethod = .linear
) -> ComparisonRow {
  let labels = found.indices.flatMap { _ in [0, 1] }
  let scores = found.enumerated().flatMap { [0.2 + Double($0.offset) / 1e4, $0.element ? 0.9 : 0.1] }
  return ComparisonRow(
    backbone: BackboneDescription(name: name, nativeSize: 224, licence: "MIT", source: "s"), weightsSHA256: "0",
    method: method, inputSize: 224,
    cost: GraphCost(parameters: 1, bytes: 1, medianMilliseconds: milliseconds, p99Milliseconds: milliseconds),
    featureSeconds: 1, fitSeconds: 1, computedCount: 1, cachedCount: 0,
    metrics: [
      Manifest.Metric(
        name: "average precision", value: precision, low: nil, high: nil, count: labels.count, on: "test")
    ], classes: ["good", "bad"], goodIndex: 0, labels: labels,
    predicted: scores.map { $0 > 0.5 ? 1 : 0 }, scores: scores)
}

@Suite struct ComparisonJudgementTests {
  private func found(_ count: Int, missing: Set<Int>) -> [Bool] { (0..<count).map { !missing.contains($0) } }

  private func judge(_ rows: [ComparisonRow], margin: Double = 0.05) -> ComparisonJudgement {
    ComparisonJudgement(rows, by: .escape(maximumOverkill: 0.01), margin: margin)
  }

  /// A fast model that finds 1 of 15 defects was recommended over one that finds 6, since McNemar's p is 0.0625.
  @Test func whatIsNotShownIsNotTakenForEquality() {
    let judgement = judge([
      comparisonRow("fast", 5, found: found(15, missing: Set(1..<15))),
      comparisonRow("slow", 40, found: found(15, missing: Set(6..<15))),
    ])
    #expect(judgement.best == 1 && judgement.recommended == 1 && judgement.ranking == [1, 0])
    #expect(judgement.tests[0]?.pValue == 0.0625 && judgement.tests[0]?.isNotWorse == false)
    #expect(judgement.tests[0]?.onlyBest == 5 && judgement.tests[0]?.onlyThis == 0 && judgement.tests[1] == nil)
  }

  /// Of 800 defects one more missed is within five points, not within a tenth of a point; sixty more are worse.
  @Test func notWorseByMoreThanTheMargin() {
    let best = comparisonRow("slow", 40, found: found(800, missing: []))
    let near = comparisonRow("fast", 5, found: found(800, missing: [7]))
    let far = comparisonRow("faster", 4, found: found(800, missing: Set(0..<60)))
    let judgement = judge([best, near, far])
    #expect(judgement.best == 0 && judgement.recommended == 1 && judgement.front == [2, 1, 0])
    #expect(judgement.tests[1]?.isNotWorse == true && judgement.tests[2]?.isNotWorse == false)
    #expect(judgement.tests[2]?.isWorse == true)
    #expect(judge([best, near, far], margin: 0.001).recommended == 0)
  }

  /// Equal escapes: the better average precision is first, then the faster.
  @Test func ties() {
    let rows = [
      comparisonRow("plain", 5, found: found(400, missing: [1]), precision: 0.8),
      comparisonRow("sharp", 6, found: found(400, missing: [2]), precision: 0.9),
      comparisonRow("slow", 7, found: found(400, missing: [3]), precision: 0.9),
    ]
    let judgement = judge(rows)
    #expect(judgement.ranking == [1, 2, 0] && judgement.best == 1 && judgement.front == [0, 1])
    #expect(judge([]).recommended == nil)
  }

  /// Without the same parts there is no test, so nothing is said to be as good.
  @Test func otherPartsAreNotCompared() {
    let judgement = judge([
      comparisonRow("slow", 40, found: found(800, missing: [])),
      comparisonRow("fast", 5, found: found(799, missing: [1])),
    ])
    #expect(judgement.tests == [nil, nil] && judgement.recommended == 0)
  }

  /// Where no class is good it is macro F1, and a test of it.
  @Test func macroF1WhereNothingIsGood() {
    func row(_ name: String, _ milliseconds: Double, wrong: Int, of count: Int) -> ComparisonRow {
      var row = comparisonRow(name, milliseconds, found: found(count / 2, missing: []))
      row.goodIndex = nil
      row.scores = nil
      row.predicted = row.labels.indices.map { $0 < wrong ? 1 - row.labels[$0] : row.labels[$0] }
      row.metrics = [
        Manifest.Metric(
          name: "macro F1", value: row.confusion.macroF1, low: nil, high: nil, count: count, on: "test")
      ]
      return row
    }
    func judge(_ rows: [ComparisonRow]) -> ComparisonJudgement { ComparisonJudgement(rows, by: .macroF1) }
    #expect(judge([row("slow", 40, wrong: 0, of: 1000), row("fast", 5, wrong: 4, of: 1000)]).recommended == 1)
    #expect(judge([row("slow", 40, wrong: 0, of: 40), row("fast", 5, wrong: 1, of: 40)]).recommended == 0)
  }

  /// Anomaly detection stands in the same table: its scores are on another scale, its classes have other names.
  @Test func anomalyDetectionInTheSameTable() {
    var anomaly = comparisonRow("memory", 5, found: found(600, missing: [1, 2]), method: .anomaly)
    anomaly.scores = anomaly.scores?.map { $0 * 30 }
    anomaly.classes = ["good", "defect"]
    let judgement = judge([comparisonRow("linear", 8, found: found(600, missing: [3])), anomaly])
    #expect(judgement.best == 0 && judgement.recommended == 1 && judgement.tests[1]?.isNotWorse == true)
  }
}
