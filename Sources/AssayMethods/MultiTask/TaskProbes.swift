import AssayBase
import AssayData
import AssayGraph
package import AssayLearning
package import AssayTraining

/// The linear solution of every task on some rows, side by side in one head: where fine-tuning begins, and what it is
/// compared with.
package struct TaskProbes {
  /// `[outputs, dimension]` and `[outputs]`, on features standardised by mean and scale.
  package let weights: [Float]
  package let bias: [Float]
  package let standardisation: Standardisation
  package let outputs: TaskOutputs

  /// - Parameters:
  ///   - rows: to fit.
  ///   - penalties: of each task, as C.
  /// - Throws: when a task has no target in the rows.
  package init(
    _ data: MultiTaskDataset, rows: [Int], penalties: [Double], weighting: TaskWeighting, smoothing: Double
  ) throws {
    let included = Set(rows)
    let units = TaskOutputs.units(data, training: rows)
    let loss = TaskOutputs.loss(data, weighting, smoothing: smoothing)
    let matrix = data.matrix
    let common = Standardisation(matrix.selecting(rows))
    var weights: [Float] = []
    var bias: [Float] = []
    var parameters = loss.initialParameters
    for (index, own) in data.tasks.enumerated() {
      let positions = own.rows.indices.filter { included.contains(own.rows[$0]) }
      guard !positions.isEmpty else {
        throw WorkflowError(
          .badData, "\(data.dataset.root): the task \(own.task.name) has no images to train on in a fold; add images")
      }
      let features = matrix.selecting(positions.map { own.rows[$0] })
      let folds = [Int](repeating: 0, count: positions.count)
      let probe =
        switch own.task.kind {
        case .classification:
          ProbeData(
            features, labels: positions.map { own.labels[$0] }, classCount: own.task.classes.count, folds: folds)
        case .ordinal:
          ProbeData(
            features, labels: positions.map { own.labels[$0] }, classCount: own.task.levels.count, folds: folds,
            isOrdinal: true)
        case .real: ProbeData(features, values: positions.map { own.values[$0] }, folds: folds)
        }
      let model = LogisticRegression.fit(
        probe, [.init(excludedFolds: [], inversePenalty: penalties[index])])[0].model
      // A value in its own units, then in those of the objective.
      let factor = own.task.kind == .real ? probe.valueScale / units[index].deviation : 1
      let shift = own.task.kind == .real ? (probe.valueMean - units[index].mean) / units[index].deviation : 0
      let (mean, scale) = (model.standardisation.mean, model.standardisation.scale)
      for row in model.bias.indices {
        var offset = Double(model.bias[row])
        for d in mean.indices {
          let slope = Double(model.weights[row * mean.count + d]) / scale[d]
          weights.append(Float(slope * common.scale[d] * factor))
          offset += slope * (common.mean[d] - mean[d])
        }
        bias.append(Float(offset * factor + shift))
      }
      for (place, step) in zip(loss.steps(of: index), model.logSteps) { parameters[place] = step }
    }
    self.weights = weights
    self.bias = bias
    standardisation = common
    outputs = TaskOutputs(loss: loss, parameters: parameters, units: units)
  }

  package var head: TrainedHead {
    TrainedHead(weights: weights, bias: bias, mean: standardisation.mean, scale: standardisation.scale)
  }

  package func objective(_ data: MultiTaskDataset) -> TaskObjective {
    TaskObjective(
      names: data.tasks.map(\.task.name), loss: outputs.loss, targets: TaskOutputs.targets(data, outputs.units),
      start: outputs.parameters)
  }

  /// Outputs for the rows' features, `[rows, outputs]`.
  package func scores(_ features: FeatureMatrix) -> [Float] {
    let linear = LinearHead.folded(
      weights: weights, bias: bias, mean: standardisation.mean, scale: standardisation.scale, temperature: 1)
    return (0..<features.rows).flatMap { row in
      linear.logits(Array(features.values[row * features.columns..<(row + 1) * features.columns])).map { Float($0) }
    }
  }
}
