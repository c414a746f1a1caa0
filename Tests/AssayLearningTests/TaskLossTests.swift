import AssayBase
import AssayLearning
import Foundation
import Testing

@Suite struct TaskLossTests {
  private let tasks: [TaskLoss.Task] = [.classification(classes: 3, smoothing: 0.1), .ordinal(levels: 4), .real]
  private let outputs: [[Float]] = [[1, -0.5, 0.2, 0.3, 0.3, -1, 2, 0, 1], [0.4, -1.2, 1.5], [0.5, 1, -2]]
  private let targets: [TaskLoss.Targets] = [
    .distributions([0.7, 0.3, 0, 0, 0, 0, 0, 0, 1]), .labels([0, 2, nil]), .values([0.1, .nan, -1]),
  ]

  // PyTorch 2.13, double precision:
  //   q = (1 - .1) * dist + .1 / 3 * dist.sum(1, keepdim=True); L1 = -(q * log_softmax(lo, 1)).sum(1)[[0, 2]].mean()
  //   t = cat([0, cumsum(exp(d))]); P = diff(cat([0, sigmoid(t - s), 1])); L2 = -log(P[[0, 1], [0, 2]]).mean()
  //   L3 = .5 * ((f - v)[[0, 2]] ** 2).mean(); T = sum(exp(-s[i]) * L[i] + s[i] / 2); T.backward()
  // with d = [.3, -.2] and log-variances [.2, -.4, .1]
  @Test func agreesWithPyTorch() {
    let loss = TaskLoss(tasks, weighting: .uncertainty)
    #expect(loss.parameterCount == 5 && loss.steps(of: 1) == 0..<2 && loss.logVariance(of: 2) == 4)
    let value = loss.evaluate(outputs: outputs, targets: targets, parameters: [0.3, -0.2, 0.2, -0.4, 0.1])
    #expect(abs(value.loss - 4.294498915772603) < 1e-5)
    for (own, expected) in zip(value.taskLosses, [1.2017838519658393, 2.076757859877059, 0.29]) {
      #expect(abs((own ?? .nan) - expected) < 1e-6)
    }
    let gradients: [[Float]] = [
      [-0.026777, -0.069559, 0.096336, 0, 0, 0, 0.258681, 0.02321, -0.281891], [0.446569, -0.667049, 0],
      [0.180967, 0, -0.452419],
    ]
    for (own, expected) in zip(value.outputGradients, gradients) {
      for (a, b) in zip(own, expected) { #expect(abs(a - b) < 2e-6) }
    }
    for (a, b) in zip(value.parameterGradient, [0.900422, -0.502101, -0.483937, -2.598159, 0.237597] as [Float]) {
      #expect(abs(a - b) < 3e-6)
    }
  }

  /// Every gradient against differences of the loss, for fixed and learned weights.
  @Test(arguments: [TaskWeighting.fixed([1, 0.25, 3]), .uncertainty])
  func gradientsAreThoseOfTheLoss(weighting: TaskWeighting) {
    let loss = TaskLoss(tasks, weighting: weighting)
    var parameters: [Float] = [0.3, -0.7]
    if weighting == .uncertainty { parameters += [0.5, -0.25, 1] }
    let value = loss.evaluate(outputs: outputs, targets: targets, parameters: parameters)
    let step: Float = 1 / 64
    func total(_ outputs: [[Float]], _ parameters: [Float]) -> Double {
      loss.evaluate(outputs: outputs, targets: targets, parameters: parameters).loss
    }
    for task in outputs.indices {
      for at in outputs[task].indices {
        var (up, down) = (outputs, outputs)
        up[task][at] += step
        down[task][at] -= step
        let slope = (total(up, parameters) - total(down, parameters)) / Double(2 * step)
        #expect(abs(slope - Double(value.outputGradients[task][at])) < 2e-4, "task \(task), output \(at)")
      }
    }
    for at in parameters.indices {
      var (up, down) = (parameters, parameters)
      up[at] += step
      down[at] -= step
      let slope = (total(outputs, up) - total(outputs, down)) / Double(2 * step)
      #expect(abs(slope - Double(value.parameterGradient[at])) < 5e-4, "parameter \(at)")
    }
  }

  /// A task without targets adds nothing, not even its log-variance, and rows without one count for nothing.
  @Test func missingTargetsAddNothing() {
    let loss = TaskLoss(tasks, weighting: .uncertainty)
    let parameters: [Float] = [0, 0, 0.5, 0.5, 0.5]
    let none: [TaskLoss.Targets] = [.labels([nil, nil, nil]), .labels([nil, 1, nil]), .values([.nan, .nan, .nan])]
    let value = loss.evaluate(outputs: outputs, targets: none, parameters: parameters)
    #expect(value.taskLosses[0] == nil && value.taskLosses[2] == nil)
    #expect(value.outputGradients[0].allSatisfy { $0 == 0 } && value.outputGradients[2].allSatisfy { $0 == 0 })
    #expect(value.parameterGradient[2] == 0 && value.parameterGradient[4] == 0)
    let alone = TaskLoss([.ordinal(levels: 4)], weighting: .uncertainty).evaluate(
      outputs: [[-1.2]], targets: [.labels([1])], parameters: [0, 0, 0.5])
    #expect(
      abs(value.loss - alone.loss) < 1e-6 && abs(value.outputGradients[1][1] - alone.outputGradients[0][0]) < 1e-6)
  }

