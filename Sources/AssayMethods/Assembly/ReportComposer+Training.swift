import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayLearning
import AssayMetrics
package import AssayReport
import AssayRuntime
import Foundation

/// What only the report of a training has to say.
extension ReportComposer {
  package func addTraining(_ training: FittedHead, _ curve: LearningCurve, to content: inout ReportContent) {
    let classes = evaluation.classes.count
    let before = ReliabilityBins(
      probabilities: training.uncalibratedProbabilities, labels: training.heldOutLabels, classCount: classes)
    let after = ReliabilityBins(
      probabilities: training.heldOutProbabilities, labels: training.heldOutLabels, classCount: classes)
    content.reliabilityNote =
      "The probabilities were calibrated on held-out images with a temperature of "
      + "\(String(format: "%.3f", training.temperature.temperature)): their expected calibration error went from "
      + "\(ShareText.percent(before.expectedCalibrationError)) to \(ShareText.percent(after.expectedCalibrationError)). On the images of this "
      + "report it is \(ShareText.percent(evaluation.metric("expected calibration error")?.value ?? 0))."
    if !curve.points.isEmpty {
      content.learning.append(
        .init(
          title: "More images",
          caption: "Accuracy of the most probable class (no threshold) on the held-out images, had there been fewer to "
            + "train on. Still rising at the right end: more images would help.", xLabel: "training images",
          yLabel: "accuracy",
          series: [.init(name: "accuracy", points: curve.points.map { (Double($0.images), $0.accuracy) })]))
    }
    if training.penaltyPath.count > 1 {
      content.learning.append(
        .init(
          title: "Choice of the penalty",
          caption: "Cross-validated log loss: too strong a penalty (left) learns too "
            + "little, too weak a one (right) learns by heart. The lowest point was taken.",
          xLabel: "C, the inverse of the penalty", yLabel: "log loss", isLogarithmic: true,
          series: [
            .init(name: "log loss", points: training.penaltyPath.map { ($0.inversePenalty, $0.loss) })
          ]))
    }
    if training.epochs.count > 1 {
      content.learning.append(
        .init(
          title: "Epochs",
          caption:
            "Accuracy of the most probable class (no threshold) on the validation images after each pass over the "
            + "training images. The best epoch was kept.", xLabel: "epoch", yLabel: "validation accuracy",
          series: [
            .init(
              name: "validation accuracy", points: training.epochs.map { (Double($0.number), $0.validationAccuracy) })
          ]))
      content.learning.append(
        .init(
          title: "Loss",
          caption: "Cross-entropy. When the validation loss rises while the training loss falls, it learns "
            + "by heart.", xLabel: "epoch", yLabel: "loss",
          series: [
            .init(name: "training", points: training.epochs.map { (Double($0.number), $0.trainingLoss) }),
            .init(name: "validation", points: training.epochs.map { (Double($0.number), $0.validationLoss) }),
          ]))
    }
  }

  package func addData(
    _ data: ExtractedDataset, _ division: TrainingSplit, _ options: TrainingOptions, to content: inout ReportContent
  ) {
    let isAdam = options.solver != .lbfgs
    let parts =
      isAdam ? [division.training, division.validation, division.test] : [division.trained(.lbfgs), division.test]
    content.dataColumns = (isAdam ? ["training", "validation", "test"] : ["training", "test"]) + ["all"]
    content.dataRows = data.dataset.classes.enumerated().map { label, name in
      let counts = parts.map { $0.count { data.labels[$0] == label } }
      return (name, counts + [counts.reduce(0, +)])
    }
    let copies = data.features.hashes.count - Set(data.features.hashes).count
    content.dataNotes = [
      ("good class", data.dataset.goodClass ?? "none"), ("exact copies", "\(copies)"),
    ]
    content.add(data.dataset)
    if !options.commandLine.isEmpty { content.provenance.append(("command", options.commandLine)) }
  }
}
