public import AssayBase
import AssayBundle
public import AssayData
public import AssayEvaluation
public import AssayImage
import AssayInspection
import AssayLearning
import AssayRuntime
import Foundation

/// Cross-validation of several tasks from cached features, all on the same folds.
public struct MultiTaskCrossValidation: Sendable {
  /// In the order of the tasks.
  public let evaluations: [TaskEvaluation]
  /// The task that decides between good and defective.
  public let primary: Evaluation?
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  public let folds: Int
  public let images: Int
  public let cachedCount: Int
  public let computedCount: Int
  public let unreadable: [ImageError]
  /// How the data set was read, and what was left out.
  public let reading: DataReading

  /// On frozen features penalty and temperature of each fold are chosen on the other folds. With a shared layer one of the
  /// other folds holds out the images that decide when to stop.
  public init(
    _ path: String, folds: Int, options: MultiTaskOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) {
    do {
      guard folds >= 3 else {
        throw WorkflowError(.usage, "--folds \(folds): at least 3, since the penalty is chosen on the folds left")
      }
      try options.check()
      let data = try MultiTaskDataset(
        path: path, tasks: options.tasks, goodClass: options.base.goodClass, options: options.base.features,
        progress: progress)
      if let primary = data.tasks.first(where: { $0.task.name == data.primary })?.task {
        try options.base.checkDecision(goodClass: primary.goodClass, classes: primary.classes)
      }
      let assignment = try data.folds(folds, seed: options.base.seed)
      let predictions =
        if let settings = options.shared {
          try Self.shared(data, assignment, folds, options, settings, progress)
        } else {
          try data.tasks.map { try Self.frozen(data, $0, assignment, options.base, progress) }
        }
      var primary: Evaluation?
      evaluations = try zip(data.tasks, predictions).map { own, predicted in
        let threshold = own.task.name == data.primary ? try Self.threshold(own.task, predicted, options.base) : nil
        let evaluation = predicted.evaluation(own.task, halfWidth: nil, threshold: threshold, basis: "cross-validation")
        if own.task.name == data.primary, case .classification(let result) = evaluation.result { primary = result }
        return evaluation
      }
      self.primary = primary
      fitness = LineFitness(
        evaluations, primary: primary,
        FitnessContext(
          data.extracted.samples, data.extracted.preprocessing, method: options.shared == nil ? .linear : .sharedLayer,
          goodClass: primary?.rule.goodClass))
      self.folds = folds
      images = data.extracted.samples.count
      cachedCount = data.extracted.features.cachedCount
      computedCount = data.extracted.features.computedCount
      unreadable = data.extracted.unreadable
      reading = DataReading(data.dataset, path: path)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func threshold(
    _ task: TaskDescription, _ predicted: TaskPredictions, _ options: TrainingOptions
  ) throws -> Double? {
    guard let good = task.goodClass.flatMap({ task.classes.firstIndex(of: $0) }) else { return nil }
    return try DecisionThreshold(
      options.thresholdRule,
      scores: predicted.labels.indices.map { 1 - predicted.probabilities[$0 * task.classes.count + good] },
      isDefect: predicted.labels.map { $0 != good }
    ).value
  }

  private static func frozen(
    _ data: MultiTaskDataset, _ own: TaskRows, _ assignment: [Int], _ options: TrainingOptions,
    _ progress: ProgressHandler
  ) throws -> TaskPredictions {
    // A fold without any image of this task is none for it.
    let present = Set(own.rows.map { assignment[$0] }).sorted()
    guard present.count >= 3 else {
      throw WorkflowError(
        .badData,
        "\(data.dataset.root): the images with a target for \(own.task.name) lie in \(present.count) of the folds; at least 3 are "
          + "needed: add images")
    }
    let folds = own.rows.map { row in present.firstIndex(of: assignment[row]) ?? 0 }
    let matrix = own.rows.count == data.extracted.samples.count ? data.matrix : data.matrix.selecting(own.rows)
    let probe =
      switch own.task.kind {
      case .classification:
        ProbeData(
          matrix, labels: own.labels, classCount: own.task.classes.count, folds: folds, weights: options.classWeights)
      case .ordinal:
        ProbeData(
          matrix, labels: own.labels, classCount: own.task.levels.count, folds: folds, weights: options.classWeights,
          isOrdinal: true)
      case .real: ProbeData(matrix, values: own.values, folds: folds)
      }
    let nested = NestedCrossValidation(probe) { progress(WorkProgress(own.task.name, $0, $1)) }
    let outputs = nested.logits.enumerated().map { at, value in
      value / Float(nested.temperatures[folds[at / probe.classCount]])
    }
    return FrozenHeads.predictions(data, own, Array(own.rows.indices), outputs: outputs, probe)
  }

  private static func shared(
    _ data: MultiTaskDataset, _ assignment: [Int], _ folds: Int, _ options: MultiTaskOptions,
    _ settings: SharedRepresentation.Settings, _ progress: @escaping ProgressHandler
  ) throws -> [TaskPredictions] {
    let weighting = try options.weighting(data.tasks.map(\.task.name))
    var result = data.tasks.map { _ in TaskPredictions(names: []) }
    for fold in 0..<folds {
      progress(WorkProgress("folds", fold, folds))
      let validationFold = (fold + 1) % folds
      func rows(_ isIncluded: (Int) -> Bool) -> [Int] { assignment.indices.filter { isIncluded(assignment[$0]) } }
      let validation = rows { $0 == validationFold }
      let test = rows { $0 == fold }
      let fit = try SharedHeads.fit(
        data, training: rows { $0 != fold && $0 != validationFold }, validation: validation, weighting: weighting,
        settings: settings, progress: { _ in })
      let calibrating = fit.representation.outputs(data.matrix.selecting(validation))
      let outputs = fit.representation.outputs(data.matrix.selecting(test))
      for index in data.tasks.indices {
        let temperature =
          fit.outputs.calibration(data, index, rows: validation, outputs: calibrating[index])?.temperature ?? 1
        let own = fit.outputs.predictions(data, index, rows: test, outputs: outputs[index], temperature: temperature)
        result[index] = result[index].appending(own)
      }
    }
    progress(WorkProgress("folds", folds, folds))
    return result
  }
}
