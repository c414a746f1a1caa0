import ArgumentParser
import AssayLearning
import AssayWorkflows
import Foundation

struct ThresholdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threshold",
    abstract: "Set the threshold of an anomaly detector anew, without training.",
    discussion: """
      Without PATH the scores kept from training are used. With PATH, a folder of good parts (or of good and defective
      ones, as for training) that the bundle has not learned from is scored and takes their place: after a change of light,
      camera or material.
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Argument(help: "Parts to set it by.")
  var path: String?

  @Option(help: "Reject at most this share of good parts, e.g. 0.005.")
  var maxOverkill: Double?

  @Option(help: "Let pass at most this share of defects, e.g. 0.01; needs labelled defects.")
  var maxEscape: Double?

  @Flag(help: "The best F1 of the defects; needs labelled defects.")
  var bestF1 = false

  @Option(help: "The class of PATH that passes; found by its name when not given.")
  var good: String?

  @Option(
    help:
      "Change nothing, but divide the good parts of PATH so often at random into two halves, set the threshold by one and judge the other; prints the mean overkill rate."
  )
  var check: Int?

  @OptionGroup var images: ImageArguments

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    let rules = [maxOverkill != nil, maxEscape != nil, bestF1].count { $0 }
    guard rules == 1 else { throw ValidationError("give one of --max-overkill, --max-escape and --best-f1") }
    for (name, rate) in [("--max-overkill", maxOverkill), ("--max-escape", maxEscape)] {
      if let rate, !(rate > 0 && rate < 1) { throw ValidationError("\(name) must be above 0 and below 1") }
    }
    if let check {
      guard check > 0, path != nil, maxOverkill != nil else {
        throw ValidationError("--check needs a number above 0, --max-overkill and a folder of good parts")
      }
    }
  }

  func run() throws {
    try Console.run {
      let bar = ProgressBar().handler
      if let check, let rate = maxOverkill, let path {
        let result = try ThresholdChange.check(
          bundle: bundle, rate: rate, data: path, splits: check, goodClass: good, maximumPixels: images.maxPixels,
          progress: bar)
        if json { try Console.print(json: result) }
        Console.say(
          "\(result.splits) random divisions of \(result.parts) good parts: \(Console.percent(result.meanOverkill)) rejected "
            + "on average (standard error \(Console.percent(result.standardError))); promised at most \(Console.percent(rate))"
        )
        return
      }
      let rule: ThresholdRule =
        maxOverkill.map { .maximumOverkill($0) } ?? maxEscape.map { .maximumEscape($0) } ?? .bestF1
      let result = try ThresholdChange.run(
        bundle: bundle, rule: rule, data: path, goodClass: good, maximumPixels: images.maxPixels, progress: bar)
      for text in result.unreadable { Console.say("warning: \(text)") }
      if json { try Console.print(json: result) }
      let before = result.before.map { String(format: "%.6g", $0) } ?? "none"
      Console.say(
        "threshold \(before) -> \(String(format: "%.6g", result.threshold.value)): \(result.threshold.explanation)")
    }
  }
}

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
