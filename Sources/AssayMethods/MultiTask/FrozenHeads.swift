package import AssayBase
import AssayBundle
import AssayData
package import AssayEvaluation
import AssayGraph
package import AssayLearning
import AssayRuntime

/// Heads on frozen features: each fitted by itself to the images that have a target for it.
package enum FrozenHeads {
  package static func train(
    _ data: MultiTaskDataset, _ division: TrainingSplit, _ options: TrainingOptions, progress: ProgressHandler
  ) throws -> [TrainedTask] {
    try data.tasks.map { own in
      let part = TrainingSplit(division, of: own.rows)
      return own.task.kind == .classification
        ? try classification(data, own, part, options, progress) : try ordered(data, own, part, options, progress)
    }
  }

  private static func classification(
    _ data: MultiTaskDataset, _ own: TaskRows, _ division: TrainingSplit, _ options: TrainingOptions,
    _ progress: ProgressHandler
  ) throws -> TrainedTask {
    let view = data.view(own)
    try view.checkClasses(division.trained(options.solver))
    let training = try FittedHead(
      view, training: division.training, validation: division.validation, options: options, progress: progress)
    func names(_ rows: [Int]) -> [String] { rows.map { view.samples[$0].name } }
    return TrainedTask(
      own: own,
      head: TaskHead(name: own.task.name, kind: .classification(classes: own.task.classes), head: training.head),
      classifier: training, uncertainty: nil, recipe: training.recipe,
      penalty: training.chosenPenalty,
      heldOut: TaskPredictions(
        names: names(division.heldOutRows), labels: training.heldOutLabels,
        probabilities: training.heldOutProbabilities),
      test: division.test.isEmpty
        ? nil
        : TaskPredictions(
          names: names(division.test), labels: division.test.map { view.labels[$0] },
          probabilities: training.probabilities(view, rows: division.test)))
  }

  /// Levels and real values.
  private static func ordered(
    _ data: MultiTaskDataset, _ own: TaskRows, _ division: TrainingSplit, _ options: TrainingOptions,
    _ progress: ProgressHandler
  ) throws -> TrainedTask {
    let rows = (division.training + division.validation).sorted()
    let hashes = data.hashes
    let samples = data.extracted.samples
    let strata = own.strata
    // Copies and groups stay together, so that there may be fewer pieces than images.
    let pieces = Set(rows.map { samples[own.rows[$0]].unit.map { "group \($0)" } ?? hashes[own.rows[$0]] }).count
    guard pieces >= 2 else {
      throw WorkflowError(
        .badData, "\(data.dataset.root): the task \(own.task.name) has \(pieces) image to learn from; add images")
    }
    let folds = min(options.folds, pieces)
    let assignment = try Folds.stratified(
      labels: rows.map { strata[$0] }, groups: rows.map { samples[own.rows[$0]].unit },
      keys: rows.map { hashes[own.rows[$0]] }, folds: folds, seed: options.seed)
    let matrix = data.matrix.selecting(rows.map { own.rows[$0] })
    let isOrdinal = own.task.kind == .ordinal
    let probe =
      isOrdinal
      ? ProbeData(
        matrix, labels: rows.map { own.labels[$0] }, classCount: own.task.levels.count, folds: assignment,
        weights: options.classWeights, isOrdinal: true)
      : ProbeData(matrix, values: rows.map { own.values[$0] }, folds: assignment)
    let search = PenaltySearch(probe) { progress(WorkProgress("head", $0, $1)) }
    let head = head(own.task, search.model, probe)
    let test = division.test.map { own.rows[$0] }
    let scores = test.map { row in head.head.logits(Array(data.extracted.features.values(of: row)))[0] }
    let heldOut = predictions(data, own, rows, outputs: search.heldOutLogits, probe)
    return TrainedTask(
      own: own, head: head, classifier: nil,
      uncertainty: isOrdinal
        ? nil : TrainedTask.uncertainty(actual: heldOut.actual, stated: heldOut.stated),
      recipe: try Recipe(
        LinearRecipe(
          .lbfgs(inversePenalty: search.chosen, folds: folds), classWeights: isOrdinal ? options.classWeights : .none,
          split: SplitShares(options.split))),
      penalty: search.chosen, heldOut: heldOut,
      test: test.isEmpty ? nil : judged(data, own, division.test, head, scores: scores))
  }

  /// Folds standardisation of features and target into the head.
  private static func head(_ task: TaskDescription, _ model: LinearModel, _ probe: ProbeData) -> TaskHead {
    let isOrdinal = task.kind == .ordinal
    let (scale, shift) = isOrdinal ? (1, 0) : (probe.valueScale, probe.valueMean)
    let linear = LinearHead.folded(
      weights: model.weights.map { Float(Double($0) * scale) },
      bias: model.bias.map { Float(Double($0) * scale + shift) }, mean: model.standardisation.mean,
      scale: model.standardisation.scale, temperature: 1)
    return TaskHead(
      name: task.name,
      kind: isOrdinal
        ? .ordinal(
          levels: task.levels, thresholds: CumulativeLink(logSteps: model.logSteps.map(Double.init)).thresholds)
        : .real,
      head: linear)
  }

  /// From outputs as ``LogisticRegression/Solution/logits`` has them.
  /// - Parameter rows: positions among the task's rows.
  package static func predictions(
    _ data: MultiTaskDataset, _ own: TaskRows, _ rows: [Int], outputs: [Float], _ probe: ProbeData
  ) -> TaskPredictions {
    var result = TaskPredictions(names: rows.map { data.extracted.samples[own.rows[$0]].name })
    switch own.task.kind {
    case .classification, .ordinal:
      result.labels = rows.map { own.labels[$0] }
      result.probabilities = Softmax.probabilities(outputs, classCount: probe.classCount)
    case .real:
      result.actual = rows.map { own.values[$0] }
      result.stated = outputs.map { Double($0) * probe.valueScale + probe.valueMean }
    }
    return result
  }

  /// What a finished head of levels or values says.
  private static func judged(
    _ data: MultiTaskDataset, _ own: TaskRows, _ rows: [Int], _ head: TaskHead, scores: [Double]
  ) -> TaskPredictions {
    var result = TaskPredictions(names: rows.map { data.extracted.samples[own.rows[$0]].name })
    if case .ordinal(_, let thresholds) = head.kind {
      let link = CumulativeLink(thresholds: thresholds)
      result.labels = rows.map { own.labels[$0] }
      result.probabilities = scores.flatMap(link.probabilities)
    } else {
      result.actual = rows.map { own.values[$0] }
      result.stated = scores
    }
    return result
  }
}
