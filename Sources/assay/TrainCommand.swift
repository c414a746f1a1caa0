import ArgumentParser
import AssayData
import AssayLearning
import AssayModel
import AssayWorkflows
import Foundation

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an inspector on a folder of photographs.",
    discussion: """
      PATH is a folder with one folder of images for each class (with or without train, validation and test above them),
      a CSV file with the columns path,label[,split][,group][,mask], or ELPV, magnetic tile, X-SDD, MVTec AD, MVTec AD 2,
      VisA, KolektorSDD, KolektorSDD2 or DAGM 2007 as published.

      --method anomaly learns from good parts alone and says whether a part is unlike them, and where. A folder of
      categories gives one bundle each, in the folder named by -o.

      The bundle appears under its name only when it is whole; interrupted training goes on where it was, since features
      are cached.
      """)

  enum Optimizer: String, ExpressibleByArgument, CaseIterable { case lbfgs, adam }
  enum Method: String, ExpressibleByArgument, CaseIterable { case linear, anomaly }

  @Argument(help: "The data set.")
  var path: String

  @Option(name: [.short, .long], help: "The bundle to write, e.g. part.assay.")
  var output: String

  @Option(
    help: "Training method: linear (named classes, a linear head on frozen features) or anomaly (good parts only).")
  var method: Method = .linear

  @Option(help: "Solver of the head: lbfgs (penalty chosen by cross-validation) or adam (the textbook recipe).")
  var optimizer: Optimizer = .lbfgs

  @Option(help: "Adam: step size.")
  var learningRate = 1e-3

  @Option(help: "Adam: images in a batch.")
  var batchSize = 32

  @Option(help: "Adam: passes over the training images; the best by validation accuracy is kept.")
  var epochs = 50

  @Option(help: "Adam: weight decay.")
  var weightDecay = 0.0

  @Option(help: "L-BFGS: folds of the cross-validation.")
  var folds = 5

  @Option(help: "Share of the images set aside as test set (0 for none).")
  var testFraction = 0.2

  @Option(help: "Share of the images set aside for validation (adam; lbfgs cross-validates).")
  var validationFraction = 0.15

  @OptionGroup var labels: LabelArguments
  @OptionGroup var recipe: RecipeArguments
  @OptionGroup(title: "Anomaly detection") var anomaly: AnomalyArguments
  @OptionGroup var images: ImageArguments

  @Flag(help: "Print the manifest as JSON on standard output.")
  var json = false

  func validate() throws {
    guard learningRate > 0, batchSize > 0, epochs > 0, weightDecay >= 0 else {
      throw ValidationError("--learning-rate, --batch-size and --epochs must be above 0, --weight-decay not below 0")
    }
    guard testFraction >= 0, validationFraction >= 0, testFraction + validationFraction < 0.95 else {
      throw ValidationError("--test-fraction and --validation-fraction must leave images to train on")
    }
    guard folds >= 2 else { throw ValidationError("--folds must be at least 2") }
    if method == .linear, let option = anomaly.given { throw ValidationError("\(option) needs --method anomaly") }
    if method == .anomaly, optimizer != .lbfgs || recipe.classWeights != .none || labels.labels != .native {
      throw ValidationError(
        "--method anomaly has no --optimizer, --class-weights or --labels: it learns from good parts only")
    }
  }

  func run() throws {
    try Console.run { if method == .anomaly { try trainAnomaly() } else { try trainClassifier() } }
  }

  private func trainAnomaly() throws {
    let options = AnomalyOptions(
      features: recipe.features(images), detector: anomaly.detector, goodClass: labels.good, coreset: anomaly.coreset,
      scoreShare: anomaly.scoreShare, smoothing: anomaly.smoothing, tiling: anomaly.tiling,
      region: try RegionFile.read(roi: anomaly.roi, ignore: anomaly.ignore), isTrimming: anomaly.trim,
      isAugmenting: anomaly.augment, shots: anomaly.shots, thresholdRule: recipe.givenThresholdRule,
      split: SplitRule(seed: recipe.seed, validation: 0, test: testFraction), seed: recipe.seed,
      commandLine: typedCommand())
    let categories = Categories.find(path)
    guard categories.isEmpty else { return try trainCategories(categories, options) }
    let result = try AnomalyTrainer.train(path, output: output, options: options, progress: ProgressBar().handler)
    if json { try Console.print(json: result.manifest) }
    Console.say("patches: \(result.computedCount) images or tiles computed, \(result.cachedCount) from the cache")
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

  private func trainClassifier() throws {
    let adam = AdamProbe.Settings(
      learningRate: learningRate, batchSize: batchSize, epochs: epochs, weightDecay: weightDecay, seed: recipe.seed)
    let options = TrainingOptions(
      features: recipe.features(images), labels: labels.labels, goodClass: labels.good,
      solver: optimizer == .adam ? .adam(adam) : .lbfgs, classWeights: recipe.classWeights, folds: folds,
      thresholdRule: recipe.thresholdRule,
      split: SplitRule(seed: recipe.seed, validation: validationFraction, test: testFraction), seed: recipe.seed,
      commandLine: typedCommand())
    let result = try Trainer.train(path, output: output, options: options, progress: ProgressBar().handler)
    if json {
      try Console.print(json: result.manifest)
    }
    Console.say(
      "features: \(result.computedCount) computed, \(result.cachedCount) from the cache")
    for warning in result.warnings { Console.say("warning: \(warning)") }
    EvaluationText.say(result.evaluation, threshold: result.manifest.threshold)
    Console.say("bundle: \(result.path)\nreport: \(result.path)/\(ModelBundle.reportName)")
  }
}

/// An evaluation in a few lines for people.
enum EvaluationText {
  static func say(_ evaluation: Evaluation, threshold: Manifest.Threshold? = nil) {
    Console.say("\(evaluation.basis), \(evaluation.labels.count) images:")
    for metric in evaluation.metrics {
      let isRate = metric.name != "log loss"
      let value = isRate ? Console.percent(metric.value) : String(format: "%.4f", metric.value)
      let interval =
        metric.low.flatMap { low in
          metric.high.map { high in
            isRate
              ? "  (95 %: \(Console.percent(low)) ... \(Console.percent(high)))"
              : String(format: "  (95 %%: %.4f ... %.4f)", low, high)
          }
        } ?? ""
      Console.say("  " + metric.name.padding(toLength: 28, withPad: " ", startingAt: 0) + value + interval)
    }
    if let threshold {
      Console.say("  threshold \(String(format: "%.4f", threshold.value)): \(threshold.explanation)")
    }
  }
}
