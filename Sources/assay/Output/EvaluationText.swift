import AssayBundle
import AssayWorkflows
import Foundation

/// Whether an inspector is fit for the line, before any figure.
enum FitnessText {
  static func say(_ fitness: LineFitness) { Console.say(ShownLine(fitness.sentence)) }
}

/// An evaluation in a few lines for people.
enum EvaluationText {
  static func say(_ evaluation: Evaluation, threshold: Manifest.Threshold? = nil) {
    Console.say("\(evaluation.basis), \(evaluation.labels.count) images:")
    say(evaluation.metrics)
    if let threshold {
      Console.say("  threshold \(String(format: "%.4f", threshold.value)): \(threshold.explanation)")
    }
  }

  static func say(_ metrics: [Manifest.Metric]) {
    let widest = max(28, (metrics.map(\.name.count).max() ?? 0) + 2)
    for metric in metrics {
      let isRate = TaskEvaluation.isShare(metric.name)
      let value = isRate ? Console.percent(metric.value) : String(format: "%.4f", metric.value)
      let span = Console.span(metric)
      let interval = span.isEmpty ? "" : " " + span
      Console.say(
        "  \(metric.name.padding(toLength: widest, withPad: " ", startingAt: 0))\(value)\(interval)"
      )
    }
  }
}
