import AssayMetrics
import Testing

@Suite struct MultiLabelScoresTests {
  /// scikit-learn 1.7:
  /// ```
  /// r = np.random.default_rng(5); t = (r.random((12, 3)) < 0.4).astype(int)
  /// p = np.clip(t * 0.35 + r.random((12, 3)) * 0.6, 0, 1).round(2); y = (p >= [0.4, 0.5, 0.3]).astype(int)
  /// average_precision_score(t, p, average=None), precision_score(t, y, average=None), recall_score(...), f1_score(...),
  /// f1_score(t, y, average="macro"), f1_score(t, y, average="micro"), accuracy_score(t, y)
  /// ```
  @Test func agreesWithScikitLearn() {
    let truth = [
      0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1,
    ]
    let probabilities = [
      0.48, 0.19, 0.09, 0.77, 0.62, 0.83, 0.14, 0.54, 0.83, 0.3, 0.3, 0.49, 0.01, 0.56, 0.05, 0.51, 0.57, 0.57, 0.24,
      0.91, 0.33, 0.49, 0.44, 0.75, 0.41, 0.28, 0.48, 0.38, 0.06, 0.77, 0.38, 0.58, 0.48, 0.12, 0.58, 0.83,
    ]
    let scores = MultiLabelScores(
      probabilities: probabilities, truth: truth.map { $0 == 1 }, thresholds: [0.4, 0.5, 0.3])
    func near(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-8 } ?? false }
    for (own, expected) in zip(scores.classes, [0.833333333, 0.976190476, 0.947845805]) {
      #expect(own.averagePrecision.map { abs($0 - expected) < 1e-8 } == true)
    }
    for (own, expected) in zip(scores.classes, [(0.4, 4.0 / 7), (6.0 / 7, 12.0 / 13), (0.7, 14.0 / 17)]) {
      #expect(near(own.precision, expected.0) && near(own.f1, expected.1) && own.recall == 1)
    }
    #expect(near(scores.meanAveragePrecision, 0.9191232048) && near(scores.macroF1, 0.7726783020900667))
    #expect(near(scores.microF1, 0.8108108108108109) && scores.exactMatch == 0.5)
  }

  @Test func classesThatAreNowhere() {
    let scores = MultiLabelScores(
      probabilities: [0.9, 0.1, 0.2, 0.3], truth: [true, false, false, false], thresholds: [0.5, 0.5])
    #expect(scores.classes[1].averagePrecision == nil && scores.classes[1].precision == 0 && scores.classes[1].f1 == 0)
    #expect(scores.meanAveragePrecision == 1, "of the classes that occur")
    #expect(scores.exactMatch == 1)
  }
}

@Suite struct OverlapScoresTests {
  /// Three images, two classes, 2 x 2 pixels. NumPy:
  /// ```
  /// def dice(a, b): return 1.0 if a.sum() + b.sum() == 0 else 2 * (a & b).sum() / (a.sum() + b.sum())
  /// np.mean([[dice(A[i, k], B[i, k]) for k in range(2)] for i in range(3)])  # 0.5777777777777778
  /// ```
  /// of the coefficients 2/3, 1 (both empty), 4/5, 0, 1, 0.
  @Test func severstalsMetric() {
    let marked: [[[Int]]] = [
      [[1, 1, 0, 0], [0, 0, 0, 0]], [[0, 1, 1, 0], [0, 0, 0, 1]], [[0, 0, 0, 0], [0, 0, 0, 0]],
    ]
    let truth: [[[Int]]] = [
      [[1, 0, 0, 0], [0, 0, 0, 0]], [[0, 1, 1, 1], [0, 0, 0, 0]], [[0, 0, 0, 0], [1, 0, 0, 0]],
    ]
    var classes = [OverlapScores(), OverlapScores()]
    for (a, b) in zip(marked, truth) {
      for k in 0..<2 { classes[k].add(marked: a[k].map { $0 == 1 }, truth: b[k].map { $0 == 1 }) }
    }
    #expect(abs((OverlapScores.meanDice(classes) ?? 0) - 0.5777777777777778) < 1e-12)
    #expect(classes[0].dice == 0.75 && classes[0].intersectionOverUnion == 0.6)
    #expect(classes[1].dice == 0 && classes[1].intersectionOverUnion == 0)
    #expect(OverlapScores().dice == nil && OverlapScores.meanDice([]) == nil)
  }
}
