package import AssayLearning
import AssayMetrics
package import AssayTraining

/// Several tasks as the objective of fine-tuning: ``TaskLoss`` on the columns of one head, one block of columns for each
/// task.
///
/// Mixed rows (mixup) have the mixed distribution of classes and levels, and the mixed value; a row of which either
/// partner's target is missing has none.
package final class TaskObjective: TrainingObjective {
  package let outputCount: Int
  package let parameters: [Parameter]
  package let partNames: [String]
  private let loss: TaskLoss
  private let targets: [RowTargets]

  /// - Parameters:
  ///   - names: of the tasks.
  ///   - targets: for each task of all samples; values standardised.
  ///   - start: of the loss's own parameters.
  package init(names: [String], loss: TaskLoss, targets: [RowTargets], start: [Float]) {
    precondition(names.count == loss.tasks.count && targets.count == names.count)
    self.loss = loss
    self.targets = targets
    partNames = names
    outputCount = loss.tasks.reduce(0) { $0 + $1.outputs }
    parameters =
      loss.parameterCount == 0
      ? []
      : [
        Parameter(
          name: "task.parameters", shape: [loss.parameterCount], role: .bias, isTrained: true,
          values: start, depth: .max)
      ]
  }

  /// Steps and log-variances as they are.
  package var values: [Float] { parameters.first.map { Array($0.values) } ?? [] }

  /// Each task's columns of `[N, outputCount]`.
  package func columns(_ outputs: [Float]) -> [[Float]] {
    let rows = outputs.count / outputCount
    var start = 0
    return loss.tasks.map { task in
      defer { start += task.outputs }
      return (0..<rows).flatMap { outputs[$0 * outputCount + start..<$0 * outputCount + start + task.outputs] }
    }
  }

  package func loss(outputs: [Float], rows: [BatchRow], gradient: inout [Float]) -> (total: Double, parts: [Double]) {
    let value = loss.evaluate(
      outputs: columns(outputs), targets: zip(loss.tasks, targets).map { Self.targets($0, $1, rows) },
      parameters: values)
    gradient = [Float](repeating: 0, count: outputs.count)
    var start = 0
    for (task, own) in zip(loss.tasks, value.outputGradients) {
      for row in rows.indices {
        for column in 0..<task.outputs {
          gradient[row * outputCount + start + column] = own[row * task.outputs + column]
        }
      }
      start += task.outputs
    }
    if let parameter = parameters.first {
      _ = parameter.gradient.update(fromContentsOf: value.parameterGradient)
    }
    return (value.loss, value.taskLosses.map { $0 ?? 0 })
  }

  package func validate(
    outputs: [Float], samples: [Int]
  ) -> (figures: TrainingHistory.Validation, score: Double) {
    let rows = samples.map { BatchRow(sample: $0) }
    let own = columns(outputs)
    let value = loss.evaluate(
      outputs: own, targets: zip(loss.tasks, targets).map { Self.targets($0, $1, rows) }, parameters: values)
    // The log-variances are no measure of a network's worth.
    let total = value.taskLosses.enumerated().reduce(0.0) { sum, task in
      let weight = if case .fixed(let weights) = loss.weighting { weights[task.offset] } else { 1.0 }
      return sum + weight * (task.element ?? 0)
    }
    let (accuracy, macroF1) = headline(own, samples)
    return (TrainingHistory.Validation(loss: total, accuracy: accuracy, macroF1: macroF1), -total)
  }

  /// Accuracy and macro F1 of the first classification.
  private func headline(_ outputs: [[Float]], _ samples: [Int]) -> (accuracy: Double, macroF1: Double) {
    for (index, task) in loss.tasks.enumerated() {
      guard case .classification(let classes, _) = task, case .labels(let labels) = targets[index] else { continue }
      let known = samples.indices.filter { labels[samples[$0]] != nil }
      let predicted = known.map { row in
        (0..<classes).max { outputs[index][row * classes + $0] < outputs[index][row * classes + $1] } ?? 0
      }
      let matrix = ConfusionMatrix(
        actual: known.compactMap { labels[samples[$0]] }, predicted: predicted, classCount: classes)
      return (matrix.accuracy, matrix.macroF1)
    }
    return (0, 0)
  }

  private static func targets(_ task: TaskLoss.Task, _ all: RowTargets, _ rows: [BatchRow]) -> TaskLoss.Targets {
    switch all {
    case .values(let values):
      return .values(
        rows.map { row in
          row.share == 1 ? values[row.sample] : row.share * values[row.sample] + (1 - row.share) * values[row.partner]
        })
    case .labels(let labels):
      guard rows.contains(where: { $0.share != 1 }) else { return .labels(rows.map { labels[$0.sample] }) }
      let columns =
        switch task {
        case .classification(let classes, _): classes
        case .ordinal(let levels): levels
        case .real: 1
        }
      var shares = [Float](repeating: 0, count: rows.count * columns)
      for (index, row) in rows.enumerated() {
        guard let own = labels[row.sample], let other = labels[row.partner] else { continue }
        shares[index * columns + own] += row.share
        shares[index * columns + other] += 1 - row.share
      }
      return .distributions(shares)
    }
  }
}
