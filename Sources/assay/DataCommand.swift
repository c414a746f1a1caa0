import ArgumentParser
import AssayData
import AssayWorkflows

extension DatasetConversion.Target: ExpressibleByArgument {}

struct DataCommand: ParsableCommand {
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

  @OptionGroup var white: WhiteLevelArguments

  @Option(help: "Seed of the splits.")
  var seed: UInt64 = 0

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard (convert == nil) == (output == nil) else { throw ValidationError("--convert and --output belong together") }
    guard convert == nil || white.whiteLevel == nil else {
      throw ValidationError("--convert leaves pictures as they are; leave --white-level out")
    }
  }

  func run() throws {
    try Console.run {
      do {
        let dataset = try DatasetReader.read(path, options: .init(labels: labels.labels, goodClass: labels.good))
        if let convert, let output { try write(dataset, convert, output) } else { try survey(dataset) }
      } catch {
        throw WorkflowError(error)
      }
    }
  }

  private func survey(_ dataset: Dataset) throws {
    let bar = ProgressBar().handler
    let survey = DataSurvey.run(
      dataset, rule: SplitRule(seed: seed), whiteLevel: white.whiteLevel, maximumPixels: images.maxPixels
    ) {
      bar(WorkProgress("reading", $0, $1))
    }
    if json { try Console.print(json: survey) } else { print(survey.text) }
    if images.strict, let first = survey.unreadable.first {
      throw WorkflowError(.badData, "\(first.name): \(first.cause); \(first.remedy) (--strict)")
    }
  }

  private func write(_ dataset: Dataset, _ target: DatasetConversion.Target, _ output: String) throws {
    if images.strict, let problem = dataset.problems.first { throw WorkflowError(.badData, "\(problem) (--strict)") }
    for problem in dataset.problems { Console.say("warning: \(problem)") }
    let bar = ProgressBar().handler
    let result = try DatasetConversion(dataset, to: target).write(
      to: output, rule: SplitRule(seed: seed), isCancelled: Interruption.watch()
    ) { bar(WorkProgress("writing", $0, $1)) }
    if json { try Console.print(json: result) }
    if result.leftOut > 0 { Console.say("\(result.leftOut) images without a label were left out") }
    Console.say("\(result.images) images and \(result.masks) masks: \(result.path)")
  }
}
