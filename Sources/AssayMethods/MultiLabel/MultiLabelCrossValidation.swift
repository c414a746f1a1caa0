public import AssayBase
import AssayBundle
public import AssayData
public import AssayEvaluation
public import AssayImage
import AssayInspection
import AssayLearning
import AssayRuntime

/// Cross-validation of a multi-label recipe from cached features.
public struct MultiLabelCrossValidation: Sendable {
  public let evaluation: MultiLabelEvaluation
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  public let cachedCount: Int
  public let computedCount: Int
  public let unreadable: [ImageError]
  /// How the data set was read, and what was left out.
  public let reading: DataReading

  /// Penalty and temperature of each fold and class are chosen on the other folds. The thresholds are chosen on the
  /// cross-validated probabilities themselves, which flatters precision and recall a little, and not the average precision.
  public init(
    _ path: String, folds: Int, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) {
    do {
      guard folds >= 3 else {
        throw WorkflowError(.usage, "--folds \(folds): at least 3, since the penalty is chosen on the folds left")
      }
      let data = try MultiLabelDataset(
        path: path, goodClass: options.goodClass, options: options.features, progress: progress)
      let rows = data.extracted.samples.indices
      try data.check(Array(rows))
      let matrix = FeatureMatrix(
        rows: rows.count, columns: data.extracted.features.dimension, values: data.extracted.features.values)
      let columns = try data.classes.indices.map { k in
        let labels = data.isThere(k)
        let assignment = try Folds.stratified(
          labels: labels, groups: data.extracted.samples.map(\.unit), keys: data.hashes, folds: folds,
          seed: options.seed)
        let probe = ProbeData(
          matrix, labels: labels, classCount: 2, folds: assignment, weights: options.classWeights)
        let nested = NestedCrossValidation(probe) { progress(WorkProgress("head \(data.classes[k])", $0, $1)) }
        return rows.map { row in
          Softmax.probabilities(
            Array(nested.logits[row * 2..<row * 2 + 2]), classCount: 2,
            temperature: nested.temperatures[assignment[row]])[1]
        }
      }
      let thresholds = try columns.enumerated().map { k, scores in
        try DecisionThreshold(options.thresholdRule, scores: scores, isDefect: data.isThere(k).map { $0 == 1 }).value
      }
      evaluation = MultiLabelEvaluation(
        rule: DecisionRule(.labels(thresholds: thresholds), goodClass: data.goodClass, classes: data.classes),
        names: data.extracted.samples.map(\.name), truth: data.truth,
        probabilities: rows.flatMap { row in columns.map { $0[row] } }, basis: "cross-validation")
      fitness = LineFitness(
        evaluation,
        FitnessContext(
          data.extracted.samples, data.extracted.preprocessing, method: .linear, goodClass: data.goodClass))
      cachedCount = data.extracted.features.cachedCount
      computedCount = data.extracted.features.computedCount
      unreadable = data.extracted.unreadable
      reading = DataReading(data.dataset, path: path)
    } catch {
      throw WorkflowError(error)
    }
  }
}
