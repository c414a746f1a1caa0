import ArgumentParser
import AssayData
import AssayModel
import AssayWorkflows
import Foundation

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Test a bundle on labelled images, or cross-validate the recipe on a data set.",
    usage: """
      assay evaluate part.assay PATH [--json] [--report report.html] [--allow-trained]
      assay evaluate --folds 5 PATH [--json]
      assay evaluate --method fewshot [--shots 5] [--seeds 10] PATH [--json]
      """,
    discussion: """
      A bundle refuses images that it was trained on: figures on them say nothing about new parts. So a bundle can be
      tested on the very folder it came from; only the images set aside for testing count.

      With --folds no bundle is needed: features come from the cache, and penalty and temperature of each fold are chosen
      on the other folds.

      With --method fewshot a few images of each class are drawn and learned from, and all others are tested on: the mean
      over the draws and its spread.

      With --source A --target B the bundle is tested on its own line and on others: what the shift costs, and what each way
      of `assay adapt` brings back, adapted to one half of B without its labels and measured on the other, both ways.
      """)

  @Argument(help: "part.assay and the data set; with --source part.assay alone, with --folds the data set alone.")
  var paths: [String]

  @Option(help: "Cross-validate with this many folds (3 or more).")
  var folds: Int?

  @Option(help: "Write an HTML report to this file.")
  var report: String?

  @Option(help: "Labelled images of the line that the bundle was trained on; with --target.")
  var source: String?

  @Option(parsing: .upToNextOption, help: "Labelled images of other lines.")
  var target: [String] = []

  @Flag(help: "Also take images that the bundle was trained on.")
  var allowTrained = false

  @Option(help: "Labels to use: native or binary; when not given, those that fit the bundle.")
  var labels: LabelScheme?

  @Option(help: "The class that passes; found by its name when not given.")
  var good: String?

  @OptionGroup var recipe: RecipeArguments
  @OptionGroup(title: "A few images of each class") var fewShot: FewShotArguments
  @OptionGroup(title: "Several classes on one image") var several: MultiLabelArguments
  @OptionGroup(title: "Several tasks") var tasks: TaskArguments
  @OptionGroup var images: ImageArguments

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func validate() throws {
    if fewShot.method != nil {
      guard paths.count == 1, folds == nil, report == nil, source == nil, target.isEmpty, !several.multiLabel,
        tasks.given == nil,
        recipe.classWeights == .none, recipe.givenThresholdRule == nil
      else {
        throw ValidationError(
          "with --method fewshot name one data set, without --folds, --report, --source, --multi-label, tasks, --class-weights or a "
            + "threshold")
      }
      return
    }
    if source != nil || !target.isEmpty {
      guard source != nil, !target.isEmpty, paths.count == 1, folds == nil, labels == nil, good == nil,
        recipe.white.whiteLevel == nil, !several.multiLabel, tasks.given == nil
      else {
        throw ValidationError(
          "with --source and --target (both are needed) name one bundle, without --folds, --labels, --good, --white-level, "
            + "--multi-label or tasks")
      }
      return
    }
    guard folds != nil || recipe.white.whiteLevel == nil else {
      throw ValidationError("--white-level needs --folds or --method fewshot; a bundle has its own")
    }
    guard paths.count == (folds == nil ? 2 : 1) else {
      throw ValidationError(
        folds == nil ? "name a bundle and a data set: assay evaluate part.assay PATH" : "with --folds name one data set"
      )
    }
    guard folds == nil || report == nil else { throw ValidationError("--report needs a bundle") }
    if several.multiLabel {
      guard folds != nil else { throw ValidationError("--multi-label needs --folds; a bundle knows whether it is one") }
      if let option = tasks.given ?? (labels == nil ? nil : "--labels") {
        throw ValidationError("\(option) cannot be had with --multi-label")
      }
    }
    if folds == nil, let option = tasks.given {
      throw ValidationError("\(option) needs --folds; a bundle is tested on every task that the data has")
    }
  }

  func run() throws {
    try Console.run {
      if fewShot.method != nil {
        try evaluateFewShot()
      } else if let source {
        try evaluateTransfer(source)
      } else if let folds {
        try crossValidate(folds)
      } else {
        try test()
      }
    }
  }

  private struct Output: Encodable {
    struct ClassFigures: Encodable {
      let precision: Double
      let recall: Double
      let f1: Double
      let support: Int
    }

    let basis: String
    let images: Int
    let refused: Int?
    let unreadable: [String]
    let classes: [String]
    let metrics: [String: Manifest.Metric]
    let perClass: [String: ClassFigures]
    let confusion: [[Int]]
    let foldAccuracies: [Double]?
    let penalties: [Double]?
    /// Every task of the bundle or data set by name, this one among them.
    let tasks: [String: TaskOutput]?
    /// Of marked pixels, for each class of defect.
    let pixels: [SegmentationEvaluation.ClassFigures]?
    /// Severstal's metric.
    let meanDice: Double?

    init(
      _ evaluation: Evaluation, _ segmentation: SegmentationEvaluation? = nil, refused: Int? = nil,
      unreadable: [String], foldAccuracies: [Double]? = nil,
      penalties: [Double]? = nil, tasks: [String: TaskOutput]? = nil
    ) {
      self.tasks = tasks
      pixels = segmentation?.classes
      meanDice = segmentation?.meanDice
      basis = evaluation.basis
      images = evaluation.labels.count
      self.refused = refused
      self.unreadable = unreadable
      classes = evaluation.classes
      metrics = Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0) })
      let matrix = evaluation.confusion
      perClass = Dictionary(
        uniqueKeysWithValues: evaluation.classes.enumerated().map { k, name in
          (
            name,
            ClassFigures(
              precision: matrix.precision[k], recall: matrix.recall[k], f1: matrix.f1[k], support: matrix.support[k])
          )
        })
      confusion = matrix.counts
      self.foldAccuracies = foldAccuracies
      self.penalties = penalties
    }
  }

  /// Of a bundle or data set of which no task classifies.
  private struct TasksOutput: Encodable {
    let images: Int
    let refused: Int?
    let unreadable: [String]
    let tasks: [String: TaskOutput]
  }

  /// What the task that decides between good and defective gives, as with one task, and all tasks by name.
  private func show(
    _ evaluations: [TaskEvaluation], _ primary: Evaluation?, images: Int, refused: Int?, unreadable: [String]
  ) throws {
    if json {
      let tasks = TaskOutput.all(evaluations)
      if let primary {
        try Console.print(json: Output(primary, refused: refused, unreadable: unreadable, tasks: tasks))
      } else {
        try Console.print(json: TasksOutput(images: images, refused: refused, unreadable: unreadable, tasks: tasks))
      }
    }
    TaskText.say(evaluations)
  }

  private func show(_ result: MultiLabelTest) throws {
    for problem in result.problems { Console.say("warning: \(problem)") }
    for error in result.unreadable { Console.say("warning: \(error)") }
    if result.refused > 0 {
      Console.say("\(result.refused) images were refused: the bundle was trained on them (--allow-trained takes them)")
    }
    try write(report: result.report)
    if json {
      try Console.print(
        json: MultiLabelOutput(
          result.evaluation, result.segmentation, refused: result.refused,
          unreadable: result.unreadable.map(\.description)))
    }
    MultiLabelText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    if let report { Console.say("report: \(report)") }
  }

  private func crossValidateMultiLabel(_ folds: Int, _ options: TrainingOptions) throws {
    let result = try MultiLabelCrossValidation(
      paths[0], folds: folds, options: options, progress: ProgressBar().handler)
    for error in result.unreadable { Console.say("warning: \(error)") }
    if json {
      try Console.print(
        json: MultiLabelOutput(result.evaluation, refused: nil, unreadable: result.unreadable.map(\.description)))
    }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    MultiLabelText.say(result.evaluation)
  }

  private func show(_ result: MultiTaskTest) throws {
    for problem in result.problems { Console.say("warning: \(problem)") }
    for error in result.unreadable { Console.say("warning: \(error)") }
    for name in result.untested { Console.say("warning: the data set has no targets for the task \(name)") }
    if result.refused > 0 {
      Console.say("\(result.refused) images were refused: the bundle was trained on them (--allow-trained takes them)")
    }
    try write(report: result.report)
    try show(
      result.evaluations, result.primary, images: result.images, refused: result.refused,
      unreadable: result.unreadable.map(\.description))
    if let report { Console.say("report: \(report)") }
  }

  private func crossValidateTasks(_ folds: Int, _ base: TrainingOptions) throws {
    let result = try MultiTaskCrossValidation(
      paths[0], folds: folds, options: try tasks.options(base), progress: ProgressBar().handler)
    for error in result.unreadable { Console.say("warning: \(error)") }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    try show(
      result.evaluations, result.primary, images: result.images, refused: nil,
      unreadable: result.unreadable.map(\.description))
  }

  private struct AnomalyOutput: Encodable {
    let basis: String
    let images: Int
    let refused: Int
    let unreadable: [String]
    let metrics: [String: Manifest.Metric]
    let types: [AnomalyEvaluation.DefectType]
    let threshold: Double?
    /// Score of each image by name.
    let scores: [String: Double]
  }

  private func show(_ result: AnomalyEvaluator.Result) throws {
    let evaluation = result.evaluation
    for problem in result.problems { Console.say("warning: \(problem)") }
    for error in evaluation.unreadable { Console.say("warning: \(error)") }
    if result.refused > 0 {
      Console.say("\(result.refused) images were refused: the bundle knows them (--allow-trained takes them)")
    }
    try write(report: result.report)
    if json {
      try Console.print(
        json: AnomalyOutput(
          basis: evaluation.basis, images: evaluation.scores.count, refused: result.refused,
          unreadable: evaluation.unreadable.map(\.description),
          metrics: Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0) }), types: evaluation.types,
          threshold: evaluation.threshold,
          scores: Dictionary(zip(evaluation.names, evaluation.scores), uniquingKeysWith: { first, _ in first })))
    }
    AnomalyText.say(evaluation)
    if let report { Console.say("report: \(report)") }
  }

  private func write(report html: String) throws {
    guard let report else { return }
    do {
      try Data(html.utf8).write(to: URL(fileURLWithPath: report), options: .atomic)
    } catch {
      throw WorkflowError(.inputOutput, "\(report): the report cannot be written; check folder, space and permissions")
    }
  }

  private func test() throws {
    let notes = BundleTest.pictureNotes(
      bundle: paths[0], on: paths[1], cache: recipe.cache.store, maximumPixels: images.maxPixels)
    for note in notes { Console.say("warning: \(note)") }
    let test = try BundleTest.run(
      bundle: paths[0], on: paths[1],
      options: EvaluationOptions(
        labels: labels, goodClass: good, allowsTrained: allowTrained, isStrict: images.strict,
        maximumPixels: images.maxPixels), progress: ProgressBar().handler)
    switch test {
    case .anomaly(let result): try show(result)
    case .labels(let result): try show(result)
    case .tasks(let result): try show(result)
    case .classes(let result): try show(result)
    }
  }

  private func show(_ result: BundleEvaluation) throws {
    for problem in result.problems { Console.say("warning: \(problem)") }
    for error in result.unreadable { Console.say("warning: \(error)") }
    if result.refused > 0 {
      Console.say("\(result.refused) images were refused: the bundle was trained on them (--allow-trained takes them)")
    }
    try write(report: result.report)
    if json {
      try Console.print(
        json: Output(
          result.evaluation, result.segmentation, refused: result.refused,
          unreadable: result.unreadable.map(\.description)))
    }
    EvaluationText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    if let report { Console.say("report: \(report)") }
  }

  private func evaluateFewShot() throws {
    let options = TrainingOptions(
      features: recipe.features(images), labels: labels ?? .native, goodClass: good, seed: recipe.seed)
    let result = try FewShotEvaluator.evaluate(
      paths[0], options: options, shots: fewShot.shots, seeds: fewShot.seeds, progress: ProgressBar().handler)
    for error in result.unreadable { Console.say("warning: \(error)") }
    if json { try Console.print(json: FewShotOutput(result)) }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    FewShotOutput.say(result.curve)
  }

  private func evaluateTransfer(_ source: String) throws {
    let result = try TransferEvaluator.evaluate(
      bundle: paths[0], source: source, targets: target, seed: recipe.seed, allowsTrained: allowTrained,
      isStrict: images.strict, maximumPixels: images.maxPixels,
      cache: recipe.features(images).cache, progress: ProgressBar().handler)
    for text in result.unreadable { Console.say("warning: \(text)") }
    if result.refused > 0 {
      Console.say("\(result.refused) images of the source were refused: the bundle was trained on them")
    }
    try write(report: TransferReport.html(result, commandLine: typedCommand()))
    if json { try Console.print(json: result) }
    Console.say(TransferReport.text(result))
    for target in result.targets { Console.say(TransferReport.sentence(target)) }
    if let report { Console.say("report: \(report)") }
  }

  private func crossValidate(_ folds: Int) throws {
    let options = TrainingOptions(
      features: recipe.features(images), labels: labels ?? .native, goodClass: good, classWeights: recipe.classWeights,
      thresholdRule: recipe.thresholdRule, seed: recipe.seed)
    if several.multiLabel { return try crossValidateMultiLabel(folds, options) }
    if tasks.given != nil || MultiTaskTrainer.accepts(paths[0], tasks: nil) {
      return try crossValidateTasks(folds, options)
    }
    let result = try CrossValidation(paths[0], folds: folds, options: options, progress: ProgressBar().handler)
    for error in result.unreadable { Console.say("warning: \(error)") }
    if json {
      try Console.print(
        json: Output(
          result.evaluation, unreadable: result.unreadable.map(\.description), foldAccuracies: result.foldAccuracies,
          penalties: result.penalties))
    }
    Console.say("features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    EvaluationText.say(result.evaluation)
    Console.say("  accuracy of the folds        " + result.foldAccuracies.map(Console.percent).joined(separator: ", "))
  }
}
