import AssayModel
import AssayWorkflows
import Testing

/// A row of `hits.count` images, right where a hit is true.
func comparisonRow(
  _ name: String, _ milliseconds: Double, hits: [Bool], scores: [Double]? = nil,
  method: ComparisonMethod = .linear
) -> ComparisonRow {
  let labels = hits.indices.map { $0 % 2 }
  let value = Double(hits.count { $0 }) / Double(hits.count)
  return ComparisonRow(
    backbone: BackboneDescription(name: name, nativeSize: 224, licence: "MIT", source: "s"), weightsSHA256: "0",
    method: method, inputSize: 224,
    cost: GraphCost(parameters: 1, bytes: 1, medianMilliseconds: milliseconds, p99Milliseconds: milliseconds),
    featureSeconds: 1, fitSeconds: 1, computedCount: 1, cachedCount: 0,
    metrics: [
      Manifest.Metric(
        name: ComparisonRow.headline(method), value: value, low: nil, high: nil, count: hits.count, on: "test")
    ], classes: ["good", "bad"], labels: labels,
    predicted: labels.indices.map { hits[$0] ? labels[$0] : 1 - labels[$0] }, scores: scores)
}

@Suite struct ComparisonJudgementTests {
  private func hits(_ count: Int, missing: Set<Int>) -> [Bool] { (0..<count).map { !missing.contains($0) } }

  /// Five images that only one of two gets right are chance (p = 2/2⁵ = 0.0625), six are not (2/2⁶ = 0.03125).
  @Test func theFastestThatIsNotSignificantlyWorse() {
    let best = comparisonRow("slow", 40, hits: hits(100, missing: [90]))
    let fiveMissed = comparisonRow("fast", 5, hits: hits(100, missing: [90, 1, 2, 3, 4, 5]))
    let chance = ComparisonJudgement([best, fiveMissed])
    #expect(chance.best == 0 && chance.recommended == 1 && chance.front == [1, 0])
    #expect(chance.tests[0] == nil && chance.tests[1]?.pValue == 0.0625)
    #expect(chance.tests[1]?.onlyThis == 0 && chance.tests[1]?.onlyBest == 5)
    let sixMissed = comparisonRow("fast", 5, hits: hits(100, missing: [90, 1, 2, 3, 4, 5, 6]))
    let proven = ComparisonJudgement([best, sixMissed])
    #expect(proven.recommended == 0 && proven.tests[1]?.isWorse == true)
  }

  /// What another beats in both is never taken, however little it differs; of equals both are on the front.
  @Test func dominatedRowsAreNotTaken() {
    let rows = [
      comparisonRow("dominated", 6, hits: hits(50, missing: [1])),
      comparisonRow("fast", 5, hits: hits(50, missing: [])),
      comparisonRow("same", 5, hits: hits(50, missing: [])),
    ]
    let judgement = ComparisonJudgement(rows)
    #expect(judgement.front == [1, 2] && judgement.best == 1 && judgement.recommended == 1)
    #expect(ComparisonJudgement([]).recommended == nil)
  }

  /// Without the same images there is no test, so nothing is said to be as good.
  @Test func otherImagesAreNotCompared() {
    let judgement = ComparisonJudgement([
      comparisonRow("slow", 40, hits: hits(100, missing: [])), comparisonRow("fast", 5, hits: hits(99, missing: [1])),
    ])
    #expect(judgement.tests == [nil, nil] && judgement.recommended == 0)
  }

  /// Areas are compared by DeLong's test: equal rankings cannot be told apart.
  @Test func anomalyDetectionByItsScores() {
    let count = 40
    let good = (0..<count).map { Double($0 % 2) + Double($0) / 1000 }
    let poor = (0..<count).map { Double($0 * 7 % 13) }
    func judge(_ fast: [Double]) -> ComparisonJudgement {
      ComparisonJudgement([
        comparisonRow("slow", 40, hits: hits(count, missing: []), scores: good, method: .anomaly),
        comparisonRow("fast", 5, hits: hits(count, missing: [1]), scores: fast, method: .anomaly),
      ])
    }
    #expect(judge(good).recommended == 1 && judge(good).tests[1]?.pValue == 1)
    #expect(judge(poor).recommended == 0 && judge(poor).tests[1]?.onlyBest == nil)
  }
}
