import ArgumentParser
import AssayBase
import AssayData
import AssayRuntime
import AssayWorkflows
import Foundation

struct CompareCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Try every installed backbone on a data set and say which one to take.",
    usage: "assay compare <path> [--output <report>] [<options>]",
    discussion: paragraphs(
      """
      PATH takes every layout that `assay train` takes. All backbones and methods are judged on the same stratified folds;
      then the graph of each is timed. Where a class is good, rows are ranked by the defects that they find where at most
      --max-overkill of the good parts are rejected, of equals by average precision; else by macro F1. Taken is the fastest
      row that is shown to be behind the best one by less than --margin; where this data shows it of none, the best one. The
      table, the JSON document and the report (-o) show figures with intervals, time to train, milliseconds a part and size.

      Where only good parts are there to learn from (MVTec AD and the like), anomaly detection is compared alone, on the test
      images. Fine-tuning is compared only when it is named, on the backbone that is recommended without it: it takes hours.

      The finished comparison stays in the cache: `assay train` on the same images says what it recommends.

      Finished rows are kept beside the report (OUTPUT.partial.json), or in the cache without one: stopped in any way, the
      same command goes on where it was. A backbone that fails becomes a row that says why.
      """))

  @Argument(help: "The data set.", completion: .file())
  var path: String

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.usual) var labels: LabelArguments
  @OptionGroup(title: HelpGroup.pictures) var images: ImageArguments
  @OptionGroup(title: HelpGroup.usual) var engine: EngineArguments
  @OptionGroup(title: HelpGroup.pictures) var white: WhiteLevelArguments
  @OptionGroup(title: HelpGroup.cache) var cache: CacheArguments

  struct UsualArguments: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Backbones, comma separated. (default: all that are installed)", valueName: "name,name,..."))
    var backbones: String?

    @Option(
      help: ArgumentHelp(
        "Methods, comma separated: linear, fewshot, anomaly, finetune. (default: linear,fewshot,anomaly; without anomaly where no class is good, and it alone where there are only good parts to learn from)",
        valueName: "method,..."))
    var methods: String?

    @Option(help: "Folds of the cross-validation (3 or more).")
    var folds = ComparisonOptions().folds

    @Option(help: "Few-shot: images of each class to learn from (1 to 16).")
    var shots = ComparisonOptions().shots

    @Option(help: "Share of the good parts that may be rejected where the defects found are counted.")
    var maxOverkill = ComparisonOptions.usualOverkill

    @Option(help: "By how much a row may be behind the best one and still count as not worse: 0.05 are five points.")
    var margin = ComparisonJudgement.usualMargin

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 0

    @Option(
      name: [.short, .long], help: "The HTML report to write, e.g. report.html. (default: none)", completion: .file())
    var output: String?

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  private func chosenMethods() throws -> [ComparisonMethod]? {
    guard let methods = usual.methods else { return nil }
    let chosen = try Self.names(methods).map { name in
      guard let method = ComparisonMethod(rawValue: name) else {
        throw ValidationError("there is no method \(name); choose among linear, fewshot, anomaly and finetune")
      }
      return method
    }
    guard !chosen.isEmpty else {
      throw ValidationError("--methods names none; choose among linear, fewshot, anomaly and finetune")
    }
    return chosen
  }

  func validate() throws {
    guard usual.folds >= 3 else {
      throw ValidationError("--folds must be at least 3, since the penalty is chosen on the folds left")
    }
    guard usual.maxOverkill >= 0, usual.maxOverkill < 1 else {
      throw ValidationError("--max-overkill must be a share from 0 to below 1, e.g. 0.01 for 1 %")
    }
    guard usual.margin > 0, usual.margin < 1 else {
      throw ValidationError("--margin must be a share between 0 and 1, e.g. 0.05 for five points")
    }
    guard (1...16).contains(usual.shots) else { throw ValidationError("--shots must be 1 to 16") }
    if let backbones = usual.backbones {
      let names = Self.names(backbones)
      guard !names.isEmpty else { throw ValidationError("--backbones names none; `assay backbones` lists them") }
      if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
        throw ValidationError("--backbones names \(twice) twice")
      }
    }
    _ = try chosenMethods()
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let store = cache.store(use)
    var options = ComparisonOptions(
      backbones: use("--backbones", usual.backbones).map(Self.names), methods: use("--methods", try chosenMethods()),
      seed: use("--seed", usual.seed), goodClass: use("--good", labels.good), cache: store,
      whiteLevel: white.rule(use), maximumPixels: images.maximumPixels(use), isStrict: images.isStrict(use),
      encoding: images.encoding(use), commandLine: typedCommand(), engines: engine.engines(use))
    let json = use("--json", usual.json)
    _ = use("--output", usual.output)
    options.labels = use("--labels", labels.labels)
    options.margin = use("--margin", usual.margin)
    let found = try BackboneComparison.plan(for: path, options: options)
    if found.isOfGoodParts {
      use.without(
        ["--folds"], because: "only good parts are learned from, and all rows are compared on the test images")
    } else {
      options.folds = use("--folds", usual.folds)
    }
    if found.methods.contains(.fewshot) {
      options.shots = use("--shots", usual.shots)
    } else {
      use.without(["--shots"], because: "it needs the method fewshot")
    }
    if found.hasGood {
      options.maximumOverkill = use("--max-overkill", usual.maxOverkill)
    } else {
      use.without(
        ["--max-overkill"], because: "no class is good, so that rows are ranked by macro F1; name it with --good")
    }
    options.keptAt = try keptAt(store)
    let kept: ShownLine =
      options.keptAt == nil
      ? "nothing is kept" : "finished rows are kept, and the same command goes on from there"
    return Plan("compare --methods " + found.methods.map(\.rawValue).joined(separator: ","), kept: kept) { [options] in
      let comparison = try BackboneComparison.run(path, options: options, progress: ProgressBar().handler)
      try write(comparison)
      if json { try Console.print(json: ComparisonDocument(comparison)) }
      try show(comparison, json)
      // A failure may be mended and the rest be wanted again.
      if comparison.failures.isEmpty { BackboneComparison.forget(options) }
    }
  }

  /// Beside the report, or in the cache under the name of the data set.
  private func keptAt(_ store: FeatureCache?) throws -> String? {
    if let output = usual.output {
      let folder = URL(fileURLWithPath: output).path.deletingLastPathComponent
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
        throw WorkflowError(.inputOutput, "\(output): there is no folder \(folder); make it first")
      }
      if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder), isFolder.boolValue {
        throw WorkflowError(
          .inputOutput, "\(output): it is a folder; name the file to write, e.g. \(output)/report.html")
      }
      return output + ".partial.json"
    }
    let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
    return store.map { "\($0.folder)/comparisons/\(ContentHash.of(Array(absolute.utf8)).prefix(24)).partial.json" }
  }

  private func write(_ comparison: Comparison) throws {
    guard let output = usual.output else { return }
    do {
      try Data(ComparisonReport.html(comparison).utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw WorkflowError(
        .inputOutput, "\(output): the report cannot be written; check folder, space and permissions")
    }
  }

  private func show(_ comparison: Comparison, _ json: Bool) throws {
    if comparison.restoredCount > 0 {
      Console.say("\(comparison.restoredCount) rows were there from a run that was interrupted")
    }
    let text = [
      "", comparison.table, "", comparison.tableKey,
      comparison.rows.contains { $0.computedCount == 0 } ? "* features came from the cache" : nil, "",
      comparison.recommendation,
    ].compactMap { $0 }.joined(separator: "\n")
    if json { Console.say(ShownLine(lines: text)) } else { try Console.print(ShownLine(lines: text)) }
    if let output = usual.output { Console.say("report: \(output)") }
  }
}
