package import AssayBase
package import AssayGraph
package import AssayLearning

/// One logistic regression for each class against everything else, calibrated, with a threshold from held-out parts.
package struct MultiLabelHeads {
  package let training: [FittedHead]
  /// One row for each class; its sigmoid is the probability.
  package let head: LinearHead
  package let thresholds: [DecisionThreshold]

  /// Penalty, temperature and threshold of each class rest on images that the model which scored them had not seen.
  package init(
    _ data: MultiLabelDataset, _ division: TrainingSplit, _ options: TrainingOptions, progress: ProgressHandler
  ) throws {
    try data.check(division.trained(options.solver))
    let training = try data.classes.indices.map { k in
      let name = data.classes[k]
      return try FittedHead(
        data.view(k), training: division.training, validation: division.validation, options: options
      ) { step in
        progress(WorkProgress("head \(name)", step.done, step.total))
      }
    }
    thresholds = try zip(data.classes, training).map { name, own in
      do {
        return try DecisionThreshold(
          options.thresholdRule, scores: Self.probabilities(own.heldOutProbabilities),
          isDefect: own.heldOutLabels.map { $0 == 1 })
      } catch {
        throw WorkflowError(.badData, "class \(name): \(error)")
      }
    }
    self.training = training
    head = LinearHead.joined(training.map(\.head))
  }

  /// Of `[n, 2]` the second column.
  private static func probabilities(_ pairs: [Double]) -> [Double] {
    stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] }
  }

  /// Of rows that were not trained on, `[rows, K]`.
  package func probabilities(_ data: MultiLabelDataset, rows: [Int]) -> [Double] {
    let own = training.enumerated().map { k, training in
      Self.probabilities(training.probabilities(data.view(k), rows: rows))
    }
    return rows.indices.flatMap { row in own.map { $0[row] } }
  }

  /// Of the rows that calibration and thresholds rest on, `[rows, K]`.
  package var heldOutProbabilities: [Double] {
    let own = training.map { Self.probabilities($0.heldOutProbabilities) }
    return (own.first ?? []).indices.flatMap { row in own.map { $0[row] } }
  }
}
