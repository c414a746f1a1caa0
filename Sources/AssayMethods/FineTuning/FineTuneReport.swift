package import AssayBundle
import AssayImage
package import AssayReport
package import AssayTraining
import Foundation

/// What the report says of fine-tuning.
package struct FineTuneReport {
  /// Of each task; without a name where there is one.
  package let comparisons: [(task: String?, comparison: ProbeComparison)]
  package let check: AugmentationCheck
  package let options: FineTuneOptions
  package let isTuned: Bool
  /// Whether the fine-tuned network was the better one.
  package let isBetter: Bool

  /// For the manifest.
  /// - Parameter task: of several; nil for one.
  package func recipe(_ run: FineTuneRun, task: TaskShare? = nil) throws -> Recipe {
    try Recipe(FineTuneRecipe(options, bestEpoch: run.bestEpoch, task: task))
  }

  package func add(to content: inout ReportContent) { add(to: &content, run: nil) }

  package func add(to content: inout ReportContent, run: FineTuneRun?) {
    func percent(_ value: Double) -> String { String(format: "%.2f %%", value * 100) }
    for (task, comparison) in comparisons {
      content.tables.append(
        .init(
          title: "Fine-tuning and the linear probe" + (task.map { ": \($0)" } ?? ""),
          header: ["", "linear probe", "fine-tuning"],
          rows: (comparison.isOfValues
            ? []
            : [["accuracy on held-out images", percent(comparison.probeAccuracy), percent(comparison.tunedAccuracy)]])
            + [
              [
                comparison.isOfValues ? "closer to the truth" : "right alone", "\(comparison.onlyProbe)",
                "\(comparison.onlyTuned)",
              ],
              ["in this bundle", isTuned ? "" : "yes", isTuned ? "yes" : ""],
            ],
          caption: comparison.sentence
            + (isTuned && !isBetter ? " The fine-tuned network was asked for with --force." : "")))
    }
    if !check.survival.isEmpty {
      content.tables.append(
        .init(
          title: "Augmentation", header: ["operation", "class still recognised", "used"],
          rows: check.survival.map {
            [$0.operation.rawValue, percent($0.share), check.dropped.contains($0.operation) ? "no" : "yes"]
          },
          caption:
            "Each operation alone, on training images that the probe recognises. One that changes the class of most "
            + "images of a class is left out."))
    }
    guard let run, !run.history.epochs.isEmpty else { return }
    let epochs = run.history.epochs
    func series(_ name: String, _ value: (TrainingHistory.Epoch) -> Double?) -> ReportContent.Series {
      .init(name: name, points: epochs.compactMap { epoch in value(epoch).map { (Double(epoch.number), $0) } })
    }
    let hasValidation = epochs.contains { $0.validation != nil }
    content.learning.append(
      .init(
        title: "Loss of fine-tuning",
        caption: "Training loss on augmented images"
          + (hasValidation
            ? ", validation loss on images held back. The weights of epoch \(run.bestEpoch) were kept (0 is the probe)."
            : ". There were too few images to hold some back; the last epoch was kept."),
        xLabel: "epoch", yLabel: "loss",
        series: [series("training") { $0.trainingLoss }]
          + (hasValidation ? [series("validation") { $0.validation?.loss }] : [])))
    if hasValidation {
      content.learning.append(
        .init(
          title: "Score of fine-tuning", caption: "On the images held back.", xLabel: "epoch", yLabel: "share",
          series: [series("accuracy") { $0.validation?.accuracy }, series("macro F1") { $0.validation?.macroF1 }]))
    }
    content.learning.append(
      .init(
        title: "Learning rate", caption: "Of the last layers; earlier ones have less.", xLabel: "epoch",
        yLabel: "learning rate", series: [series("learning rate") { $0.learningRate }]))
  }
}
