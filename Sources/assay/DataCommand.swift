import ArgumentParser
import AssayData
import AssayWorkflows
import Foundation

extension DatasetConversion.Target: ExpressibleByArgument {}

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract:
      "Look at a data set: layout, classes, sizes, copies, leaks between splits, unreadable files; or convert it.",
    discussion: """
      With --convert the data set is written in another layout into a new folder: images are linked where the file system
      allows it, masks are drawn as PNG. Nothing is overwritten, and nothing half-written stays behind.

      With --show what was understood is drawn into a folder: each picture with its classes, boxes, polygons and masks, by
      class and split, and what was left out with its cause. Open index.html in it. A folder that --show has written before
      is replaced; no other is overwritten.
      """)

  @Argument(help: "The data set.")
  var path: String

  @Option(help: "Write the data set as class-folders, mvtec or csv.")
  var convert: DatasetConversion.Target?

  @Option(name: [.short, .long], help: "The folder to write with --convert; it must not exist.")
  var output: String?

  @Option(help: ArgumentHelp("Draw what was understood into this folder.", valueName: "folder"))
  var show: String?

  @OptionGroup var labels: LabelArguments
  @OptionGroup var images: ImageArguments

  @Option(help: "Seed of the splits.")
  var seed: UInt64 = 0

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard (convert == nil) == (output == nil) else { throw ValidationError("--convert and --output belong together") }
    guard show == nil || convert == nil else { throw ValidationError("give --show or --convert, not both") }
  }

  func run() throws {
    try Console.run {
      do {
        var dataset = try DatasetReader.read(
          path, options: .init(labels: labels.labels, goodClass: labels.good, encoding: images.encoding))
        if let convert, let output {
          try write(dataset, convert, output)
        } else if let show {
          try draw(&dataset, show)
        } else {
          try survey(dataset)
        }
      } catch {
        throw WorkflowError(error)
      }
    }
  }

  private func survey(_ dataset: Dataset) throws {
    let bar = ProgressBar().handler
    let survey = DataSurvey.run(dataset, rule: SplitRule(seed: seed), maximumPixels: images.maxPixels) {
      bar(WorkProgress("reading", $0, $1))
    }
    // The text has it as well; on a terminal that shows both, once is enough.
    if json || isatty(STDOUT_FILENO) == 0 || isatty(STDERR_FILENO) == 0 {
      var reading = survey.reading
      reading.path = path
      DataText.say(reading.notices.filter { json || $0.isWarning })
    }
    if json { try Console.print(json: survey) } else { print(survey.text) }
    if images.strict, let first = survey.problems.first { throw WorkflowError(.badData, "\(first) (--strict)") }
  }

  private func draw(_ dataset: inout Dataset, _ folder: String) throws {
    let bar = ProgressBar().handler
    try dataset.take(path, for: .classes, isStrict: images.strict, progress: bar)
    let result = try DatasetGallery.write(
      dataset, path: path, to: folder, maximumPixels: images.maxPixels, isCancelled: Interruption.watch(), progress: bar
    )
    if json { try Console.print(json: result) }
    Console.say("\(result.pictures) pictures: \(result.path)/index.html")
    if images.strict, let first = result.reading.leftOut.first {
      throw WorkflowError(.badData, "\(path): \(first) (--strict)")
    }
  }

  private func write(_ dataset: Dataset, _ target: DatasetConversion.Target, _ output: String) throws {
    let bar = ProgressBar().handler
    // What has no label has a place in some layouts; the conversion itself says what it leaves out.
    bar(WorkProgress(notices: DataReading(dataset, path: path).notices))
    if images.strict, let problem = dataset.problems.first { throw WorkflowError(.badData, "\(problem) (--strict)") }
    let result = try DatasetConversion(dataset, to: target).write(
      to: output, rule: SplitRule(seed: seed), isCancelled: Interruption.watch()
    ) { bar(WorkProgress("writing", $0, $1)) }
    if json { try Console.print(json: result) }
    if result.leftOut > 0 { Console.say("\(result.leftOut) images without a label were left out") }
    Console.say("\(result.images) images and \(result.masks) masks: \(result.path)")
  }
}
