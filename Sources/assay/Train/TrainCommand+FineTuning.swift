import ArgumentParser
import AssayData
import AssayTraining
import AssayWorkflows
import Foundation

/// A backbone that is trained further, on one set of classes or on tasks.
extension TrainCommand {
  private var name: String { "train --method finetune" }
  private static let finishing: ShownLine =
    "the batch, then a checkpoint is written, from which the same command goes on"

  private func options(_ base: TrainingOptions, _ use: OptionUse) throws -> FineTuneOptions {
    var options = FineTuneOptions(base: base)
    switch use("--optimizer", solver.optimizer) {
    case nil, .adamw: options.settings.optimiser = .adamw
    case .sgd: options.settings.optimiser = .sgd
    case .lbfgs, .adam: throw WorkflowError(.usage, "--method finetune has the optimizers adamw and sgd")
    }
    options.settings.learningRate = use("--learning-rate", solver.learningRate) ?? options.settings.learningRate
    options.settings.batchSize = use("--batch-size", solver.batchSize) ?? options.settings.batchSize
    options.settings.epochs = use("--epochs", solver.epochs) ?? options.settings.epochs
    options.settings.weightDecay = use("--weight-decay", solver.weightDecay) ?? options.settings.weightDecay
    options.folds = use("--folds", solver.folds)
    options.base.folds = options.folds
    options.preset = use("--augment", tuning.augment) ?? options.preset
    use.without(
      ["--validation-fraction"], because: "the folds judge, and --stopping-fraction says when to stop")
    use.without(["--use-masks", "--multi-label"], because: "they need --method linear")
    try tuning.apply(to: &options, use)
    return options
  }

  func tuned(_ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var base = base(use)
    decide(&base, use)
    base.classWeights = use("--class-weights", weighting.classWeights)
    let options = try options(base, use)
    return Plan(name, kept: kept) { [path] in
      let result = try FineTuneTrainer.train(
        path, output: output, options: options, isCancelled: Interruption.watch(Self.finishing),
        progress: ProgressBar().handler)
      say(dropped: result.droppedAugmentations)
      Console.say(ShownLine(result.comparison.sentence))
      say(isTuned: result.isTuned)
      try TrainOutput.show(
        result.training,
        cited: ComparisonCitation.of(result.training, path, options.base, result.isTuned ? .finetune : .linear),
        json: json)
    }
  }

  func tunedTasks(_ found: [TaskDescription], _ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var base = base(use)
    TaskArguments.decision(&base, found, good: labels.good, decision, use)
    uncertainShare(&base, found, use)
    use.without(["--labels"], because: "a task has the classes of its column")
    let options = try options(base, use)
    let tasks = try tasks.tuned(options.base, use)
    return Plan(name, kept: kept) { [path] in
      let result = try MultiTaskFineTuner.train(
        path, output: output, options: options, tasks: tasks, isCancelled: Interruption.watch(Self.finishing),
        progress: ProgressBar().handler)
      say(dropped: result.droppedAugmentations)
      for (task, comparison) in result.comparisons { Console.say("\(task): \(comparison.sentence)") }
      say(isTuned: result.isTuned)
      try TrainOutput.show(result.training, json: json)
    }
  }

  private func say(dropped operations: [String]) {
    guard !operations.isEmpty else { return }
    Console.say("augmentation without \(operations.joined(separator: ", ")): a class does not survive it")
  }

  private func say(isTuned: Bool) {
    Console.say(
      isTuned
        ? "the bundle holds the fine-tuned network" : "the bundle holds the linear probe (--force writes the other one)"
    )
  }
}
