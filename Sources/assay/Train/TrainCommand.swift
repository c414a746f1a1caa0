import ArgumentParser
import AssayData
import AssayImage
import AssayLearning
import AssayModel
import AssayRuntime
import AssayTraining
import AssayWorkflows
import Foundation

struct TrainCommand: PlannedCommand {
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
  var folds = TrainingOptions.usualFolds

  @Option(
    help:
      "Fine-tuning: augmentation: surface (no up or down), oriented-part or none. Anomaly: surface also learns from the images turned and mirrored."
  )
  var augment: AugmentationPreset?

  @Option(help: "Share of the images set aside as test set (0 for none).")
  var testFraction = SplitRule().test

  @Option(help: "Share of the images set aside for validation (adam and --shared-width; lbfgs cross-validates).")
  var validationFraction = SplitRule().validation

  @OptionGroup var labels: LabelArguments
  @OptionGroup var recipe: RecipeArguments
  @OptionGroup var uncertain: UncertainArguments
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
  }

  /// What is left when training is stopped.
  var kept: ShownLine { "no half-written bundle is left" + recipe.cache.kept }

  func plan(_ use: OptionUse) throws -> Plan {
    let output = use("--output", output)
    let json = use("--json", json)
    switch use("--method", method) {
    case .linear:
      if use("--multi-label", several.multiLabel) { return try multiLabel(output, json, use) }
      if let tasks = try tasks.found(in: path, images, use) { return try taskHeads(tasks, output, json, use) }
      return try classifier(output, json, use)
    case .fewshot: return try fewShot(output, json, use)
    case .finetune:
      if let tasks = try tasks.found(in: path, images, use) { return try tunedTasks(tasks, output, json, use) }
      return try tuned(output, json, use)
    case .anomaly: return try goodParts(output, json, use)
    }
  }
}
