package import AssayBundle
package import AssayData
import AssayInspection
import AssayMetrics
import Foundation

/// What was predicted of images whose truth is known.
package struct TaskPredictions {
  package let names: [String]
  /// Class or level of each; empty for real values.
  package var labels: [Int] = []
  /// `[n, K]`; empty for real values.
  package var probabilities: [Double] = []
  package var actual: [Double] = []
  package var stated: [Double] = []

  package init(
    names: [String], labels: [Int] = [], probabilities: [Double] = [], actual: [Double] = [], stated: [Double] = []
  ) {
    self.names = names
    self.labels = labels
    self.probabilities = probabilities
    self.actual = actual
    self.stated = stated
  }

  package func appending(_ other: TaskPredictions) -> TaskPredictions {
    TaskPredictions(
      names: names + other.names, labels: labels + other.labels, probabilities: probabilities + other.probabilities,
      actual: actual + other.actual, stated: stated + other.stated)
  }

  /// The same in another order.
  package func reordered(_ order: [Int]) -> TaskPredictions {
    let columns = labels.isEmpty ? 0 : probabilities.count / labels.count
    return TaskPredictions(
      names: order.map { names[$0] }, labels: labels.isEmpty ? [] : order.map { labels[$0] },
      probabilities: labels.isEmpty ? [] : order.flatMap { probabilities[$0 * columns..<($0 + 1) * columns] },
      actual: actual.isEmpty ? [] : order.map { actual[$0] }, stated: stated.isEmpty ? [] : order.map { stated[$0] })
  }

  /// The most probable class or level of each.
  package var decided: [Int] {
    let columns = labels.isEmpty ? 0 : probabilities.count / labels.count
    return labels.indices.map { row in
      (0..<columns).max { probabilities[row * columns + $0] < probabilities[row * columns + $1] } ?? 0
    }
  }

  package func evaluation(
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
