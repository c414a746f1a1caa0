package import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
package import AssayLearning

/// Heads on a trainable layer that all tasks share.
package enum SharedHeads {
  /// - Throws: when training or validation lack what a task needs.
  package static func fit(
    _ data: MultiTaskDataset, training: [Int], validation: [Int], weighting: TaskWeighting,
    settings: SharedRepresentation.Settings, progress: ProgressHandler
  ) throws -> SharedFit {
    let included = Set(training)
    let checked = Set(validation)
    for own in data.tasks {
      guard own.rows.contains(where: included.contains), own.rows.contains(where: checked.contains) else {
        throw WorkflowError(
          .badData,
          "\(data.dataset.root): the task \(own.task.name) has no images to train on or none to validate with; add images, or "
            + "raise --validation-fraction")
      }
    }
    // The target's mean and deviation come from what is trained on.
    let units = TaskOutputs.units(data, training: training)
    let targets = TaskOutputs.targets(data, units)
    let representation = SharedRepresentation(
      data.matrix, targets: targets, training: training, validation: validation,
      loss: TaskOutputs.loss(data, weighting),
      settings: settings
    ) { progress(WorkProgress("shared layer", $0.number, settings.epochs)) }
    return SharedFit(
      representation: representation,
      outputs: TaskOutputs(loss: representation.loss, parameters: representation.parameters, units: units))
  }

  package static func train(
    _ data: MultiTaskDataset, _ division: TrainingSplit, _ options: MultiTaskOptions,
    _ settings: SharedRepresentation.Settings, progress: ProgressHandler
  ) throws -> (tasks: [TrainedTask], fit: SharedFit) {
    guard !division.validation.isEmpty else {
      throw WorkflowError(
        .badData, "--shared-width needs validation images, and there are none: raise --validation-fraction")
    }
    let weighting = try options.weighting(data.tasks.map(\.task.name))
    let fit = try fit(
      data, training: division.training, validation: division.validation, weighting: weighting, settings: settings,
      progress: progress)
    let validation = fit.representation.outputs(data.matrix.selecting(division.validation))
    let test = division.test.isEmpty ? nil : fit.representation.outputs(data.matrix.selecting(division.test))
    let tasks = try data.tasks.enumerated().map { index, own -> TrainedTask in
      let calibration = fit.outputs.calibration(data, index, rows: division.validation, outputs: validation[index])
      let heldOut = fit.outputs.predictions(
        data, index, rows: division.validation, outputs: validation[index], temperature: calibration?.temperature ?? 1)
      let representation = fit.representation
      let share = TaskShare(
        weighting, weight: representation.loss.factor(of: index, parameters: representation.parameters))
      let recipe = try Recipe(
        SharedLayerRecipe(
          settings, bestEpoch: representation.bestEpoch, task: share, split: SplitShares(options.base.split)))
      let head = fit.head(own.task, index, temperature: calibration?.temperature ?? 1)
      return TrainedTask(
        own: own, head: head,
        classifier: calibration.map {
          FittedHead(
            head: head.head, temperature: $0,
            heldOutLogits: fit.outputs.known(own, division.validation, validation[index]).outputs,
            labels: heldOut.labels, classCount: own.task.classes.count, recipe: recipe)
        },
        uncertainty: own.task.kind == .real
          ? TrainedTask.uncertainty(actual: heldOut.actual, stated: heldOut.stated) : nil,
        recipe: recipe, heldOut: heldOut,
        test: test.map {
          fit.outputs.predictions(
            data, index, rows: division.test, outputs: $0[index], temperature: calibration?.temperature ?? 1)
        })
    }
    return (tasks, fit)
  }
}
