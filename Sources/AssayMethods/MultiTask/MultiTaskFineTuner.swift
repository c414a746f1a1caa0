public import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayLearning
import AssayTraining
import Foundation

/// What `train --method finetune` made of several tasks.
public struct MultiTaskFineTuneResult: Sendable {
  public let training: MultiTaskResult
  /// In the order of the tasks.
  public let comparisons: [(task: String, comparison: ProbeComparison)]
  public let isTuned: Bool
  /// Operations that were left out because an answer did not survive them.
  public let droppedAugmentations: [String]
}

/// Trains a backbone further on several tasks together, compares it with a head for each task on the frozen backbone, and
/// writes the better of the two.
public enum MultiTaskFineTuner {
  /// - Parameters:
  ///   - tasks: which, and how much each counts; its base is that of the options.
  ///   - isCancelled: asked after each batch; when it says so a checkpoint is written, and the same call goes on there.
  public static func train(
    _ path: String, output: String, options: FineTuneOptions, tasks: MultiTaskOptions,
    isCancelled: @escaping @Sendable () -> Bool = { false }, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> MultiTaskFineTuneResult {
    do {
      try tasks.check(isFineTuning: true)
      try ModelBundle.checkReplaceable(output)
      let options = try options.resolved()
      let data = try MultiTaskDataset(
        path: path, tasks: tasks.tasks, goodClass: options.base.goodClass, options: options.base.features,
        progress: progress)
      let folder = output.hasSuffix("/") ? String(output.dropLast()) + ".training" : output + ".training"
      let run = try TaskFineTuning(data, options, tasks, folder: folder, isCancelled: isCancelled, progress: progress)
      let result = try run.train(output: output)
      // What cannot be removed does no harm: it is told apart from another training's by its fingerprint.
      try? FileManager.default.removeItem(atPath: folder)
      return result
    } catch is FineTuneRun.Interrupted {
      throw WorkflowError(
        .interrupted, "stopped; what was trained is kept in \(output).training, and the same command goes on there")
    } catch {
      throw WorkflowError(error)
    }
  }
}

/// One command's work.
private struct TaskFineTuning {
  let data: MultiTaskDataset
  let options: FineTuneOptions
  let weighting: TaskWeighting
  let division: TrainingSplit
  /// All rows but the test's.
  let rows: [Int]
  let strata: [Int]
  /// Heads on the frozen backbone.
  let frozen: [TrainedTask]
  let check: AugmentationCheck
  let session: FineTuneSession
  let progress: ProgressHandler

  init(
    _ data: MultiTaskDataset, _ options: FineTuneOptions, _ tasks: MultiTaskOptions, folder: String,
    isCancelled: @escaping @Sendable () -> Bool, progress: @escaping ProgressHandler
  ) throws {
    self.data = data
    self.options = options
    self.progress = progress
    weighting = try tasks.weighting(data.tasks.map(\.task.name))
    division = data.division(options.base)
    rows = division.trained(.lbfgs)
    strata = data.strata
    let frozen = try FrozenHeads.train(data, division, options.base, progress: progress)
    let included = Set(rows)
    check = try AugmentationCheck(
      data.whole, frozen.map { Self.question($0, rows: included) }, preset: options.preset,
      engines: options.base.features.engines, progress: progress)
    self.frozen = frozen
    session = try FineTuneSession(
      data.whole, rows: rows, options: options, policy: check.policy, folder: folder, isCancelled: isCancelled,
      progress: progress)
  }

  /// Class and level must stay; a value must stay within twice the head's own error.
  private static func question(_ task: TrainedTask, rows: Set<Int>) -> AugmentationCheck.Question {
    let own = task.own
    let head = task.head
    let positions = own.rows.indices.filter { rows.contains(own.rows[$0]) }
    let places = Dictionary(uniqueKeysWithValues: own.rows.enumerated().map { ($1, $0) })
    let kinds = own.task.kind == .real ? 1 : max(own.task.classes.count, own.task.levels.count)
    let groups = (0..<kinds).map { kind in
      positions.filter { own.task.kind == .real || own.labels[$0] == kind }.map { own.rows[$0] }
    }
    let reach = 2 * (task.uncertainty?.standardDeviation ?? 0)
    return .init(groups: groups) { row, features in
      guard let position = places[row] else { return false }
      let scores = head.head.logits(features)
      switch head.kind {
      case .classification: return scores.indices.max { scores[$0] < scores[$1] } == own.labels[position]
      case .ordinal(_, let thresholds):
        let probabilities = CumulativeLink(thresholds: thresholds).probabilities(score: scores[0])
        return probabilities.indices.max { probabilities[$0] < probabilities[$1] } == own.labels[position]
      case .real: return abs(scores[0] - own.values[position]) <= reach
      }
    }
  }

