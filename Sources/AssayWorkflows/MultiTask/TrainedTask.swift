import AssayData
import AssayLearning
import AssayMetrics
import AssayModel
import Foundation

/// One task's head with the predictions that its worth rests on.
struct TrainedTask {
  let own: TaskRows
  let head: TaskHead
  /// Of a classification: calibration and held-out probabilities.
  let classifier: HeadTraining?
  /// Of a real-valued task.
  let uncertainty: TaskRecord.Uncertainty?
  /// For the manifest.
  let recipe: Recipe
  /// Of a head on frozen features: the penalty chosen, as C.
  var penalty: Double?
  /// Predictions of held-out images, and of the test images.
  let heldOut: TaskPredictions
  let test: TaskPredictions?

  /// Share of new parts that the interval of a stated value is to hold.
  static let coverage = 0.95

  /// The smallest half-width with which the interval holds a new value with the probability ``coverage``: the quantile of
  /// the held-out errors of rank ceil((n + 1) coverage) (split-conformal, Vovk et al. 2005).
  static func uncertainty(actual: [Double], stated: [Double]) -> TaskRecord.Uncertainty {
    let errors = zip(actual, stated).map { abs($0 - $1) }.sorted()
    let rank = Int((Double(errors.count + 1) * coverage - 1e-9).rounded(.up))
    return TaskRecord.Uncertainty(
      standardDeviation: RegressionScores(actual: actual, predicted: stated).rootMeanSquareError,
      halfWidth: rank <= errors.count ? errors[max(rank, 1) - 1] : nil, coverage: coverage, count: errors.count)
  }

  /// - Parameter threshold: of the primary task.
  func evaluation(basis: String, heldOutBasis: String, threshold: Double? = nil) -> TaskEvaluation {
    let predictions = test ?? heldOut
    return predictions.evaluation(
      own.task, halfWidth: uncertainty?.halfWidth, threshold: threshold, basis: test == nil ? heldOutBasis : basis)
  }

  func record(counts: [String: Int], metrics: [Manifest.Metric]) -> TaskRecord {
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

/// What was predicted of images whose truth is known.
struct TaskPredictions {
  let names: [String]
  /// Class or level of each; empty for real values.
  var labels: [Int] = []
  /// `[n, K]`; empty for real values.
  var probabilities: [Double] = []
  var actual: [Double] = []
  var stated: [Double] = []

  func appending(_ other: TaskPredictions) -> TaskPredictions {
    TaskPredictions(
      names: names + other.names, labels: labels + other.labels, probabilities: probabilities + other.probabilities,
      actual: actual + other.actual, stated: stated + other.stated)
  }

  /// The same in another order.
  func reordered(_ order: [Int]) -> TaskPredictions {
    let columns = labels.isEmpty ? 0 : probabilities.count / labels.count
    return TaskPredictions(
      names: order.map { names[$0] }, labels: labels.isEmpty ? [] : order.map { labels[$0] },
      probabilities: labels.isEmpty ? [] : order.flatMap { probabilities[$0 * columns..<($0 + 1) * columns] },
      actual: actual.isEmpty ? [] : order.map { actual[$0] }, stated: stated.isEmpty ? [] : order.map { stated[$0] })
  }

  /// The most probable class or level of each.
  var decided: [Int] {
    let columns = labels.isEmpty ? 0 : probabilities.count / labels.count
    return labels.indices.map { row in
      (0..<columns).max { probabilities[row * columns + $0] < probabilities[row * columns + $1] } ?? 0
    }
  }

  func evaluation(
    _ task: TaskDescription, halfWidth: Double?, threshold: Double?, band: UncertainBand? = nil, basis: String
  ) -> TaskEvaluation {
    let result: TaskEvaluation.Result =
      switch task.kind {
      case .classification:
        .classification(
          Evaluation(
            rule: .classifier(classes: task.classes, goodClass: task.goodClass, threshold: threshold, band: band),
            names: names, labels: labels, probabilities: probabilities, basis: basis))
      case .ordinal:
        .ordinal(OrdinalEvaluation(levels: task.levels, labels: labels, probabilities: probabilities, basis: basis))
      case .real: .real(RealEvaluation(actual: actual, stated: stated, halfWidth: halfWidth, basis: basis))
      }
    return TaskEvaluation(name: task.name, result: result)
  }
}
