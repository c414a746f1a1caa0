import Foundation

/// The loss of several tasks on one representation, and its gradient: pure functions of a network's outputs.
///
/// - Classification, `[N, K]` logits: cross-entropy with the given distribution, which mixup and label smoothing may have
///   softened.
/// - Ordinal, `[N, 1]` scores: minus the log-likelihood of the level (``CumulativeLink``), whose thresholds are parameters
///   of the loss.
/// - Real, `[N, 1]` standardised values: half the squared error.
///
/// Each task's loss is the mean over the rows that have a target for it, so that missing targets neither teach nor
/// dilute; a task without any target in the batch adds nothing. The total is weighted by ``TaskWeighting``.
public struct TaskLoss: Sendable, Hashable {
  public enum Task: Sendable, Hashable {
    /// - smoothing: share of the target that is spread evenly over all classes, 0..<1 (Szegedy et al. 2016).
    case classification(classes: Int, smoothing: Double = 0)
    case ordinal(levels: Int)
    case real

    /// Columns of the network's output for this task.
    public var outputs: Int { if case .classification(let classes, _) = self { classes } else { 1 } }

    var steps: Int { if case .ordinal(let levels) = self { max(0, levels - 2) } else { 0 } }
  }

  /// What is known of a batch for one task.
  public enum Targets: Sendable {
    /// Class or level of each row; nil where it is missing.
    case labels([Int?])
    /// `[N, K]`, a distribution over classes or levels for each row; a row of zeros where it is missing.
    case distributions([Float])
    /// Standardised values; NaN where one is missing.
    case values([Float])
  }

  public struct Value: Sendable {
    /// Weighted total.
    public var loss: Double
    /// Unweighted loss of each task; nil where no row has a target.
    public var taskLosses: [Double?]
    /// For each task `[N, outputs]`: the total's gradient.
    public var outputGradients: [[Float]]
    /// The total's gradient with respect to the loss's own parameters.
    public var parameterGradient: [Float]
  }

  public let tasks: [Task]
  public let weighting: TaskWeighting

  /// - Precondition: as many fixed weights as tasks.
  public init(_ tasks: [Task], weighting: TaskWeighting) {
    if case .fixed(let weights) = weighting {
      precondition(
        weights.count == tasks.count && weights.allSatisfy { $0 >= 0 }, "one weight of 0 or more for each task")
    }
    self.tasks = tasks
    self.weighting = weighting
  }

  /// Parameters of the loss itself: the ordinal tasks' logarithms of steps, in order; then, when weights are learned, one
  /// log-variance for each task. They are trained like the network's, without weight decay.
  public var parameterCount: Int { steps.count + (weighting == .uncertainty ? tasks.count : 0) }

  /// Steps of 1 between thresholds, variances of 1.
  public var initialParameters: [Float] { [Float](repeating: 0, count: parameterCount) }

  private var steps: Range<Int> { 0..<tasks.reduce(0) { $0 + $1.steps } }

  /// Where a task's logarithms of steps are among the parameters.
  public func steps(of task: Int) -> Range<Int> {
    let start = tasks[..<task].reduce(0) { $0 + $1.steps }
    return start..<start + tasks[task].steps
  }

  /// Where a task's log-variance is among the parameters; nil with fixed weights.
  public func logVariance(of task: Int) -> Int? { weighting == .uncertainty ? steps.count + task : nil }

  /// What a task's loss is multiplied by.
  public func factor(of task: Int, parameters: [Float]) -> Double {
    switch weighting {
    case .fixed(let weights): weights[task]
    case .uncertainty: exp(-Double(parameters[steps.count + task]))
    }
  }