  private func probes(_ rows: [Int]) throws -> TaskProbes {
    try TaskProbes(
      data, rows: rows, penalties: frozen.map { $0.penalty ?? 0.01 }, weighting: weighting,
      smoothing: options.settings.labelSmoothing)
  }

  /// - Returns: the network, and what its outputs mean.
  private func run(_ name: String, rows: [Int]) throws -> (
    run: FineTuneRun, objective: TaskObjective, outputs: TaskOutputs
  ) {
    let plan = try StoppingSplit(data, strata: strata, rows: rows, options)
    let probes = try probes(plan.training)
    let objective = probes.objective(data)
    let start = FineTuneStart(
      head: probes.head, objective: objective,
      recipe: data.tasks.map(\.task.name) + [String(describing: weighting)])
    let run = try session.train(
      name, start, training: plan.training, validation: plan.validation, progress: progress)
    return (
      run, objective,
      TaskOutputs(loss: probes.outputs.loss, parameters: objective.values, units: probes.outputs.units)
    )
  }

  func train(output: String) throws -> MultiTaskFineTuneResult {
    let held = try heldOut()
    let comparisons = zip(data.tasks, zip(held.probe, held.tuned)).map { own, predictions in
      (
        task: own.task.name,
        comparison: own.task.kind == .real
          ? ProbeComparison(
            actual: predictions.0.actual, probe: predictions.0.stated, tuned: predictions.1.stated, folds: held.folds)
          : ProbeComparison(
            labels: predictions.0.labels, probe: predictions.0.decided, tuned: predictions.1.decided, folds: held.folds)
      )
    }
    let isBetter = ProbeComparison.tunedIsBetter(comparisons.map(\.comparison))
    let isTuned = isBetter || options.isForced
    let addition = FineTuneReport(
      comparisons: comparisons.map { ($0.task, $0.comparison) }, check: check, options: options, isTuned: isTuned,
      isBetter: isBetter)
    let result =
      isTuned
      ? try writeTuned(held, addition, output: output)
      : try MultiTaskTrainer.finish(
        data, division, frozen, shared: nil, method: .linear, output: output, options: options.base,
        addition: addition.add, progress: progress)
    return MultiTaskFineTuneResult(
      training: result, comparisons: comparisons, isTuned: isTuned,
      droppedAugmentations: check.dropped.map(\.rawValue))
  }

  /// Predictions of both on the same folds, in the order of the rows.
  private struct HeldOut {
    let folds: Int
    /// For each task.
    var probe: [TaskPredictions]
    var tuned: [TaskPredictions]
    /// The fine-tuned networks' outputs for the task's rows.
    var logits: [[Float]]
  }

