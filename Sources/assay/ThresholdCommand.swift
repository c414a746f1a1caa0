import ArgumentParser
import AssayInspection
import AssayLearning
import AssayWorkflows
import Foundation

struct ThresholdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threshold",
    abstract: "Change the threshold of a bundle, without training.",
    discussion: """
      By a rule: without PATH from the scores of held-out parts that the bundle keeps from training; with PATH, a folder of
      good parts (or of good and defective ones, as for training) that the bundle has not learned from, from theirs: after a
      change of light, camera or material. To a number: --value. Each change is kept in the bundle with when, who and why,
      and --undo takes the last one back.
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

  @Option(help: "Set it to this number: a probability of being defective, 0 to 1, or an anomaly score.")
  var value: Double?

  @Flag(help: "Take the last change back.")
  var undo = false

  @Option(name: .customLong("class"), help: "Whose threshold, of a bundle in which each class has its own.")
  var className: String?

  @Option(help: "Who changes it, for the bundle's history; the user's name when not given.")
  var by: String?

  @Option(help: "Why, for the bundle's history.")
  var reason: String?

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
    let rules = [maxOverkill != nil, maxEscape != nil, bestF1, value != nil, undo].count { $0 }
    guard rules == 1 else {
      throw ValidationError("give one of --max-overkill, --max-escape, --best-f1, --value and --undo")
    }
    for (name, rate) in [("--max-overkill", maxOverkill), ("--max-escape", maxEscape)] {
      if let rate, !(rate > 0 && rate < 1) { throw ValidationError("\(name) must be above 0 and below 1") }
    }
    if value != nil || undo {
      guard path == nil, good == nil else {
        throw ValidationError("--value and --undo look at no parts; leave PATH and --good out")
      }
    }
    if undo, className != nil {
      throw ValidationError("--undo takes the last change back, whose it was; leave --class out")
    }
    if let check {
      guard check > 0, path != nil, maxOverkill != nil, className == nil, by == nil, reason == nil else {
        throw ValidationError(
          "--check changes nothing: it needs a number above 0, --max-overkill and a folder of good parts, and no --class, --by or --reason"
        )
      }
    }
  }

  func run() throws {
    try Console.run {
      let bar = ProgressBar().handler
      if let path {
        let notes = BundleTest.pictureNotes(bundle: bundle, on: path, cache: nil, maximumPixels: images.maxPixels)
        for note in notes { Console.say("warning: \(note)") }
      }
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
      let author = ThresholdSetting.Author(by: by ?? NSUserName(), reason: reason)
      let result: ThresholdChange.Result
      if undo {
        result = try ThresholdChange.undo(bundle: bundle, author: author)
      } else if let value {
        result = try ThresholdChange.set(bundle: bundle, to: value, class: className, author: author)
      } else {
        let rule: ThresholdRule =
          maxOverkill.map { .maximumOverkill($0) } ?? maxEscape.map { .maximumEscape($0) } ?? .bestF1
        result = try ThresholdChange.run(
          bundle: bundle, rule: rule, data: path, class: className, goodClass: good, author: author,
          maximumPixels: images.maxPixels, progress: bar)
      }
      for text in result.unreadable { Console.say("warning: \(text)") }
      if json { try Console.print(json: result) }
      let before = result.before.map { String(format: "%.6g", $0) } ?? "none"
      Console.say(
        "threshold \(result.class.map { "of \($0) " } ?? "")\(before) -> "
          + "\(String(format: "%.6g", result.threshold.value)): \(result.threshold.explanation)")
    }
  }
}
