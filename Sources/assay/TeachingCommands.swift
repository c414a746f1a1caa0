import ArgumentParser
import AssayImage
import AssayLearning
import AssayWorkflows
import Foundation

struct ThresholdCommand: PlannedCommand {
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

  @OptionGroup var images: DecodingArguments

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

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", json)
    let (overkill, escape) = (use("--max-overkill", maxOverkill), use("--max-escape", maxEscape))
    _ = use("--best-f1", bestF1)
    var goodClass: String?
    var maximumPixels = DecodingOptions().maximumPixels
    if path == nil {
      use.without(
        ["--good", "--max-pixels"], because: "without a folder of parts the scores kept from training are used")
    } else {
      goodClass = use("--good", good)
      maximumPixels = images.maximumPixels(use)
    }
    if let check = use("--check", check), let rate = overkill, let path {
      return Plan("threshold --check") { [bundle, goodClass, maximumPixels] in
        let result = try ThresholdChange.check(
          bundle: bundle, rate: rate, data: path, splits: check, goodClass: goodClass, maximumPixels: maximumPixels,
          progress: ProgressBar().handler)
        if json { try Console.print(json: result) }
        Console.say(
          "\(result.splits) random divisions of \(result.parts) good parts: \(Console.percent(result.meanOverkill)) rejected "
            + "on average (standard error \(Console.percent(result.standardError))); promised at most \(Console.percent(rate))"
        )
      }
    }
    let rule: ThresholdRule = overkill.map { .maximumOverkill($0) } ?? escape.map { .maximumEscape($0) } ?? .bestF1
    return Plan("threshold") { [bundle, path, goodClass, maximumPixels] in
      let result = try ThresholdChange.run(
        bundle: bundle, rule: rule, data: path, goodClass: goodClass, maximumPixels: maximumPixels,
        progress: ProgressBar().handler)
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
    discussion: """
      With --class the images become examples of a known or a new class of a bundle of `train --method fewshot`, which is
      fitted again in seconds and replaced in one step. Undone by `assay forget`.
      """)

  @OptionGroup var arguments: TeachingArguments

  @Option(name: .customLong("class"), help: "Few-shot: the class of the images, known or new.")
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
