public import AssayBase
import AssayBundle
public import AssayData
public import AssayEvaluation
public import AssayImage
import AssayInspection
import AssayLearning
import AssayMetrics
import AssayReport
import AssayRuntime
import Foundation
import Synchronization

/// Cross-validation of the whole recipe from cached features.
public struct CrossValidation: Sendable {
  public let evaluation: Evaluation
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  public let folds: Int
  /// Accuracy of each fold.
  public let foldAccuracies: [Double]
  public let penalties: [Double]
  public let cachedCount: Int
  public let computedCount: Int
  public let unreadable: [ImageError]
  /// How the data set was read, and what was left out.
  public let reading: DataReading

  /// Penalty and temperature of each fold are chosen on the other folds.
  public init(
    _ path: String, folds: Int, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) {
    do {
      let data = try ExtractedDataset(
        path: path, labels: options.labels, goodClass: options.goodClass, options: options.features, progress: progress)
      try self.init(data, folds: folds, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// The same on features that are there already.
  package init(
    _ data: ExtractedDataset, folds: Int, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws {
    guard folds >= 3 else {
      throw WorkflowError(.usage, "--folds \(folds): at least 3, since the penalty is chosen on the folds left")
    }
    try options.checkDecision(
      goodClass: data.dataset.goodClass, classes: data.dataset.classes, reason: data.dataset.goodClassReason)
    let classes = data.dataset.classes.count
    let fold = try Folds.stratified(
      labels: data.labels, groups: data.samples.map(\.unit), keys: data.hashes, folds: folds, seed: options.seed)
    let matrix = FeatureMatrix(
      rows: data.labels.count, columns: data.features.dimension, values: data.features.values)
    let probe = ProbeData(
      matrix, labels: data.labels, classCount: classes, folds: fold, weights: options.classWeights)
    let nested = NestedCrossValidation(probe) { progress(WorkProgress("head", $0, $1)) }
    let probabilities = data.labels.indices.flatMap { row in
      Softmax.probabilities(
        Array(nested.logits[row * classes..<(row + 1) * classes]), classCount: classes,
        temperature: nested.temperatures[fold[row]])
    }
    let good = data.goodIndex
    var threshold: Double?
    if let good {
      threshold = try DecisionThreshold(
        options.thresholdRule, scores: data.labels.indices.map { 1 - probabilities[$0 * classes + good] },
        isDefect: data.labels.map { $0 != good }
      ).value
    }
    let evaluation = Evaluation(
      rule: .classifier(classes: data.dataset.classes, goodClass: data.dataset.goodClass, threshold: threshold),
      names: data.samples.map(\.name), labels: data.labels, probabilities: probabilities, basis: "cross-validation")
    let predicted = evaluation.predicted
    foldAccuracies = (0..<folds).map { f in
      let rows = fold.indices.filter { fold[$0] == f }
      return Double(rows.count { predicted[$0] == data.labels[$0] }) / Double(max(1, rows.count))
    }
    self.evaluation = evaluation
    fitness = LineFitness(
      evaluation,
      FitnessContext(data.samples, data.preprocessing, method: .linear, goodClass: data.dataset.goodClass))
    self.folds = folds
    penalties = nested.penalties
    cachedCount = data.features.cachedCount
    computedCount = data.features.computedCount
    unreadable = data.unreadable
    reading = DataReading(data.dataset)
  }
}
