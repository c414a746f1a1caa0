import ArgumentParser
import AssayData
import AssayWorkflows

extension DatasetConversion.Target: ExpressibleByArgument {}

struct DataCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract:
      "Look at a data set: layout, classes, sizes, copies, leaks between splits, unreadable files; or convert it.",
    discussion: """
      With --convert the data set is written in another layout into a new folder: images are linked where the file system
      allows it, masks are drawn as PNG. Nothing is overwritten, and nothing half-written stays behind.
      """)

  @Argument(help: "The data set.")
  var path: String

  @Option(help: "Write the data set as class-folders, mvtec or csv.")
  var convert: DatasetConversion.Target?

  @Option(name: [.short, .long], help: "The folder to write with --convert; it must not exist.")
  var output: String?

  @OptionGroup var labels: LabelArguments
  @OptionGroup var images: ImageArguments

  @Option(help: "Seed of the splits.")
  var seed: UInt64 = 0

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard (convert == nil) == (output == nil) else { throw ValidationError("--convert and --output belong together") }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let options = DatasetOptions(labels: use("--labels", labels.labels), goodClass: use("--good", labels.good))
    let rule = SplitRule(seed: use("--seed", seed))
    let isStrict = images.isStrict(use)
    let json = use("--json", json)
    let target = use("--convert", convert)
    if let target, let output = use("--output", output) {
      use.without(["--max-pixels"], because: "images are linked and not looked into")
      return Plan("data --convert") { [path] in
        let dataset = try Self.read(path, options)
        if isStrict, let problem = dataset.problems.first { throw WorkflowError(.badData, "\(problem) (--strict)") }
        try Self.write(dataset, target, output, rule, json: json)
      }
    }
    let maximumPixels = images.maximumPixels(use)
    return Plan("data") { [path] in
      let bar = ProgressBar().handler
      let survey = DataSurvey.run(try Self.read(path, options), rule: rule, maximumPixels: maximumPixels) {
        bar(WorkProgress("reading", $0, $1))
      }
      if json { try Console.print(json: survey) } else { try Console.print(survey.text) }
      if isStrict, let first = survey.unreadable.first {
        throw WorkflowError(.badData, "\(first.name): \(first.cause); \(first.remedy) (--strict)")
      }
    }
  }

  private static func read(_ path: String, _ options: DatasetOptions) throws(WorkflowError) -> Dataset {
    do { return try DatasetReader.read(path, options: options) } catch { throw WorkflowError(error) }
  }

  private static func write(
    _ dataset: Dataset, _ target: DatasetConversion.Target, _ output: String, _ rule: SplitRule, json: Bool
  ) throws {
    for problem in dataset.problems { Console.say("warning: \(problem)") }
    let bar = ProgressBar().handler
    let result: DatasetConversion.Result
    do {
      result = try DatasetConversion(dataset, to: target).write(
        to: output, rule: rule, isCancelled: Interruption.watch()
      ) { bar(WorkProgress("writing", $0, $1)) }
    } catch {
      throw WorkflowError(error)
    }
    if json { try Console.print(json: result) }
    if result.leftOut > 0 { Console.say("\(result.leftOut) images without a label were left out") }
    Console.say("\(result.images) images and \(result.masks) masks: \(result.path)")
  }
}
