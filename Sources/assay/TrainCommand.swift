import ArgumentParser
import AssayData
import AssayImage
import AssayLearning
import AssayModel
import AssayRuntime
import AssayTraining
import AssayWorkflows
import Foundation

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an inspector on a folder of photographs.",
    discussion: """
      PATH is a folder with one folder of images for each class (with or without train, validation and test above them),
      a CSV file with the columns path,label[,split][,group][,mask], one of the published data sets that docs/data.md
      lists, or the export of an annotation tool: COCO JSON, YOLO text, Pascal VOC, Label Studio or CVAT.

      --multi-label finds every class on an image, where several may be marked.

      --method anomaly learns from good parts alone and says whether a part is unlike them, and where. A folder of
      categories gives one bundle each, in the folder named by -o.

      A CSV file with columns label:NAME (classes), level:NAME (ordered levels) or score:NAME (real values) is learned task
      by task into one bundle; missing values are allowed.

      --method fewshot is for 1 to 16 images of each class; `assay add` teaches its bundle more images and new classes.

      --method finetune trains the backbone further on your images, from the linear method's solution, and compares the two
      on the same folds: the better one is written. Stopped (Ctrl-C, SIGTERM), the same command goes on where it was.

      The bundle appears under its name only when it is whole; interrupted training goes on where it was, since features
      are cached.
      """)

  enum Optimizer: String, ExpressibleByArgument, CaseIterable { case lbfgs, adam, adamw, sgd }
  enum Method: String, ExpressibleByArgument, CaseIterable { case linear, fewshot, anomaly, finetune }

  @Argument(help: "The data set.")
  var path: String

  @Option(name: [.short, .long], help: "The bundle to write, e.g. part.assay.")
  var output: String

  @Option(
    help:
      "Training method: linear (named classes, a linear head on frozen features), fewshot (the same from a few images of each), finetune (the backbone is trained further) or anomaly (good parts only)."
  )
  var method: Method = .linear

  @Option(
    help:
      "Solver. Linear: lbfgs (penalty chosen by cross-validation) or adam (the textbook recipe). Fine-tuning: adamw or sgd."
  )
  var optimizer: Optimizer?

  @Option(help: "Adam: step size (1e-3). Fine-tuning: peak rate of the last layers (1.5e-4; sgd 1e-2).")
  var learningRate: Double?

  @Option(help: "Images in a batch (32).")
  var batchSize: Int?

  @Option(help: "Passes over the training images (adam 50, fine-tuning 12); the best by validation is kept.")
  var epochs: Int?

  @Option(help: "Weight decay (adam 0, fine-tuning 0.01).")
  var weightDecay: Double?

  @Option(help: "Folds: of the cross-validation (lbfgs), and on which fine-tuning is compared with the probe.")
  var folds = 5

  @Option(
    help:
      "Fine-tuning: augmentation: surface (no up or down), oriented-part or none. Anomaly: surface also learns from the images turned and mirrored."
  )
  var augment: AugmentationPreset?

  @Option(help: "Share of the images set aside as test set (0 for none).")
  var testFraction = 0.2

  @Option(help: "Share of the images set aside for validation (adam; lbfgs cross-validates).")
  var validationFraction = 0.15

  @OptionGroup var labels: LabelArguments
  @OptionGroup var recipe: RecipeArguments
  @OptionGroup(title: "Several classes on one image") var several: MultiLabelArguments
  @Flag(
    help:
      "Learn from masks and boxes too, so that the inspector marks the pixels of each class of defect (--method linear, with or without --multi-label)."
  )
  var useMasks = false

  @OptionGroup(title: "Fine-tuning") var tuning: FineTuneArguments
  @OptionGroup(title: "Several tasks") var tasks: TaskArguments
  @OptionGroup(title: "Anomaly detection") var anomaly: AnomalyArguments
  @OptionGroup var images: ImageArguments

  @Flag(help: "Print the manifest as JSON on standard output.")
  var json = false

  func validate() throws {
    guard learningRate ?? 1 > 0, batchSize ?? 1 > 0, epochs ?? 1 > 0, weightDecay ?? 0 >= 0 else {
      throw ValidationError("--learning-rate, --batch-size and --epochs must be above 0, --weight-decay not below 0")
    }
    guard testFraction >= 0, validationFraction >= 0, testFraction + validationFraction < 0.95 else {
      throw ValidationError("--test-fraction and --validation-fraction must leave images to train on")
    }
    guard folds >= 2 else { throw ValidationError("--folds must be at least 2") }
    if method != .anomaly, let option = anomaly.given { throw ValidationError("\(option) needs --method anomaly") }
    if let shots = anomaly.shots {
      guard method == .anomaly || method == .fewshot else {
        throw ValidationError("--shots needs --method fewshot or anomaly")
      }
      if method == .fewshot, shots > 16 {
        throw ValidationError("--method fewshot takes 1 to 16 --shots; with more images use --method linear")
      }
    }
    if method != .finetune, let option = tuning.given { throw ValidationError("\(option) needs --method finetune") }
    if method == .anomaly || method == .fewshot, let option = tasks.given {
      throw ValidationError("\(option) needs --method linear or finetune")
    }
    if several.multiLabel {
      guard method == .linear else { throw ValidationError("--multi-label needs --method linear") }
      if let option = tasks.given { throw ValidationError("\(option) cannot be had with --multi-label") }
      if labels.labels != .native {
        throw ValidationError("--multi-label finds the data set's own classes; leave --labels out")
      }
    }
    if useMasks {
      guard method == .linear else { throw ValidationError("--use-masks needs --method linear") }
      if let option = tasks.given { throw ValidationError("\(option) cannot be had with --use-masks") }
    }
    switch method {
    case .linear: try validateLinear()
    case .fewshot:
      if optimizer != nil || recipe.classWeights != .none || epochs != nil || learningRate != nil || batchSize != nil
        || weightDecay != nil || augment != nil
      {
        throw ValidationError(
          "--method fewshot has no --optimizer (nor its options), --class-weights or --augment: it chooses its classifier "
            + "by leave-one-out")
      }
    case .finetune:
      guard optimizer == nil || optimizer == .adamw || optimizer == .sgd else {
        throw ValidationError("--method finetune has the optimizers adamw and sgd")
      }
      if tasks.sharedWidth != nil {
        throw ValidationError("--shared-width needs --method linear; fine-tuning trains what the tasks share itself")
      }
      if tasks.tasks != nil, labels.labels != .native {
        throw ValidationError(
          "--labels binary is for data sets with one label an image; a task has the classes of its column")
      }
    case .anomaly:
      if optimizer != nil || recipe.classWeights != .none || labels.labels != .native || epochs != nil
        || learningRate != nil || batchSize != nil || weightDecay != nil
      {
        throw ValidationError(
          "--method anomaly has no --optimizer (nor its options), --class-weights or --labels: it learns from good parts only"
        )
      }
      if augment == .orientedPart {
        throw ValidationError("--method anomaly turns and mirrors with --augment surface; it has no oriented-part")
      }
    }
  }

  private func validateLinear() throws {
    guard optimizer == nil || optimizer == .lbfgs || optimizer == .adam else {
      throw ValidationError("--method linear has the optimizers lbfgs and adam")
    }
    if augment != nil { throw ValidationError("--augment needs --method finetune or anomaly") }
    if tasks.sharedWidth != nil, optimizer != nil {
      throw ValidationError("--shared-width is trained by AdamW; leave --optimizer out")
    }
    if tasks.tasks != nil || tasks.sharedWidth != nil, labels.labels != .native {
      throw ValidationError(
        "--labels binary is for data sets with one label an image; a task has the classes of its column")
    }
    if tasks.sharedWidth == nil, optimizer != .adam,
      learningRate != nil || batchSize != nil || epochs != nil || weightDecay != nil
    {
      throw ValidationError(
        "--learning-rate, --batch-size, --epochs and --weight-decay need --optimizer adam, --shared-width or --method finetune"
      )
    }
  }

  func run() throws {
    try Console.run {
      switch method {
      case .linear:
        if several.multiLabel {
          try trainMultiLabel()
        } else if tasks.given != nil || MultiTaskTrainer.accepts(path, tasks: nil) {
          if useMasks { throw WorkflowError(.usage, "\(path): --use-masks is for one set of classes, not for tasks") }
          try trainTasks()
        } else {
          try trainClassifier()
        }
      case .fewshot: try trainFewShot()
      case .finetune:
        if tasks.given != nil || MultiTaskTrainer.accepts(path, tasks: nil) {
          try fineTuneTasks()
        } else {
          try fineTune()
        }
      case .anomaly: try trainAnomaly()
      }
    }
  }

  private func trainAnomaly() throws {
    let options = AnomalyOptions(
      features: recipe.features(images), detector: anomaly.detector, goodClass: labels.good, coreset: anomaly.coreset,
      scoreShare: anomaly.scoreShare, smoothing: anomaly.smoothing, tiling: anomaly.tiling,
      region: try RegionFile.read(roi: anomaly.roi, ignore: anomaly.ignore), isTrimming: anomaly.trim,
      isAugmenting: augment == .surface, shots: anomaly.shots, thresholdRule: recipe.givenThresholdRule,
      split: SplitRule(seed: recipe.seed, validation: 0, test: testFraction), seed: recipe.seed,
      commandLine: typedCommand())
    let categories = Categories.find(path)
    guard categories.isEmpty else { return try trainCategories(categories, options) }
    let result = try AnomalyTrainer.train(path, output: output, options: options, progress: ProgressBar().handler)
    if json { try Console.print(json: result.manifest) }
    Console.say("patches: \(result.computedCount) images or tiles computed, \(result.cachedCount) from the cache")
    WhiteLevelText.say(result.manifest)
    for warning in result.warnings { Console.say("warning: \(warning)") }
    if let evaluation = result.evaluation { AnomalyText.say(evaluation) }
    if let threshold = result.manifest.threshold {
      Console.say("  threshold \(String(format: "%.6g", threshold.value)): \(threshold.explanation)")
    }
    Console.say("bundle: \(result.path)\nreport: \(result.path)/\(ModelBundle.reportName)")
  }

  private func trainCategories(_ categories: [String], _ options: AnomalyOptions) throws {
    let rows = try CategoryTraining.train(
      categories, output: output, options: options,
      begin: { name, number, total in Console.say("\(name) (\(number) of \(total))") },
      progress: ProgressBar().handler)
    if json { try Console.print(json: rows) }
    Console.say("\n" + CategoryTraining.table(rows))
    if rows.contains(where: { $0.failure != nil }) { throw ExitCode(WorkflowError.Kind.badData.rawValue) }
  }

  private var classifierOptions: TrainingOptions {
    let adam = AdamProbe.Settings(
      learningRate: learningRate ?? 1e-3, batchSize: batchSize ?? 32, epochs: epochs ?? 50,
      weightDecay: weightDecay ?? 0, seed: recipe.seed)
    return TrainingOptions(
      features: recipe.features(images), labels: labels.labels, goodClass: labels.good,
      solver: optimizer == .adam ? .adam(adam) : .lbfgs, classWeights: recipe.classWeights, folds: folds,
      thresholdRule: recipe.thresholdRule,
      split: SplitRule(seed: recipe.seed, validation: validationFraction, test: testFraction), seed: recipe.seed,
      usesMasks: useMasks, commandLine: typedCommand())
  }

  private func trainClassifier() throws {
    report(
      try Trainer.train(path, output: output, options: classifierOptions, progress: ProgressBar().handler))
  }

  private func trainFewShot() throws {
    report(
      try FewShotTrainer.train(
        path, output: output, options: classifierOptions, shots: anomaly.shots, progress: ProgressBar().handler))
  }

  private func trainMultiLabel() throws {
    let result = try MultiLabelTrainer.train(
      path, output: output, options: classifierOptions, progress: ProgressBar().handler)
    if json { try Console.print(json: result.manifest) }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    WhiteLevelText.say(result.manifest)
    for warning in result.warnings { Console.say("warning: \(warning)") }
    MultiLabelText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    Console.say("bundle: \(result.path)\nreport: \(result.path)/\(ModelBundle.reportName)")
  }

  private func trainTasks() throws {
    let options = try tasks.options(
      classifierOptions, learningRate: learningRate, batchSize: batchSize, epochs: epochs, weightDecay: weightDecay)
    report(try MultiTaskTrainer.train(path, output: output, options: options, progress: ProgressBar().handler))
  }

  private func report(_ result: MultiTaskResult) {
    if json { try? Console.print(json: result.manifest) }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    WhiteLevelText.say(result.manifest)
    for warning in result.warnings { Console.say("warning: \(warning)") }
    TaskText.say(result.evaluations, threshold: result.manifest.threshold)
    Console.say("bundle: \(result.path)\nreport: \(result.path)/\(ModelBundle.reportName)")
  }

  private func freezeDefault() throws -> String? {
    if recipe.backbone.hasPrefix("efficientnet-lite") { return "stage3" }
    guard BundleBackbones.isBundle(recipe.backbone) else { return nil }
    let backbone = try BundleBackbones.load(recipe.backbone)
    let isKnown = backbone.description.name.hasPrefix("efficientnet-lite")
    return isKnown && backbone.taps.contains { $0.name == "stage3" } ? "stage3" : nil
  }

  private func fineTuneOptions() throws -> FineTuneOptions {
    var settings = FineTuneSettings()
    settings.optimiser = optimizer == .sgd ? .sgd : .adamw
    settings.learningRate = learningRate ?? (optimizer == .sgd ? 1e-2 : settings.learningRate)
    settings.batchSize = batchSize ?? settings.batchSize
    settings.epochs = epochs ?? settings.epochs
    settings.weightDecay = weightDecay ?? settings.weightDecay
    settings.seed = recipe.seed
    settings.threads = Machine.coreCount
    return tuning.options(
      classifierOptions, settings, augment: augment,
      // Networks that a user brought have stages of other names; they are trained whole unless one is named.
      freezeDefault: try freezeDefault(), folds: folds)
  }

  private func fineTune() throws {
    let result = try FineTuneTrainer.train(
      path, output: output, options: try fineTuneOptions(), isCancelled: Interruption.watch(),
      progress: ProgressBar().handler)
    say(dropped: result.droppedAugmentations)
    Console.say(result.comparison.sentence)
    say(isTuned: result.isTuned)
    report(result.training)
  }

  private func fineTuneTasks() throws {
    let result = try MultiTaskFineTuner.train(
      path, output: output, options: try fineTuneOptions(), tasks: try tasks.options(classifierOptions),
      isCancelled: Interruption.watch(), progress: ProgressBar().handler)
    say(dropped: result.droppedAugmentations)
    for (task, comparison) in result.comparisons { Console.say("\(task): \(comparison.sentence)") }
    say(isTuned: result.isTuned)
    report(result.training)
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

  private func report(_ result: TrainingResult) {
    if json { try? Console.print(json: result.manifest) }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    WhiteLevelText.say(result.manifest)
    for warning in result.warnings { Console.say("warning: \(warning)") }
    EvaluationText.say(result.evaluation, threshold: result.manifest.threshold)
    MultiLabelText.say(result.segmentation)
    Console.say("bundle: \(result.path)\nreport: \(result.path)/\(ModelBundle.reportName)")
  }
}