  /// - Parameters:
  ///   - outputs: for each task `[N, outputs]`.
  ///   - targets: for each task of the same N rows.
  ///   - parameters: `[parameterCount]`.
  public func evaluate(outputs: [[Float]], targets: [Targets], parameters: [Float]) -> Value {
    precondition(outputs.count == tasks.count && targets.count == tasks.count, "outputs and targets for each task")
    precondition(parameters.count == parameterCount, "\(parameters.count) parameters instead of \(parameterCount)")
    var value = Value(
      loss: 0, taskLosses: [], outputGradients: [], parameterGradient: [Float](repeating: 0, count: parameterCount))
    for (index, task) in tasks.enumerated() {
      let range = steps(of: index)
      var own = evaluate(task, outputs[index], targets[index], logSteps: parameters[range].map(Double.init))
      guard own.rows > 0 else {
        value.taskLosses.append(nil)
        value.outputGradients.append([Float](repeating: 0, count: outputs[index].count))
        continue
      }
      let mean = own.loss / Double(own.rows)
      let factor = factor(of: index, parameters: parameters)
      value.taskLosses.append(mean)
      value.loss += factor * mean
      if let position = logVariance(of: index) {
        value.loss += Double(parameters[position]) / 2
        value.parameterGradient[position] = Float(0.5 - factor * mean)
      }
      let scale = factor / Double(own.rows)
      for step in range { value.parameterGradient[step] = Float(own.steps[step - range.lowerBound] * scale) }
      for position in own.gradient.indices { own.gradient[position] *= Float(scale) }
      value.outputGradients.append(own.gradient)
    }
    return value
  }

  /// Sums over the rows that have a target.
  private struct Sums {
    var loss = 0.0
    var rows = 0
    var gradient: [Float]
    var steps: [Double]
  }

  private func evaluate(_ task: Task, _ outputs: [Float], _ targets: Targets, logSteps: [Double]) -> Sums {
    var sums = Sums(
      gradient: [Float](repeating: 0, count: outputs.count), steps: [Double](repeating: 0, count: logSteps.count))
    switch (task, targets) {
    case (.real, .values(let values)):
      precondition(values.count == outputs.count, "\(values.count) values for \(outputs.count) rows")
      for (row, value) in values.enumerated() where !value.isNaN {
        let error = outputs[row] - value
        sums.gradient[row] = error
        sums.loss += 0.5 * Double(error) * Double(error)
        sums.rows += 1
      }
    case (.classification(let classes, let smoothing), _):
      for (row, target) in Self.rows(targets, columns: classes).enumerated() {
        guard let target else { continue }
        sums.loss += Self.crossEntropy(
          outputs[row * classes..<(row + 1) * classes], target, smoothing, &sums.gradient, row * classes)
        sums.rows += 1
      }
    case (.ordinal(let levels), _):
      let link = CumulativeLink(logSteps: logSteps)
      for (row, target) in Self.rows(targets, columns: levels).enumerated() {
        guard let target else { continue }
        for (level, share) in target {
          let own = link.loss(score: Double(outputs[row]), level: level, weight: share, steps: &sums.steps)
          sums.loss += own.loss
          sums.gradient[row] += Float(own.derivative)
        }
        sums.rows += 1
      }
    case (.real, _): preconditionFailure("a real-valued task needs values")
    }
    return sums
  }

  /// Classes that a row's target names, with their shares; nil where it is missing.
  private static func rows(_ targets: Targets, columns: Int) -> [[(Int, Double)]?] {
    switch targets {
    case .labels(let labels): return labels.map { label in label.map { [($0, 1)] } }
    case .distributions(let values):
      precondition(values.count % columns == 0, "\(values.count) shares are not [N, \(columns)]")
      return stride(from: 0, to: values.count, by: columns).map { start in
        let shares = (0..<columns).compactMap { k in
          values[start + k] > 0 ? (k, Double(values[start + k])) : nil
        }
        return shares.isEmpty ? nil : shares
      }
    case .values: preconditionFailure("a task of classes or levels needs labels or distributions")
    }
  }

  private static func crossEntropy(
    _ logits: ArraySlice<Float>, _ target: [(Int, Double)], _ smoothing: Double, _ gradient: inout [Float], _ start: Int
  ) -> Double {
    let top = Double(logits.max() ?? 0)
    let exponentials = logits.map { exp(Double($0) - top) }
    let sum = exponentials.reduce(0, +)
    let total = target.reduce(0) { $0 + $1.1 }
    var shares = [Double](repeating: smoothing * total / Double(logits.count), count: logits.count)
    for (k, share) in target { shares[k] += (1 - smoothing) * share }
    var loss = 0.0
    for (k, logit) in logits.enumerated() {
      loss -= shares[k] * (Double(logit) - top - log(sum))
      gradient[start + k] = Float(total * exponentials[k] / sum - shares[k])
    }
    return loss
  }
}
