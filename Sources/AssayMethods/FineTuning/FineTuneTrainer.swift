public import AssayBase
import AssayBundle
package import AssayData
import AssayGraph
import AssayImage
import AssayLearning
import AssayMetrics
import AssayTraining
import Foundation

/// What `train --method finetune` made.
public struct FineTuneResult: Sendable {
  public let training: TrainingResult
  public let comparison: ProbeComparison
  /// Whether the bundle holds the fine-tuned network.
  public let isTuned: Bool
  /// Operations that were left out because a class did not survive them.
  public let droppedAugmentations: [String]
}

/// Trains a backbone further on the user's images, compares it with the probe, and writes the better one.
public enum FineTuneTrainer {
  /// - Parameters:
  ///   - options: what is left as it is, is as `assay train --method finetune` has it.
  ///   - isCancelled: asked after each batch; when it says so a checkpoint is written, and the same call goes on there.
  public static func train(
    _ path: String, output: String, options: FineTuneOptions, isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> FineTuneResult {
    try train(output: output, options, isCancelled, progress) {
      try ExtractedDataset(
        path: path, labels: options.base.labels, goodClass: options.base.goodClass, options: options.base.features,
        progress: progress)
    }
  }

  /// The same with a data set that has been read.
  package static func train(
    _ dataset: Dataset, output: String, options: FineTuneOptions,
    isCancelled: @escaping @Sendable () -> Bool = { false }, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> FineTuneResult {
    try train(output: output, options, isCancelled, progress) {
      try ExtractedDataset(dataset, path: dataset.root, options: options.base.features, progress: progress)
    }
  }

  private static func train(
    output: String, _ options: FineTuneOptions, _ isCancelled: @escaping @Sendable () -> Bool,
    _ progress: @escaping ProgressHandler, read: () throws -> ExtractedDataset
  ) throws(WorkflowError) -> FineTuneResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let options = try options.resolved()
      let data = try read()
      let folder = output.hasSuffix("/") ? String(output.dropLast()) + ".training" : output + ".training"
      let result = try train(data, output: output, options, folder: folder, isCancelled, progress)
      // Only now: until the bundle is there, what was computed is kept. What cannot be removed does no harm: it is told apart from
      // another training's by its fingerprint.
      try? FileManager.default.removeItem(atPath: folder)
      return result
    } catch is FineTuneRun.Interrupted {
      throw WorkflowError(
        .interrupted, "stopped; what was trained is kept in \(output).training, and the same command goes on there")
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func train(
    _ data: ExtractedDataset, output: String, _ options: FineTuneOptions, folder: String,
    _ isCancelled: @escaping @Sendable () -> Bool, _ progress: @escaping ProgressHandler
  ) throws -> FineTuneResult {
    let base = options.base
    let division = TrainingSplit(data, base)
    let rows = division.trained(.lbfgs)
    try data.checkClasses(rows)
    let probe = try FittedHead(
      data, training: division.training, validation: division.validation, options: base, progress: progress)
    let check = try AugmentationCheck(
      data, rows: rows, probe: probe, preset: options.preset, engines: options.base.features.engines, progress: progress
    )
    let session = try FineTuneSession(
      data, rows: rows, options: options, policy: check.policy, folder: folder, isCancelled: isCancelled,
      progress: progress)

    // The same folds as the probe's.
    let folds = try FittedHead.folds(data, rows: rows, options: base, wanted: options.folds)
    let classes = data.dataset.classes.count
    var heldOut = [Float](repeating: 0, count: rows.count * classes)
    let labels = rows.map { data.labels[$0] }
    func decided(_ values: [Double]) -> [Int] {
      labels.indices.map { row in
        (0..<classes).max { values[row * classes + $0] < values[row * classes + $1] } ?? 0
      }
    }
    for fold in 0..<folds.count {
      let name = "fold \(fold + 1) of \(folds.count)"
      let test = rows.indices.filter { folds.assignment[$0] == fold }
      let plan = try StoppingSplit(
        data, rows: rows.indices.filter { folds.assignment[$0] != fold }.map { rows[$0] }, options)
      let run = try session.train(
        name, probe: plan.probe(data, penalty: probe.chosenPenalty ?? 0.01, base),
        training: plan.training, validation: plan.validation, progress: progress)
      let logits = try run.outputs(of: test.map { rows[$0] })
      for (position, row) in test.enumerated() {
        for k in 0..<classes { heldOut[row * classes + k] = logits[position * classes + k] }
      }
      func accuracy(_ decided: [Int]) -> Double {
        Double(test.count { decided[$0] == labels[$0] }) / Double(max(1, test.count)) * 100
      }
      progress(
        WorkProgress(
          name, 1, 1,
          note: String(
            format: "held-out accuracy: probe %.2f %%, fine-tuned %.2f %% (epoch %d)",
            accuracy(decided(probe.heldOutProbabilities)), accuracy(decided(heldOut.map(Double.init))), run.bestEpoch),
          isMilestone: true))
    }
    let comparison = ProbeComparison(
      labels: labels, probe: decided(probe.heldOutProbabilities), tuned: decided(heldOut.map(Double.init)),
      folds: folds.count)
    let isTuned = comparison.tunedIsBetter || options.isForced
    let addition = FineTuneReport(
      comparisons: [(nil, comparison)], check: check, options: options, isTuned: isTuned,
      isBetter: comparison.tunedIsBetter)
    guard isTuned else {
      let result = try BundleAssembly.finish(
        data, division, .init(probe), output: output, options: base, addition: addition.add, progress: progress)
      return FineTuneResult(
        training: result, comparison: comparison, isTuned: false, droppedAugmentations: check.dropped.map(\.rawValue))
    }

    let plan = try StoppingSplit(data, rows: rows, options)
    let run = try session.train(
      "final", probe: plan.probe(data, penalty: probe.chosenPenalty ?? 0.01, base), training: plan.training,
      validation: plan.validation, progress: progress)
    let temperature = TemperatureScaling(heldOut: heldOut, labels: labels, classCount: classes)
    let head = LinearHead.folded(
      weights: Array(run.head.weights.values), bias: Array(run.head.bias.values),
      mean: run.head.mean.map(Double.init), scale: run.head.inverseScale.map { 1 / Double($0) },
      temperature: temperature.temperature)
    var tuned = data
    tuned.backbone = try TunedBackbone(
      session.backbone, session.graph,
      values: Dictionary(
        uniqueKeysWithValues: run.parameters.map { ($0.name, Array($0.values)) }))
    let training = try FittedHead(
      head: head, temperature: temperature, heldOutLogits: heldOut, labels: labels, classCount: classes,
      recipe: addition.recipe(run))
    let test = Softmax.probabilities(
      try run.outputs(of: division.test), classCount: classes, temperature: temperature.temperature)
    let result = try BundleAssembly.finish(
      tuned, division, .init(training, method: .fineTuned, testProbabilities: test), output: output, options: base,
      addition: { addition.add(to: &$0, run: run) }, progress: progress)
    return FineTuneResult(
      training: result, comparison: comparison, isTuned: true, droppedAugmentations: check.dropped.map(\.rawValue))
  }
}
