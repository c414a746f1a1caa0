import ArgumentParser
import AssayWorkflows
import Foundation

struct AdaptCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "adapt",
    abstract: "Fit a classifier to another line or plant, without labels.",
    usage: "assay adapt <bundle> <images> ... --output <bundle> [<options>]",
    discussion: paragraphs(
      """
      IMAGES are photographs of the new line, as they come, 16 or more; 100 are better. The features are re-centred and
      re-scaled to the new line, and the correction is folded into the bundle's graph, which is written to -o only when a
      held-out test says that it helps; otherwise the command says why not, and still succeeds (--force writes it anyway).

      A folder of good parts of the new line (--good; a handful will do) makes sure that a new mix of parts is not taken
      for a new camera. A few labelled images (--labelled, one folder for each class) test the result directly.

      Anomaly detectors are taught with `assay add` instead.
      """))

  enum Method: String, ExpressibleByArgument, CaseIterable {
    case auto, statistics, coral, subspace
    case batchStatistics = "batch-statistics"
  }

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Argument(help: "Images of the new line, or folders of them.", completion: .file())
  var images: [String]

  @OptionGroup(title: HelpGroup.required) var place: PlaceArguments
  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.pictures) var files: ImageArguments
  @OptionGroup(title: HelpGroup.usual) var engine: EngineArguments

  struct PlaceArguments: ParsableArguments {
    @Option(
      name: [.short, .long], help: ArgumentHelp("The bundle to write.", valueName: "bundle"), completion: .file())
    var output: String
  }

  struct UsualArguments: ParsableArguments {
    @Option(
      help:
        "auto (the best on held-out images), statistics (mean and deviation of each feature), coral (and correlations), subspace (needs --good) or batch-statistics (needs --source)."
    )
    var method: Method = .auto

    @Option(
      help: "A folder of parts of the new line that are known to be good. (default: none)", completion: .directory)
    var good: String?

    @Option(
      help:
        "A folder of labelled images of the new line to test on; they are not learned from. (default: none)",
      completion: .directory)
    var labelled: String?

    @Option(
      help:
        "Labelled images of the line that the bundle was trained on. (default: what the bundle keeps of it)",
      completion: .file())
    var source: String?

    @Flag(help: "Write the bundle even if the test says that it does not help.")
    var force = false

    @Option(help: "Seed of the division into halves.")
    var seed: UInt64 = 0

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false

    func validate() throws {
      if method == .subspace, good == nil { throw ValidationError("--method subspace needs --good") }
      if method == .batchStatistics, source == nil || good != nil {
        throw ValidationError("--method batch-statistics needs --source, and cannot be had with --good")
      }
    }
  }

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("name at least one image or folder of the new line") }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let options = AdaptationOptions(
      method: AdaptationMethod(rawValue: use("--method", usual.method).rawValue), good: use("--good", usual.good),
      labelled: use("--labelled", usual.labelled), source: use("--source", usual.source),
      isForced: use("--force", usual.force),
      seed: use("--seed", usual.seed), maximumPixels: files.maximumPixels(use), isStrict: files.isStrict(use),
      encoding: files.encoding(use), commandLine: typedCommand(), engines: engine.engines(use))
    let output = use("--output", place.output)
    let json = use("--json", usual.json)
    return Plan("adapt", kept: "no bundle was written") { [bundle, images] in
      let result = try Adapter.adapt(
        bundle: bundle, images: images, output: output, options: options, progress: ProgressBar().handler)
      if json { try Console.print(json: result) }
      for candidate in result.candidates {
        Console.say(
          "  \(candidate.method.rawValue), \(candidate.belief): distance "
            + "\(AdaptationText.number(candidate.distanceBefore)) -> \(AdaptationText.number(candidate.distanceAfter))")
      }
      for finding in result.findings { Console.say(ShownLine(finding)) }
      if let written = result.output {
        if !result.isRecommended { Console.say("warning: written because of --force") }
        Console.say("bundle: \(written)\nreport: \(written)/report.html")
      } else {
        Console.say("nothing was written")
      }
    }
  }
}

enum AdaptationText {
  /// A distance; below 0 only by chance.
  static func number(_ value: Double) -> String { String(format: "%.3f", max(0, value)) }
}
