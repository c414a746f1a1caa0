import AssayData
import AssayLearning
import AssayModel

/// A trained shared layer with what its outputs mean.
struct SharedFit {
  /// Mean and deviation by which a real target was standardised.
  struct Unit {
    let mean: Double
    let deviation: Double

    init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }

    init(_ values: [Double]) {
      let count = Double(max(1, values.count))
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      self.init(mean: mean, deviation: variance > 0 ? variance.squareRoot() : 1)
    }
  }

  let representation: SharedRepresentation
  /// For each task.
  let units: [Unit]

  /// The rows that have a target, as positions among the task's rows, with their outputs.
  func known(_ own: TaskRows, _ rows: [Int], _ outputs: [Float]) -> (positions: [Int], outputs: [Float]) {
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
  func calibration(_ data: MultiTaskDataset, _ index: Int, rows: [Int], outputs: [Float]) -> TemperatureScaling? {
    let own = data.tasks[index]
    guard own.task.kind == .classification else { return nil }
    let (positions, logits) = known(own, rows, outputs)
    return TemperatureScaling(
      heldOut: logits, labels: positions.map { own.labels[$0] }, classCount: own.task.classes.count)
  }

  private func link(_ index: Int) -> CumulativeLink {
    CumulativeLink(
      logSteps: representation.parameters[representation.loss.steps(of: index)].map(Double.init))
  }

  func predictions(
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

  /// On the layer's activations, with temperature and units folded in.
  func head(_ task: TaskDescription, _ index: Int, temperature: Double) -> TaskHead {
    let own = representation.heads[index]
    let width = representation.layer.width
    let (factor, shift) = task.kind == .real ? (units[index].deviation, units[index].mean) : (1 / temperature, 0)
    let kind: TaskHead.Kind =
      switch task.kind {
      case .classification: .classification(classes: task.classes)
      case .ordinal: .ordinal(levels: task.levels, thresholds: link(index).thresholds)
      case .real: .real
      }
    return TaskHead(
      name: task.name, kind: kind,
      head: LinearHead(
        weights: own.weights.map { Float(Double($0) * factor) },
        bias: own.bias.map { Float(Double($0) * factor + shift) }, center: [Float](repeating: 0, count: width)))
  }
}
