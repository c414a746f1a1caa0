import ArgumentParser
import AssayImage
import AssayInspection
import AssayLearning
import AssayWorkflows
import Foundation

struct ThresholdCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "threshold",
    abstract: "Change the threshold of a bundle, without training.",
    usage: """
      assay threshold <bundle> [<path>] --max-overkill <share> [<options>]
      assay threshold <bundle> --value <number> [<options>]
      assay threshold <bundle> --uncertain <share>
      assay threshold <bundle> --undo
      """,
    discussion: paragraphs(
      """
      By a rule: without PATH from the scores of held-out parts that the bundle keeps from training; with PATH, a folder of
      good parts (or of good and defective ones, as for training) that the bundle has not learned from, from theirs: after a
      change of light, camera or material. To a number: --value. The share of uncertain parts: --uncertain. Each change is kept in the bundle with when, who and why,
      and --undo takes the last one back.
      """))

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Argument(help: "Parts to set it by.", completion: .file())
  var path: String?

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.thresholds) var rule: RuleArguments
  @OptionGroup(title: HelpGroup.pictures) var images: ImageArguments
  @OptionGroup(title: HelpGroup.usual) var engine: EngineArguments

  struct UsualArguments: ParsableArguments {
    @Option(
      name: .customLong("class"),
      help: "Whose threshold, of a bundle in which each class has its own. (default: none, the bundle has one)")
    var className: String?

    @Option(help: "Who changes it, for the bundle's history. (default: the user's name)")
    var by: String?

    @Option(help: "Why, for the bundle's history. (default: none)")
    var reason: String?

    @Option(help: "The class of PATH that passes. (default: found by its name)")
    var good: String?

    @Flag(help: "Print as JSON.")
    var json = false
  }

  /// One of them is given.
  struct RuleArguments: ParsableArguments {
    @Option(help: "Reject at most this share of good parts, e.g. 0.005. (default: none)")
    var maxOverkill: Double?

    @Option(help: "Let pass at most this share of defects, e.g. 0.01; needs labelled defects. (default: none)")
    var maxEscape: Double?

    @Flag(help: "The best F1 of the defects; needs labelled defects.")
    var bestF1 = false

    @Option(
      help:
        "Set it to this number: a probability of being defective, 0 to 1, or an anomaly score. (default: none)")
    var value: Double?

    @Option(
      help: ArgumentHelp(
        "Change the share of parts that may be uncertain instead, by the held-out parts that the bundle keeps; 0 for none. (default: as it is)",
        valueName: "share"))
    var uncertain: Double?

    @Flag(help: "Take the last change back.")
    var undo = false

    @Option(
      help:
        "Change nothing, but divide the good parts of PATH so often at random into two halves, set the threshold by one and judge the other; prints the mean overkill rate. (default: none)"
    )
    var check: Int?

    func validate() throws {
      let rules = [maxOverkill != nil, maxEscape != nil, bestF1, value != nil, uncertain != nil, undo].count { $0 }
      guard rules == 1 else {
        throw ValidationError("give one of --max-overkill, --max-escape, --best-f1, --value, --uncertain and --undo")
      }
      if let uncertain, !(0..<1).contains(uncertain) {
        throw ValidationError("--uncertain must be at least 0 and below 1")
      }
      for (name, rate) in [("--max-overkill", maxOverkill), ("--max-escape", maxEscape)] {
        if let rate, !(rate > 0 && rate < 1) { throw ValidationError("\(name) must be above 0 and below 1") }
      }
    }
  }

  func validate() throws {
    if let check = rule.check {
      guard check > 0, path != nil, rule.maxOverkill != nil else {
        throw ValidationError("--check needs a number above 0, --max-overkill and a folder of good parts")
      }
    }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", usual.json)
    let (overkill, escape) = (use("--max-overkill", rule.maxOverkill), use("--max-escape", rule.maxEscape))
    _ = use("--best-f1", rule.bestF1)
    if use("--undo", rule.undo) {
      use.without(["--class"], because: "the last change is taken back, whose threshold it was")
      guard path == nil else { throw WorkflowError(.usage, "--undo looks at no parts; leave PATH out") }
      let author = author(use)
      return Plan("threshold --undo") { [bundle] in
        try Self.show(ThresholdChange.undo(bundle: bundle, author: author), json)
      }
    }
    if let value = use("--value", rule.value) {
      guard path == nil else { throw WorkflowError(.usage, "--value looks at no parts; leave PATH out") }
      let (className, author) = (use("--class", usual.className), author(use))
      return Plan("threshold --value") { [bundle] in
        try Self.show(ThresholdChange.set(bundle: bundle, to: value, class: className, author: author), json)
      }
    }
    if let share = use("--uncertain", rule.uncertain) {
      guard path == nil else { throw WorkflowError(.usage, "--uncertain looks at no parts; leave PATH out") }
      use.without(["--class"], because: "a part is uncertain or not, whatever its classes")
      let author = author(use)
      return Plan("threshold --uncertain") { [bundle] in
        let result = try ThresholdChange.setUncertain(bundle: bundle, to: share, author: author)
        if json { try Console.print(json: result.band) }
        Console.say(ShownLine("uncertain: \(result.sentence)"))
      }
    }
    var reading = PartsReading()
    if path == nil {
      use.without(
        ["--good", "--max-pixels", "--strict", "--encoding", "--engine"],
        because: "without a folder of parts the scores kept from training are used")
    } else {
      reading = PartsReading(
        goodClass: use("--good", usual.good), encoding: images.encoding(use), isStrict: images.isStrict(use),
        maximumPixels: images.maximumPixels(use), engines: engine.engines(use))
    }
    if let check = use("--check", rule.check), let rate = overkill, let path {
      use.without(["--class", "--by", "--reason"], because: "nothing is changed")
      return Plan("threshold --check") { [bundle, reading] in
        Self.note(bundle, path, reading)
        let result = try ThresholdChange.check(
          bundle: bundle, rate: rate, data: path, splits: check, reading: reading,
          progress: ProgressBar().handler)
        if json { try Console.print(json: result) }
        Console.say(
          "\(result.splits) random divisions of \(result.parts) good parts: \(Console.percent(result.meanOverkill)) rejected "
            + "on average (standard error \(Console.percent(result.standardError))); promised at most \(Console.percent(rate))"
        )
      }
    }
    let wanted: ThresholdRule = overkill.map { .maximumOverkill($0) } ?? escape.map { .maximumEscape($0) } ?? .bestF1
    let (className, author) = (use("--class", usual.className), author(use))
    return Plan("threshold") { [bundle, path, reading] in
      if let path { Self.note(bundle, path, reading) }
      try Self.show(
        ThresholdChange.run(
          bundle: bundle, rule: wanted, data: path, class: className, reading: reading, author: author,
          progress: ProgressBar().handler), json)
    }
  }

  /// What must be known of how the bundle sees the parts.
  private static func note(_ bundle: String, _ path: String, _ reading: PartsReading) {
    let notes = BundleTest.pictureNotes(
      bundle: bundle, on: path, encoding: reading.encoding, cache: nil, maximumPixels: reading.maximumPixels)
    for note in notes { Console.say("warning: \(note)") }
  }

  private func author(_ use: OptionUse) -> ThresholdSetting.Author {
    ThresholdSetting.Author(by: use("--by", usual.by) ?? NSUserName(), reason: use("--reason", usual.reason))
  }

  private static func show(_ result: ThresholdChange.Result, _ json: Bool) throws {
    if json { try Console.print(json: result) }
    let before = result.before.map { String(format: "%.6g", $0) } ?? "none"
    Console.say(
      "threshold \(result.class.map { "of \($0) " } ?? "")\(before) -> "
        + "\(String(format: "%.6g", result.threshold.value)): \(result.threshold.explanation)")
  }
}
