package import AssayData
package import AssayEvaluation
package import AssayGraph
package import AssayLearning

/// What the outputs of a network trained on several tasks mean: probabilities of classes and levels, values in their units.
package struct TaskOutputs {
  /// Mean and deviation by which a real target was standardised.
  package struct Unit {
    package let mean: Double
    package let deviation: Double

    package init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }

    package init(_ values: [Double]) {
      let count = Double(max(1, values.count))
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      self.init(mean: mean, deviation: variance > 0 ? variance.squareRoot() : 1)
    }
  }

  package let loss: TaskLoss
  /// The loss's own.
  package let parameters: [Float]
  /// For each task.
  package let units: [Unit]

  /// The loss of a data set's tasks.
  /// - Parameter smoothing: of the labels of classifications, 0..<1.
  package static func loss(_ data: MultiTaskDataset, _ weighting: TaskWeighting, smoothing: Double = 0) -> TaskLoss {
    TaskLoss(
      data.tasks.map { own in
        switch own.task.kind {
        case .classification: .classification(classes: own.task.classes.count, smoothing: smoothing)
        case .ordinal: .ordinal(levels: own.task.levels.count)
        case .real: .real
        }
      }, weighting: weighting)
  }

  /// Mean and deviation of each real target among what is trained on.
  package static func units(_ data: MultiTaskDataset, training: [Int]) -> [Unit] {
    let included = Set(training)
    return data.tasks.map { own in
      guard own.task.kind == .real else { return .init(mean: 0, deviation: 1) }
      return .init(own.rows.indices.filter { included.contains(own.rows[$0]) }.map { own.values[$0] })
    }
  }

  /// For each task the target of every row, standardised where it is real.
  package static func targets(_ data: MultiTaskDataset, _ units: [Unit]) -> [RowTargets] {
    let count = data.extracted.samples.count
    return zip(data.tasks, units).map { own, unit in
      guard own.task.kind == .real else { return .labels(own.labels(of: count)) }
      var values = [Float](repeating: .nan, count: count)
      for (position, row) in own.rows.enumerated() {
        values[row] = Float((own.values[position] - unit.mean) / unit.deviation)
      }
      return .values(values)
    }
  }

  /// Each task's columns of `[N, all outputs]`.
  package func split(_ all: [Float]) -> [[Float]] {
    let width = loss.tasks.reduce(0) { $0 + $1.outputs }
    var start = 0
    return loss.tasks.map { task in
      defer { start += task.outputs }
      return (0..<all.count / max(1, width)).flatMap { all[$0 * width + start..<$0 * width + start + task.outputs] }
    }
  }

  /// The rows that have a target, as positions among the task's rows, with their outputs.
  package func known(_ own: TaskRows, _ rows: [Int], _ outputs: [Float]) -> (positions: [Int], outputs: [Float]) {
    let places = Dictionary(uniqueKeysWithValues: own.rows.enumerated().map { ($1, $0) })
    let width = rows.isEmpty ? 1 : outputs.count / rows.count
    var positions: [Int] = []
    var kept: [Float] = []
    for (index, row) in rows.enumerated() {
      guard let position = places[row] else { continue }
      positions.append(position)
      kept += outputs[index * width..<(index + 1) * width]
    }
    return (positions, kept)
  }

  /// - Returns: nil for a task that does not classify.
  package func calibration(_ data: MultiTaskDataset, _ index: Int, rows: [Int], outputs: [Float]) -> TemperatureScaling?
  {
    let own = data.tasks[index]
    guard own.task.kind == .classification else { return nil }
    let (positions, logits) = known(own, rows, outputs)
    return TemperatureScaling(
      heldOut: logits, labels: positions.map { own.labels[$0] }, classCount: own.task.classes.count)
  }

  private func link(_ index: Int) -> CumulativeLink {
    CumulativeLink(logSteps: parameters[loss.steps(of: index)].map(Double.init))
  }

  package func predictions(
    _ data: MultiTaskDataset, _ index: Int, rows: [Int], outputs: [Float], temperature: Double
  ) -> TaskPredictions {
    let own = data.tasks[index]
    let (positions, kept) = known(own, rows, outputs)
    var result = TaskPredictions(names: positions.map { data.extracted.samples[own.rows[$0]].name })
    switch own.task.kind {
    case .classification:
      result.labels = positions.map { own.labels[$0] }
      result.probabilities = Softmax.probabilities(
        kept, classCount: own.task.classes.count, temperature: temperature)
    case .ordinal:
      let link = link(index)
      result.labels = positions.map { own.labels[$0] }
      result.probabilities = kept.flatMap { link.probabilities(score: Double($0)) }
    case .real:
      result.actual = positions.map { own.values[$0] }
      result.stated = kept.map { Double($0) * units[index].deviation + units[index].mean }
    }
    return result
  }

  /// With temperature and units folded in.
  /// - Parameters:
  ///   - weights, bias: of the task's outputs on standardised inputs.
  ///   - mean, scale: of the standardisation.
  package func head(
    _ task: TaskDescription, _ index: Int, weights: [Float], bias: [Float], mean: [Double], scale: [Double],
    temperature: Double
  ) -> TaskHead {
    let (factor, shift) = task.kind == .real ? (units[index].deviation, units[index].mean) : (1 / temperature, 0)
    let kind: TaskHead.Kind =
      switch task.kind {
      case .classification: .classification(classes: task.classes)
      case .ordinal: .ordinal(levels: task.levels, thresholds: link(index).thresholds)
      case .real: .real
      }
    return TaskHead(
      name: task.name, kind: kind,
      head: LinearHead.folded(
        weights: weights.map { Float(Double($0) * factor) },
        bias: bias.map { Float(Double($0) * factor + shift) }, mean: mean, scale: scale, temperature: 1))
  }
}
