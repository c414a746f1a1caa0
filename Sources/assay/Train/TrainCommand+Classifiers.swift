import ArgumentParser
import AssayData
import AssayLearning
import AssayWorkflows
import Foundation

/// Named classes: one on each image, several, or a few images of each.
extension TrainCommand {
  /// What every classifier and measurement is told. Whatever only some of them know is left as the library has it.
  func base(_ use: OptionUse) -> TrainingOptions {
    let seed = use("--seed", recipe.seed)
    return TrainingOptions(
      features: recipe.features(images, use),
      split: SplitRule(seed: seed, test: use("--test-fraction", usual.testFraction)),
      seed: seed, commandLine: typedCommand())
  }

  /// Labels, good class and threshold of a data set with one set of classes.
  func decide(_ options: inout TrainingOptions, _ use: OptionUse) {
    options.labels = use("--labels", labels.labels)
    options.goodClass = use("--good", labels.good)
    options.thresholdRule = decision.rule(use) ?? options.thresholdRule
    options.uncertainShare = uncertain.share(use)
  }

  /// Of several tasks, the one that classifies has uncertain parts.
  func uncertainShare(_ options: inout TrainingOptions, _ tasks: [TaskDescription], _ use: OptionUse) {
    guard tasks.contains(where: { $0.kind == .classification }) else {
      return use.without(
        ["--uncertain"], because: "no task classifies, so that nothing can be uncertain by a threshold")
    }
    options.uncertainShare = uncertain.share(use)
  }

  /// The solver of a head on frozen features.
  private func solve(_ options: inout TrainingOptions, _ use: OptionUse) throws {
    options.classWeights = use("--class-weights", weighting.classWeights)
    switch use("--optimizer", solver.optimizer) {
    case nil, .lbfgs:
      options.folds = use("--folds", solver.folds)
      use.without(["--validation-fraction"], because: "--optimizer lbfgs cross-validates")
      use.without(
        ["--learning-rate", "--batch-size", "--epochs", "--weight-decay"],
        because: "they need --optimizer adam, --shared-width or --method finetune")
    case .adam:
      var settings = AdamProbe.Settings(seed: options.seed)
      settings.learningRate = use("--learning-rate", solver.learningRate) ?? settings.learningRate
      settings.batchSize = use("--batch-size", solver.batchSize) ?? settings.batchSize
      settings.epochs = use("--epochs", solver.epochs) ?? settings.epochs
      settings.weightDecay = use("--weight-decay", solver.weightDecay) ?? settings.weightDecay
      options.solver = .adam(settings)
      options.split.validation = use("--validation-fraction", solver.validationFraction)
      use.without(["--folds"], because: "--optimizer adam validates on --validation-fraction of the images")
    case .adamw, .sgd: throw WorkflowError(.usage, "--method linear has the optimizers lbfgs and adam")
    }
  }

  private var name: String { "train --method linear" }

  func classifier(_ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var options = base(use)
    decide(&options, use)
    try solve(&options, use)
    options.usesMasks = use("--use-masks", masks.useMasks)
    return Plan(name, kept: kept) { [path, options] in
      let result = try Trainer.train(path, output: output, options: options, progress: ProgressBar().handler)
      try TrainOutput.show(result, cited: ComparisonCitation.of(result, path, options, .linear), json: json)
    }
  }

  func multiLabel(_ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var options = base(use)
    options.goodClass = use("--good", labels.good)
    options.thresholdRule = decision.rule(use) ?? options.thresholdRule
    options.uncertainShare = uncertain.share(use)
    try solve(&options, use)
    options.usesMasks = use("--use-masks", masks.useMasks)
    use.without(["--labels"], because: "the data set's own classes are found")
    return Plan(name + " --multi-label", kept: kept) { [path, options] in
      try TrainOutput.show(
        MultiLabelTrainer.train(path, output: output, options: options, progress: ProgressBar().handler), json: json)
    }
  }

  func taskHeads(_ tasks: [TaskDescription], _ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var options = base(use)
    TaskArguments.decision(&options, tasks, good: labels.good, decision, use)
    uncertainShare(&options, tasks, use)
    use.without(["--labels"], because: "a task has the classes of its column")
    use.without(["--use-masks"], because: "it is for one set of classes, not for tasks")
    var chosen = try self.tasks.options(
      options, tasks, weighting.classWeights, solver: { $0 = shared($0, use) }, use)
    if chosen.shared == nil {
      guard use("--optimizer", solver.optimizer) ?? .lbfgs == .lbfgs else {
        throw WorkflowError(
          .usage, "heads of several tasks are fitted by --optimizer lbfgs, or with --shared-width by AdamW")
      }
      chosen.base.folds = use("--folds", solver.folds)
      use.without(["--validation-fraction"], because: "heads on a frozen backbone are cross-validated")
      use.without(
        ["--learning-rate", "--batch-size", "--epochs", "--weight-decay"],
        because: "they need --shared-width or --method finetune")
    } else {
      chosen.base.split.validation = use("--validation-fraction", solver.validationFraction)
      use.without(["--optimizer"], because: "the layer of --shared-width is trained by AdamW")
    }
    return Plan(name + (chosen.shared == nil ? "" : " --shared-width"), kept: kept) { [path, chosen] in
      try TrainOutput.show(
        MultiTaskTrainer.train(path, output: output, options: chosen, progress: ProgressBar().handler), json: json)
    }
  }

  private func shared(
    _ settings: SharedRepresentation.Settings, _ use: OptionUse
  ) -> SharedRepresentation.Settings {
    var settings = settings
    settings.learningRate = use("--learning-rate", solver.learningRate) ?? settings.learningRate
    settings.batchSize = use("--batch-size", solver.batchSize) ?? settings.batchSize
    settings.epochs = use("--epochs", solver.epochs) ?? settings.epochs
    settings.weightDecay = use("--weight-decay", solver.weightDecay) ?? settings.weightDecay
    return settings
  }

  func fewShot(_ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var options = base(use)
    decide(&options, use)
    let shots = use("--shots", few.shots)
    guard shots ?? 1 <= FewShotTrainer.mostShots else {
      throw WorkflowError(
        .usage,
        "--method fewshot takes 1 to \(FewShotTrainer.mostShots) --shots; with more images use --method linear")
    }
    use.without(
      [
        "--optimizer", "--learning-rate", "--batch-size", "--epochs", "--weight-decay", "--class-weights", "--augment",
        "--folds", "--validation-fraction",
      ], because: "it chooses its classifier by leave-one-out")
    return Plan("train --method fewshot", kept: kept) { [path, options] in
      let result = try FewShotTrainer.train(
        path, output: output, options: options, shots: shots, progress: ProgressBar().handler)
      try TrainOutput.show(result, cited: ComparisonCitation.of(result, path, options, .fewshot), json: json)
    }
  }
}
