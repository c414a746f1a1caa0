import ArgumentParser
import AssayLearning
import AssayWorkflows
import Foundation

/// `assay add` and `assay forget`.
struct TeachingArguments: ParsableArguments {
  @Argument(help: "The bundle.")
  var bundle: String

  @Argument(help: "Images or folders.")
  var images: [String]

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("name at least one image or folder") }
  }

  func show(_ result: FewShotTeaching.Result) throws {
    if json { try Console.print(json: result) }
    for note in result.notes { Console.say("note: \(note)") }
    let counts = result.classes.map { "\($0) \(result.counts[$0] ?? 0)" }.joined(separator: ", ")
    Console.say(
      result.images.isEmpty
        ? "nothing was changed; the bundle knows \(counts)"
        : "\(result.images.count) images; the bundle knows \(counts) (\(result.classifier))")
  }

  func show(_ result: MemoryTeaching.Result) throws {
    if json { try Console.print(json: result) }
    for note in result.notes { Console.say("note: \(note)") }
    Console.say(
      "\(result.images.count) images; memory \(result.rowsBefore) -> \(result.rowsAfter) rows"
        + (result.images.isEmpty ? "; nothing was changed" : "; check the threshold with `assay threshold`"))
  }
}

struct AddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract:
      "Teach an anomaly detector new good parts, or a few-shot bundle images of a class, without training anew.",
    discussion: """
      With --class the images become examples of a known or a new class of a bundle of `train --method fewshot`, which is
      fitted again in seconds and replaced in one step. Undone by `assay forget`.
      """)

  @OptionGroup var arguments: TeachingArguments

  @Option(name: .customLong("class"), help: "Few-shot: the class of the images, known or new.")
  var className: String?

  func run() throws {
    try Console.run {
      if let className {
        return try arguments.show(
          FewShotTeaching.add(
            bundle: arguments.bundle, images: arguments.images, class: className, commandLine: typedCommand(),
            progress: ProgressBar().handler))
      }
      guard try !FewShotTeaching.accepts(bundle: arguments.bundle) else {
        throw WorkflowError(
          .usage, "\(arguments.bundle): say what the images show: --class NAME, a known or a new class")
      }
      try arguments.show(
        MemoryTeaching.add(bundle: arguments.bundle, images: arguments.images, progress: ProgressBar().handler))
    }
  }
}

struct ForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Remove images from an anomaly detector's memory or a few-shot bundle, without training anew.",
    discussion: "Undone by `assay add`; an anomaly detector then has the very same memory as before.")

  @OptionGroup var arguments: TeachingArguments

  func run() throws {
    try Console.run {
      if try FewShotTeaching.accepts(bundle: arguments.bundle) {
        return try arguments.show(
          FewShotTeaching.forget(
            bundle: arguments.bundle, images: arguments.images, progress: ProgressBar().handler))
      }
      try arguments.show(MemoryTeaching.forget(bundle: arguments.bundle, images: arguments.images))
    }
  }
}
