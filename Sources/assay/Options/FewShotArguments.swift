import ArgumentParser
import AssayWorkflows
import Foundation

/// What only `evaluate --method fewshot` knows.
struct FewShotArguments: ParsableArguments {
  enum Method: String, ExpressibleByArgument, CaseIterable { case fewshot }

  @Option(
    help:
      "fewshot: learn from a few images of each class, drawn at random, and test on the others; no bundle. (default: none)"
  )
  var method: Method?

  @Option(help: "Images of each class to learn from. (default: 1, 2, 4, 8 and 16)")
  var shots: Int?

  @Option(help: "Draws of these images, each with a seed of its own.")
  var seeds = FewShotEvaluator.usualSeeds

  func validate() throws {
    if let shots, shots < 1 { throw ValidationError("--shots must be at least 1") }
    guard seeds >= 1 else { throw ValidationError("--seeds must be at least 1") }
  }
}

/// A few-shot curve for people and for scripts.
struct FewShotOutput: Encodable {
  let classes: [String]
  let unreadable: [String]
  let points: [FewShotCurve.Point]

  init(_ result: FewShotEvaluator.Result) {
    classes = result.classes
    unreadable = result.unreadable
    points = result.curve.points
  }

  static func say(_ curve: FewShotCurve) {
    Console.say("images of each class: mean accuracy, standard deviation, least and greatest of the draws")
    for point in curve.points {
      let chosen = point.classifiers.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
      Console.say(
        "  \(point.shots): \(Console.percent(point.mean)), deviation \(Console.percent(point.deviation)), "
          + "\(Console.percent(point.least)) ... \(Console.percent(point.greatest)); \(point.accuracies.count) draws, "
          + "tested on \(point.tested) images; \(chosen)")
    }
  }
}