  /// A label is the distribution with one class.
  @Test func labelsAreDistributions() {
    let loss = TaskLoss([.classification(classes: 3)], weighting: .fixed([1]))
    let a = loss.evaluate(outputs: [outputs[0]], targets: [.labels([2, nil, 0])], parameters: [])
    let b = loss.evaluate(
      outputs: [outputs[0]], targets: [.distributions([0, 0, 1, 0, 0, 0, 1, 0, 0])], parameters: [])
    #expect(a.loss == b.loss && a.outputGradients == b.outputGradients)
  }
}

@Suite struct SharedRepresentationTests {
  /// Three tasks of one hidden cause, with missing targets.
  private func problem() -> (FeatureMatrix, [RowTargets], [Int]) {
    var generator = SplitMix64(seed: 4)
    let (rows, columns) = (240, 12)
    let x = (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &generator) }
    // The product of two features: no linear head finds it.
    let cause = (0..<rows).map { x[$0 * columns] * x[$0 * columns + 1] * 4 }
    let labels = cause.enumerated().map { $0 % 5 == 0 ? nil : $1 > 0 ? 1 : 0 }
    let levels = cause.enumerated().map { $0 % 4 == 1 ? nil : $1 < -0.5 ? 0 : $1 < 0.5 ? 1 : 2 }
    let values = cause.enumerated().map { $0 % 3 == 2 ? Float.nan : $1 }
    return (
      FeatureMatrix(rows: rows, columns: columns, values: x), [.labels(labels), .labels(levels), .values(values)],
      labels.map { $0 ?? -1 }
    )
  }

  @Test(arguments: [TaskWeighting.fixed([1, 1, 1]), .uncertainty])
  func learnsWhatTasksHaveInCommonAndIsRepeatable(weighting: TaskWeighting) {
    let (matrix, targets, labels) = problem()
    let loss = TaskLoss([.classification(classes: 2), .ordinal(levels: 3), .real], weighting: weighting)
    let settings = SharedRepresentation.Settings(
      width: 32, learningRate: 3e-3, batchSize: 16, epochs: 80, weightDecay: 0.01, seed: 1)
    let (training, validation) = (Array(0..<180), Array(180..<240))
    let first = SharedRepresentation(
      matrix, targets: targets, training: training, validation: validation, loss: loss, settings: settings)
    let second = SharedRepresentation(
      matrix, targets: targets, training: training, validation: validation, loss: loss, settings: settings)
    #expect(first.layer == second.layer && first.parameters == second.parameters && first.history == second.history)
    #expect(first.history[first.bestEpoch - 1].validationLoss == first.history.map(\.validationLoss).min())
    let logits = first.outputs(matrix.selecting(validation))[0]
    let known = validation.indices.filter { labels[validation[$0]] >= 0 }
    let hits = known.count { (logits[2 * $0 + 1] > logits[2 * $0] ? 1 : 0) == labels[validation[$0]] }
    #expect(Double(hits) / Double(known.count) > 0.8, "\(hits) of \(known.count)")
  }

  /// Weights matter: a task that weighs nothing is not learned by the layer.
  @Test func weightsMatter() {
    let (matrix, targets, _) = problem()
    func validationLoss(_ weights: [Double]) -> Double {
      SharedRepresentation(
        matrix, targets: targets, training: Array(0..<180), validation: Array(180..<240),
        loss: TaskLoss([.classification(classes: 2), .ordinal(levels: 3), .real], weighting: .fixed(weights)),
        settings: .init(width: 32, learningRate: 3e-3, batchSize: 16, epochs: 40, weightDecay: 0.01)
      ).history.last?.validationLosses[2] ?? 0
    }
    #expect(validationLoss([0, 0, 1]) < 0.7 * validationLoss([1, 0, 0]))
  }
}
