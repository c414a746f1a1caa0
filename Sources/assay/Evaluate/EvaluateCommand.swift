import ArgumentParser
import AssayData
import AssayWorkflows
import Foundation

struct EvaluateCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Test a bundle on labelled images, or cross-validate the recipe on a data set.",
    usage: """
      assay evaluate <bundle> <data> [--report <report>] [<options>]
      assay evaluate <bundle> --source <data> --target <data> ... [<options>]
      assay evaluate --folds <folds> <data> [<options>]
      assay evaluate --method fewshot <data> [<options>]
      """,
    discussion: paragraphs(
      """
      A bundle refuses images that it was trained on: figures on them say nothing about new parts. So a bundle can be
      tested on the very folder it came from; only the images set aside for testing count.

      With --folds no bundle is needed: features come from the cache, and penalty and temperature of each fold are chosen
      on the other folds.

      With --method fewshot a few images of each class are drawn and learned from, and all others are tested on: the mean
      over the draws and its spread.

      With --source A --target B the bundle is tested on its own line and on others: what the shift costs, and what each way
      of `assay adapt` brings back, adapted to one half of B without its labels and measured on the other, both ways.
      """))

  @Argument(
    help: "The bundle and the data set; with --source the bundle alone, with --folds and --method the data set alone.",
    completion: .file())
  var paths: [String]

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.thresholds) var decision: ThresholdArguments
  @OptionGroup(title: HelpGroup.fewShot) var fewShot: FewShotArguments
  @OptionGroup(title: HelpGroup.severalClasses) var several: MultiLabelArguments
  @OptionGroup(title: HelpGroup.tasks) var tasks: TaskArguments
  @OptionGroup(title: HelpGroup.otherLines) var lines: LineArguments
  @OptionGroup var recipe: RecipeArguments
  @OptionGroup(title: HelpGroup.features) var weighting: WeightingArguments
  @OptionGroup(title: HelpGroup.pictures) var images: ImageArguments

  struct UsualArguments: ParsableArguments {
    @Option(help: "Cross-validate with this many folds (3 or more). (default: none, a bundle is tested)")
    var folds: Int?

    @Option(help: "Write an HTML report to this file. (default: none)", completion: .file())
    var report: String?

    @Flag(help: "Also take images that the bundle was trained on.")
    var allowTrained = false

    @Option(help: "Labels to use: native or binary. (default: those that fit the bundle; with --folds native)")
    var labels: LabelScheme?

    @Option(help: "The class that passes. (default: found by its name)")
    var good: String?

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false
  }

  struct LineArguments: ParsableArguments {
    @Option(
      help: "Labelled images of the line that the bundle was trained on; with --target. (default: none)",
      completion: .file())
    var source: String?

    @Option(parsing: .upToNextOption, help: "Labelled images of other lines. (default: none)", completion: .file())
    var target: [String] = []
  }

  /// What is left when a recipe's evaluation is stopped.
  var kept: ShownLine { "nothing was written" + recipe.cache.kept }

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", usual.json)
    if use("--method", fewShot.method) != nil {
      return try fewShotCurve(dataset("with --method fewshot name one data set"), json, use)
    }
    use.without(["--shots", "--seeds"], because: "it needs --method fewshot")
    let (source, targets) = (use("--source", lines.source), use("--target", lines.target))
    if source != nil || !targets.isEmpty {
      guard let source, !targets.isEmpty, paths.count == 1 else {
        throw WorkflowError(.usage, "with --source and --target (both are needed) name one bundle")
      }
      return try transfer(source, targets, json, use)
    }
    if let folds = use("--folds", usual.folds) {
      return try crossValidation(folds, dataset("with --folds name one data set"), json, use)
    }
    guard paths.count == 2 else {
      throw WorkflowError(.usage, "name a bundle and a data set: assay evaluate part.assay PATH")
    }
    return try test(json, use)
  }

  private func dataset(_ message: String) throws(WorkflowError) -> String {
    guard paths.count == 1 else { throw WorkflowError(.usage, message) }
    return paths[0]
  }

  static func say(computed: Int, cached: Int) {
    Console.say("features: \(computed) computed, \(cached) from the cache")
  }
}
