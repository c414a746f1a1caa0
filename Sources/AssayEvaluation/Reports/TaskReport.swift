import AssayBase
import AssayBundle
import AssayInspection
import AssayMetrics
package import AssayReport
import Foundation

/// The report's sections on several tasks.
package enum TaskReport {
  /// - Parameter primary: the task that the rest of the report is about.
  package static func sections(_ evaluations: [TaskEvaluation], primary: String?) -> [ReportContent.TaskResult] {
    evaluations.map { section($0, isPrimary: $0.name == primary) }
  }

  /// Why sections of other reports are missing where no task tells good from defective.
  package static let missing: [ReportContent.Section: String] = [
    .confusion: "No task tells good from defective. What was taken for what is told task by task.",
    .classes: "No task tells good from defective. Levels and values are told task by task.",
    .decision: "Values are stated and no part is rejected: there is no threshold.",
    .mistakes:
      "A value is nearly never exactly right: how far it is off is drawn part by part in the task's own section.",
    .curves: "Without a threshold there are no others to compare it with.",
    .reliability: "A value is stated with an interval; the task's own section says how often it holds the truth.",
    .learning: "The heads are fitted at once; their penalties were chosen by cross-validation.",
  ]

  private static func section(_ evaluation: TaskEvaluation, isPrimary: Bool) -> ReportContent.TaskResult {
    let seen =
      evaluation.basis == "held-out test"
      ? "\(evaluation.count) images it had never seen"
      : "\(evaluation.count) images, each judged by a model that had not seen it"
    let figures = evaluation.metrics.map { metric in
      ReportContent.Figure(name: metric.name, value: text(metric, metric.value), interval: interval(metric))
    }
    switch evaluation.result {
    case .classification(let own):
      var verdict =
        "On \(seen), the right one of \(own.classes.count) classes was named for \(percent(own.confusion.accuracy))."
      if isPrimary {
        verdict += " This task decides between good and defective: the sections of this report are about it."
      }
      var section = ReportContent.TaskResult(name: evaluation.name, verdict: verdict, figures: figures)
      if !isPrimary {
        section.classes = own.classes
        section.confusion = own.confusion
      }
      return section
    case .ordinal(let own):
      var section = ReportContent.TaskResult(
        name: evaluation.name,
        verdict: "On \(seen), the right one of \(own.levels.count) ordered levels was the most probable for "
          + "\(percent(own.confusion.accuracy)).", figures: figures)
      section.classes = own.levels.map(LevelName.text)
      section.confusion = own.confusion
      return section
    case .real(let own):
      let error = evaluation.metric("mean absolute error")?.value ?? 0
      var section = ReportContent.TaskResult(
        name: evaluation.name,
        verdict: "On \(seen), the stated value was wrong by \(String(format: "%.4g", error)) on average."
          + (own.halfWidth.map {
            " It is stated ± \(String(format: "%.4g", $0)), an interval that holds the true value of a new part in at "
              + "least 95 of 100 cases."
          } ?? ""), figures: figures)
      section.values = zip(own.actual, own.stated).map { (actual: $0, stated: $1) }
      section.halfWidth = own.halfWidth
      return section
    }
  }

  private static func percent(_ value: Double) -> String { ShareText.percent(value) }

  private static func text(_ metric: Manifest.Metric, _ value: Double) -> String {
    TaskEvaluation.isShare(metric.name) ? percent(value) : String(format: "%.4g", value)
  }

  private static func interval(_ metric: Manifest.Metric) -> String? {
    guard let low = metric.low, let high = metric.high else { return nil }
    return "95 %: "
      + (TaskEvaluation.isShare(metric.name)
        ? Interval(low: low, high: high).percent() : "\(text(metric, low)) … \(text(metric, high))")
  }
}
