package import AssayBundle
import AssayData
package import AssayEvaluation
package import AssayGraph
import AssayLearning
import AssayMetrics
import Foundation

/// One task's head with the predictions that its worth rests on.
package struct TrainedTask {
  package let own: TaskRows
  package let head: TaskHead
  /// Of a classification: calibration and held-out probabilities.
  package let classifier: FittedHead?
  /// Of a real-valued task.
  package let uncertainty: TaskRecord.Uncertainty?
  /// For the manifest.
  package let recipe: Recipe
  /// Of a head on frozen features: the penalty chosen, as C.
  package var penalty: Double?
  /// Predictions of held-out images, and of the test images.
  package let heldOut: TaskPredictions
  package let test: TaskPredictions?

  /// Share of new parts that the interval of a stated value is to hold.
  package static let coverage = 0.95

  /// The smallest half-width with which the interval holds a new value with the probability ``coverage``: the quantile of
  /// the held-out errors of rank ceil((n + 1) coverage) (split-conformal, Vovk et al. 2005).
  package static func uncertainty(actual: [Double], stated: [Double]) -> TaskRecord.Uncertainty {
    let errors = zip(actual, stated).map { abs($0 - $1) }.sorted()
    let rank = Int((Double(errors.count + 1) * coverage - 1e-9).rounded(.up))
    return TaskRecord.Uncertainty(
      standardDeviation: RegressionScores(actual: actual, predicted: stated).rootMeanSquareError,
      halfWidth: rank <= errors.count ? errors[max(rank, 1) - 1] : nil, coverage: coverage, count: errors.count)
  }

  /// - Parameter threshold: of the primary task.
  package func evaluation(basis: String, heldOutBasis: String, threshold: Double? = nil) -> TaskEvaluation {
    let predictions = test ?? heldOut
    return predictions.evaluation(
      own.task, halfWidth: uncertainty?.halfWidth, threshold: threshold, basis: test == nil ? heldOutBasis : basis)
  }

  package func record(counts: [String: Int], metrics: [Manifest.Metric]) -> TaskRecord {
    let task = own.task
    let kind: TaskRecord.Kind =
      switch task.kind {
      case .classification: .classification
      case .ordinal: .ordinal
      case .real: .real
      }
    var record = TaskRecord(name: task.name, kind: kind, counts: counts, recipe: recipe, metrics: metrics)
    record.classes = task.kind == .classification ? task.classes : nil
    record.goodClass = task.goodClass
    record.levels = task.kind == .ordinal ? task.levels : nil
    record.temperature = classifier?.temperature.temperature
    record.uncertainty = uncertainty
    return record
  }
}