  private func heldOut() throws -> HeldOut {
    let all = try data.folds(options.folds, seed: options.base.seed)
    var held = HeldOut(
      folds: Set(rows.map { all[$0] }).count, probe: data.tasks.map { _ in TaskPredictions(names: []) },
      tuned: data.tasks.map { _ in TaskPredictions(names: []) }, logits: data.tasks.map { _ in [] })
    var order: [[Int]] = data.tasks.map { _ in [] }
    for (number, fold) in Set(rows.map { all[$0] }).sorted().enumerated() {
      let test = rows.filter { all[$0] == fold }
      let others = rows.filter { all[$0] != fold }
      let name = "fold \(number + 1) of \(held.folds)"
      let probes = try probes(others)
      let scores = probes.outputs.split(probes.scores(data.matrix.selecting(test)))
      let (run, objective, outputs) = try run(name, rows: others)
      let columns = objective.columns(try run.outputs(of: test))
      var notes: [String] = []
      for index in data.tasks.indices {
        let own = data.tasks[index]
        let probe = probes.outputs.predictions(data, index, rows: test, outputs: scores[index], temperature: 1)
        let tuned = outputs.predictions(data, index, rows: test, outputs: columns[index], temperature: 1)
        let known = outputs.known(own, test, columns[index])
        held.probe[index] = held.probe[index].appending(probe)
        held.tuned[index] = held.tuned[index].appending(tuned)
        held.logits[index] += known.outputs
        order[index] += known.positions
        guard own.task.kind != .real, !probe.labels.isEmpty else { continue }
        func accuracy(_ predictions: TaskPredictions) -> Double {
          Double(zip(predictions.labels, predictions.decided).count { $0 == $1 }) / Double(predictions.labels.count)
            * 100
        }
        notes.append(
          String(
            format: "\(own.task.name): probe %.2f %%, fine-tuned %.2f %%", accuracy(probe), accuracy(tuned)))
      }
      progress(
        WorkProgress(
          name, 1, 1, note: "held-out accuracy: \(notes.joined(separator: "; ")) (epoch \(run.bestEpoch))",
          isMilestone: true))
    }
    for index in data.tasks.indices {
      let sorted = order[index].indices.sorted { order[index][$0] < order[index][$1] }
      let width = order[index].isEmpty ? 0 : held.logits[index].count / order[index].count
      held.probe[index] = held.probe[index].reordered(sorted)
      held.tuned[index] = held.tuned[index].reordered(sorted)
      held.logits[index] = sorted.flatMap { held.logits[index][$0 * width..<($0 + 1) * width] }
    }
    return held
  }

  private func writeTuned(_ held: HeldOut, _ addition: FineTuneReport, output: String) throws -> MultiTaskResult {
    let (run, objective, outputs) = try run("final", rows: rows)
    let test = division.test.isEmpty ? nil : objective.columns(try run.outputs(of: division.test))
    var first = 0
    let tasks = try data.tasks.enumerated().map { index, own -> TrainedTask in
      let count = outputs.loss.tasks[index].outputs
      defer { first += count }
      let dimension = run.head.dimension
      var predictions = held.tuned[index]
      let temperature =
        own.task.kind == .classification
        ? TemperatureScaling(
          heldOut: held.logits[index], labels: predictions.labels, classCount: own.task.classes.count) : nil
      if let temperature {
        predictions.probabilities = Softmax.probabilities(
          held.logits[index], classCount: own.task.classes.count, temperature: temperature.temperature)
      }
      let head = outputs.head(
        own.task, index, weights: Array(run.head.weights.values[first * dimension..<(first + count) * dimension]),
        bias: Array(run.head.bias.values[first..<first + count]), mean: run.head.mean.map(Double.init),
        scale: run.head.inverseScale.map { 1 / Double($0) }, temperature: temperature?.temperature ?? 1)
      let share = TaskShare(
        weighting, weight: outputs.loss.factor(of: index, parameters: outputs.parameters))
      let recipe = try addition.recipe(run, task: share)
      return TrainedTask(
        own: own, head: head,
        classifier: temperature.map {
          FittedHead(
            head: head.head, temperature: $0, heldOutLogits: held.logits[index], labels: predictions.labels,
            classCount: own.task.classes.count, recipe: recipe)
        },
        uncertainty: own.task.kind == .real
          ? TrainedTask.uncertainty(actual: predictions.actual, stated: predictions.stated) : nil,
        recipe: recipe, penalty: nil, heldOut: predictions,
        test: test.map {
          outputs.predictions(
            data, index, rows: division.test, outputs: $0[index], temperature: temperature?.temperature ?? 1)
        })
    }
    var tuned = data
    tuned.extracted.backbone = try TunedBackbone(
      session.backbone, session.graph,
      values: Dictionary(uniqueKeysWithValues: run.parameters.map { ($0.name, Array($0.values)) }))
    return try MultiTaskTrainer.finish(
      tuned, division, tasks, shared: nil, method: .fineTuned, output: output, options: options.base,
      addition: { addition.add(to: &$0, run: run) }, progress: progress)
  }
}
