import ArgumentParser
import AssayBase
import AssayBundle
import AssayMetrics
import AssayWorkflows
import Foundation

/// Several classes on one image: shared by `train` and `evaluate --folds`.
struct MultiLabelArguments: ParsableArguments {
  @Flag(
    help:
      "Find every class on an image, each with a probability and threshold of its own, instead of naming one class.")
  var multiLabel = false
}

/// Masks and boxes: of `train`.
struct MaskArguments: ParsableArguments {
  @Flag(
    help:
      "Learn from masks and boxes too, so that the inspector marks the pixels of each class of defect (--method linear, with or without --multi-label)."
  )
  var useMasks = false
}

/// A multi-label evaluation for people and as JSON.
enum MultiLabelText {
  static func say(_ pixels: SegmentationEvaluation?) {
    guard let pixels else { return }
    Console.say("marked pixels, \(pixels.images) images:")
    EvaluationText.say(pixels.metrics)
    for own in pixels.classes {
      func text(_ value: Double?) -> String { value.map(Console.percent) ?? "-" }
      Console.say(
        "  \(own.name): \(own.images) images, Dice \(text(own.dice)), IoU \(text(own.intersectionOverUnion)), AU-PRO "
          + "\(text(own.perRegionOverlap))")
    }
  }

  static func say(_ evaluation: MultiLabelEvaluation) {
    Console.say("\(evaluation.basis), \(evaluation.names.count) images:")
    EvaluationText.say(evaluation.metrics)
    let widest = max(5, evaluation.classes.map { VisibleText.escaped($0).count }.max() ?? 0)
    func row(_ name: String, _ cells: [String]) {
      let name = VisibleText.escaped(name)
      Console.say(
        "  \(name)\(String(repeating: " ", count: max(0, widest - name.count)))"
          + "\(cells.map { String(repeating: " ", count: max(2, 11 - $0.count)) + $0 }.joined())")
    }
    row("class", ["images", "precision", "recall", "F1", "AP", "threshold"])
    for (k, own) in evaluation.scores.classes.enumerated() {
      row(
        evaluation.classes[k],
        [
          "\(own.support)", Console.percent(own.precision), Console.percent(own.recall), Console.percent(own.f1),
          own.averagePrecision.map(Console.percent) ?? "-", String(format: "%.4f", evaluation.thresholds[k]),
        ])
    }
  }
}

struct MultiLabelOutput: Encodable {
  struct ClassFigures: Encodable {
    let precision: Double
    let recall: Double
    let f1: Double
    let averagePrecision: Double?
    let threshold: Double
    let support: Int
    /// Of 95 %; nil where there is no image to tell by.
    let precisionInterval: Interval?
    let recallInterval: Interval?
    let f1Interval: Interval?
  }

  let basis: String
  let images: Int
  let refused: Int?
  let unreadable: [String]
  let classes: [String]
  let metrics: [String: Manifest.Metric]
  let perClass: [String: ClassFigures]
  /// Of marked pixels, for each class.
  let pixels: [SegmentationEvaluation.ClassFigures]?
  /// Severstal's metric.
  let meanDice: Double?

  init(
    _ evaluation: MultiLabelEvaluation, _ segmentation: SegmentationEvaluation? = nil, refused: Int?,
    unreadable: [String]
  ) {
    pixels = segmentation?.classes
    meanDice = segmentation?.meanDice
    basis = evaluation.basis
    images = evaluation.names.count
    self.refused = refused
    self.unreadable = unreadable
    classes = evaluation.classes
    metrics = Dictionary(evaluation.metrics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    perClass = Dictionary(
      evaluation.scores.classes.enumerated().map { k, own in
        (
          evaluation.classes[k],
          ClassFigures(
            precision: own.precision, recall: own.recall, f1: own.f1, averagePrecision: own.averagePrecision,
            threshold: evaluation.thresholds[k], support: own.support, precisionInterval: own.precisionInterval,
            recallInterval: own.recallInterval, f1Interval: own.f1Interval)
        )
      }, uniquingKeysWith: { first, _ in first })
  }
}