/// How pictures of more than 8 bits are read, in a line for people.
enum WhiteLevelText {
  static func say(_ manifest: Manifest) {
    guard let level = manifest.preprocessing.whiteLevel else { return }
    Console.say("pictures of more than 8 bits: \(level.sentence)")
  }
}

/// An evaluation in a few lines for people.
enum EvaluationText {
  static func say(_ evaluation: Evaluation, threshold: Manifest.Threshold? = nil) {
    Console.say("\(evaluation.basis), \(evaluation.labels.count) images:")
    say(evaluation.metrics)
    if let threshold {
      Console.say("  threshold \(String(format: "%.4f", threshold.value)): \(threshold.explanation)")
    }
  }

  static func say(_ metrics: [Manifest.Metric]) {
    let widest = max(28, (metrics.map(\.name.count).max() ?? 0) + 2)
    for metric in metrics {
      let isRate = TaskEvaluation.isShare(metric.name)
      let value = isRate ? Console.percent(metric.value) : String(format: "%.4f", metric.value)
      let interval =
        metric.low.flatMap { low in
          metric.high.map { high in
            isRate
              ? "  (95 %: \(Console.percent(low)) ... \(Console.percent(high)))"
              : String(format: "  (95 %%: %.4f ... %.4f)", low, high)
          }
        } ?? ""
      Console.say("  " + metric.name.padding(toLength: widest, withPad: " ", startingAt: 0) + value + interval)
    }
  }
}
