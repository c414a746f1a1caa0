import ArgumentParser
import AssayImage
import AssayLearning
import AssayWorkflows
import Foundation

/// `assay add` and `assay forget`.
struct TeachingArguments: ParsableArguments {
  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Argument(help: "Images or folders.", completion: .file())
  var images: [String]

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("name at least one image or folder") }
  }

  static func show(_ result: FewShotTeaching.Result, json: Bool) throws {
    if json { try Console.print(json: result) }
    for note in result.notes { Console.say("note: \(note)") }
    let counts = result.classes.map { "\($0) \(result.counts[$0] ?? 0)" }.joined(separator: ", ")
    Console.say(
      result.images.isEmpty
        ? "nothing was changed; the bundle knows \(counts)"
        : "\(result.images.count) images; the bundle knows \(counts) (\(result.classifier))")
  }

  static func show(_ result: MemoryTeaching.Result, json: Bool) throws {
    if json { try Console.print(json: result) }
    for note in result.notes { Console.say("note: \(note)") }
    Console.say(
      "\(result.images.count) images; memory \(result.rowsBefore) -> \(result.rowsAfter) rows"
        + (result.images.isEmpty ? "; nothing was changed" : "; check the threshold with `assay threshold`"))
  }
}

struct AddCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract:
      "Teach an anomaly detector new good parts, or a few-shot bundle images of a class, without training anew.",
    usage: "assay add <bundle> <images> ... [--class <class>] [--json]",
    discussion: paragraphs(
      """
      With --class the images become examples of a known or a new class of a bundle of `train --method fewshot`, which is
      fitted again in seconds and replaced in one step. Undone by `assay forget`.
      """))

  @OptionGroup var arguments: TeachingArguments

  @Option(
    name: .customLong("class"),
    help: "The class of the images, known or new; needed for a few-shot bundle. (default: none)")
  var className: String?

  func plan(_ use: OptionUse) throws -> Plan {
    let (bundle, images) = (arguments.bundle, arguments.images)
    let json = use("--json", arguments.json)
    guard try FewShotTeaching.accepts(bundle: bundle) else {
      use.without(["--class"], because: "the bundle is not one of --method fewshot, and learns good parts only")
      return Plan("add") {
        try TeachingArguments.show(
          MemoryTeaching.add(bundle: bundle, images: images, progress: ProgressBar().handler), json: json)
      }
    }
    guard let className = use("--class", className) else {
      throw WorkflowError(.usage, "\(bundle): say what the images show: --class NAME, a known or a new class")
    }
    return Plan("add --class") {
      try TeachingArguments.show(
        FewShotTeaching.add(
          bundle: bundle, images: images, class: className, commandLine: typedCommand(),
          progress: ProgressBar().handler), json: json)
    }
  }
}

struct ForgetCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Remove images from an anomaly detector's memory or a few-shot bundle, without training anew.",
    usage: "assay forget <bundle> <images> ... [--json]",
    discussion: "Undone by `assay add`; an anomaly detector then has the very same memory as before.")

  @OptionGroup var arguments: TeachingArguments

  func plan(_ use: OptionUse) throws -> Plan {
    let (bundle, images) = (arguments.bundle, arguments.images)
    let json = use("--json", arguments.json)
    return Plan("forget") {
      if try FewShotTeaching.accepts(bundle: bundle) {
        try TeachingArguments.show(
          FewShotTeaching.forget(bundle: bundle, images: images, progress: ProgressBar().handler), json: json)
      } else {
        try TeachingArguments.show(MemoryTeaching.forget(bundle: bundle, images: images), json: json)
      }
    }
  }
}
