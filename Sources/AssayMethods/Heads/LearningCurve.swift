import AssayBase
import AssayData
package import AssayLearning
import AssayRuntime

/// Accuracy on held-out images against the number of training images.
package struct LearningCurve {
  package let points: [(images: Int, accuracy: Double)]

  private static let shares = [0.1, 0.2, 0.4, 0.7, 1.0]

  /// Fits growing, nested, stratified parts of the training rows in one batch and scores the held-out rows.
  package init(
    _ data: ExtractedDataset, training: [Int], heldOut: [Int], inversePenalty: Double, weights: ClassWeights,
    seed: UInt64
  ) {
    guard !heldOut.isEmpty, training.count >= 20 else {
      points = []
      return
    }
    // Stage at which a training row joins; held-out rows never do.
    var stage = [Int](repeating: Self.shares.count, count: data.labels.count)
    var generator = SplitMix64(seed: seed)
    for label in Set(data.labels).sorted() {
      let rows = training.filter { data.labels[$0] == label }.shuffled(using: &generator)
      for (position, row) in rows.enumerated() {
        let share = Double(max(position - 1, 0)) / Double(rows.count)
        stage[row] = Self.shares.firstIndex { share < $0 } ?? Self.shares.count - 1
      }
    }
    let rows = (training + heldOut).sorted()
    let matrix = FeatureMatrix(rows: data.labels.count, columns: data.features.dimension, values: data.features.values)
    let probe = ProbeData(
      rows.count == matrix.rows ? matrix : matrix.selecting(rows), labels: rows.map { data.labels[$0] },
      classCount: data.dataset.classes.count, folds: rows.map { stage[$0] }, weights: weights)
    let problems = Self.shares.indices.map {
      LogisticRegression.Problem(
        excludedFolds: Set($0 + 1...Self.shares.count), inversePenalty: inversePenalty)
    }
    let classes = probe.classCount
    let solutions = LogisticRegression.fit(probe, problems, tolerance: 1e-3)
    let tested = rows.indices.filter { stage[rows[$0]] == Self.shares.count }
    points = solutions.enumerated().map { index, solution in
      let hits = tested.count { row in
        let own = solution.logits[row * classes..<(row + 1) * classes]
        return own.indices.max { own[$0] < own[$1] } == own.startIndex + probe.labels[row]
      }
      return (rows.count { stage[$0] <= index }, Double(hits) / Double(tested.count))
    }
  }
}
