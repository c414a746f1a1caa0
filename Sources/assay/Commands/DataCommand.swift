public import ArgumentParser
import AssayData
import AssayWorkflows
import Foundation

extension DatasetConversion.Target: ExpressibleByArgument {}

struct DataCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract:
      "Look at a data set: layout, classes, sizes, copies, leaks between splits, unreadable files; or convert it.",
    usage: """
      assay data <path> [<options>]
      assay data <path> --convert <convert> --output <folder> [<options>]
      """,
    discussion: paragraphs(
      """
      With --convert the data set is written in another layout into a new folder: images are linked where the file system
      allows it, masks are drawn as PNG. Nothing is overwritten, and nothing half-written stays behind. What lies outside
      the data set's folder (by a symbolic link, or by a path in a table) is named and left out.

      With --show what was understood is drawn into a folder: each picture with its classes, boxes, polygons and masks, by
      class and split, and what was left out with its cause. Open index.html in it. A folder that --show has written before
      is replaced; no other is overwritten.
      """))

  @Argument(help: "The data set.", completion: .file())
  var path: String

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.usual) var labels: LabelArguments
  @OptionGroup(title: HelpGroup.pictures) var images: ImageArguments
  @OptionGroup(title: HelpGroup.pictures) var white: WhiteLevelArguments

  struct UsualArguments: ParsableArguments {
    @Option(
      help: ArgumentHelp("Draw what was understood into this folder. (default: none)", valueName: "folder"),
      completion: .directory)
    var show: String?

    @Option(help: "Write the data set as class-folders, mvtec or csv. (default: none)")
    var convert: DatasetConversion.Target?

    @Option(
      name: [.short, .long],
      help: ArgumentHelp(
        "The folder to write with --convert; it must not exist. (default: none)", valueName: "folder"),
      completion: .file())
    var output: String?

    @Option(help: "Seed of the splits.")
    var seed: UInt64 = 0

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
      guard (convert == nil) == (output == nil) else {
        throw ValidationError("--convert and --output belong together")
      }
      guard show == nil || convert == nil else { throw ValidationError("give --show or --convert, not both") }
    }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let options = DatasetOptions(
      labels: use("--labels", labels.labels), goodClass: use("--good", labels.good), encoding: images.encoding(use))
    let isStrict = images.isStrict(use)
    let json = use("--json", usual.json)
    let target = use("--convert", usual.convert)
    if let target, let output = use("--output", usual.output) {
      use.without(["--max-pixels", "--white-level"], because: "images are linked and not looked into")
      let rule = SplitRule(seed: use("--seed", usual.seed))
      return Plan("data --convert") { [path] in
        let dataset = try Self.read(path, options)
        try Self.write(dataset, path, target, output, rule, isStrict: isStrict, json: json)
      }
    }
    let maximumPixels = images.maximumPixels(use)
    if let folder = use("--show", usual.show) {
      use.without(["--white-level"], because: "pictures are drawn with their own contrast")
      return Plan("data --show") { [path] in
        var dataset = try Self.read(path, options)
        try Self.draw(&dataset, path, folder, maximumPixels, isStrict: isStrict, json: json)
      }
    }
    let rule = SplitRule(seed: use("--seed", usual.seed))
    let whiteLevel = white.level(use)
    return Plan("data") { [path] in
      let bar = ProgressBar().handler
      let survey = DataSurvey.run(
        try Self.read(path, options), rule: rule, whiteLevel: whiteLevel, maximumPixels: maximumPixels
      ) {
        bar(WorkProgress("reading", $0, $1))
      }
      // The text has it as well; on a terminal that shows both, once is enough.
      if json || isatty(STDOUT_FILENO) == 0 || isatty(STDERR_FILENO) == 0 {
        var reading = survey.reading
        reading.path = path
        DataText.say(reading.notices.filter { json || $0.isWarning })
      }
      if json { try Console.print(json: survey) } else { try Console.print(ShownLine(lines: survey.text)) }
      if isStrict, let first = survey.problems.first { throw WorkflowError(.badData, "\(first) (--strict)") }
    }
  }

  private static func read(_ path: String, _ options: DatasetOptions) throws(WorkflowError) -> Dataset {
    do { return try DatasetReader.read(path, options: options) } catch { throw WorkflowError(error) }
  }

  private static func draw(
    _ dataset: inout Dataset, _ path: String, _ folder: String, _ maximumPixels: Int, isStrict: Bool, json: Bool
  ) throws {
    let bar = ProgressBar().handler
    do {
      try dataset.take(path, for: .classes, isStrict: isStrict, progress: bar)
      let result = try DatasetGallery.write(
        dataset, path: path, to: folder, maximumPixels: maximumPixels,
        isCancelled: Interruption.watch("the picture; nothing is written"),
        progress: bar)
      if json { try Console.print(json: result) }
      Console.say("\(result.pictures) pictures: \(result.path)/index.html")
      if isStrict, let first = result.reading.leftOut.first {
        throw WorkflowError(.badData, "\(path): \(first) (--strict)")
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func write(
    _ dataset: Dataset, _ path: String, _ target: DatasetConversion.Target, _ output: String, _ rule: SplitRule,
    isStrict: Bool, json: Bool
  ) throws {
    let bar = ProgressBar().handler
    let conversion = DatasetConversion(dataset, to: target)
    // What has no label has a place in some layouts; the conversion itself says what it leaves out.
    bar(WorkProgress(notices: DataReading(conversion.dataset, path: path).notices))
    if isStrict, let problem = conversion.dataset.problems.first {
      throw WorkflowError(.badData, "\(problem) (--strict)")
    }
    let result: DatasetConversion.Result
    do {
      result = try conversion.write(
        to: output, rule: rule, isCancelled: Interruption.watch("the picture; nothing is written")
      ) { bar(WorkProgress("writing", $0, $1)) }
    } catch {
      throw WorkflowError(error)
    }
    if json { try Console.print(json: result) }
    if result.leftOut > 0 { Console.say("\(result.leftOut) images without a label were left out") }
    Console.say("\(result.images) images and \(result.masks) masks: \(result.path)")
  }
}
