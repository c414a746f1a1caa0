import ArgumentParser
import AssayData
import AssayImage
import AssayLearning
import AssayRuntime
import AssayTraining
import AssayWorkflows
import Foundation

struct TrainCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train an inspector on a folder of photographs.",
    usage: "assay train <path> --output <bundle> [--method <method>] [<options>]",
    discussion: paragraphs(
      """
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
      """))

  @Argument(help: "The data set.", completion: .file())
  var path: String

  @OptionGroup(title: HelpGroup.required) var place: PlaceArguments
  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.usual) var labels: LabelArguments
  @OptionGroup(title: HelpGroup.thresholds) var decision: ThresholdArguments
  @OptionGroup(title: HelpGroup.thresholds) var uncertain: UncertainArguments
  @OptionGroup(title: HelpGroup.solver) var solver: SolverArguments
  @OptionGroup(title: HelpGroup.solver) var weighting: WeightingArguments
  @OptionGroup(title: HelpGroup.fewShot) var few: ShotArguments
  @OptionGroup(title: HelpGroup.fineTuning) var tuning: FineTuneArguments
  @OptionGroup(title: HelpGroup.anomaly) var anomaly: AnomalyArguments
  @OptionGroup(title: HelpGroup.severalClasses) var several: MultiLabelArguments
  @OptionGroup(title: HelpGroup.severalClasses) var masks: MaskArguments
  @OptionGroup(title: HelpGroup.tasks) var tasks: TaskArguments
  @OptionGroup var recipe: RecipeArguments
  @OptionGroup(title: HelpGroup.pictures) var images: ImageArguments

  /// What is left when training is stopped.
  var kept: ShownLine { "no half-written bundle is left" + recipe.cache.kept }

  func plan(_ use: OptionUse) throws -> Plan {
    let output = use("--output", place.output)
    let json = use("--json", usual.json)
    switch use("--method", usual.method) {
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
