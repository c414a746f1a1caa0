import AssayGraph
import AssayTraining
import Foundation
import Testing

/// A training of a small network with a head on mean and deviation of its last map.
@Suite struct FineTuneRunTests {
  /// Noise for two classes that differ in how strongly it varies.
  private struct Noise: BatchSource {
    let inputCount = 3 * 12 * 12
    let frozenCount = 0

    func fill(
      samples: [Int], epoch: Int, batch: Int, input: UnsafeMutableBufferPointer<Float>,
      frozen: UnsafeMutableBufferPointer<Float>
    ) throws -> [BatchRow] {
      write(samples, epoch: epoch, input)
      return samples.map { BatchRow(sample: $0) }
    }

    func fillPlain(
      samples: [Int], input: UnsafeMutableBufferPointer<Float>, frozen: UnsafeMutableBufferPointer<Float>
    ) throws { write(samples, epoch: 0, input) }

    private func write(_ samples: [Int], epoch: Int, _ input: UnsafeMutableBufferPointer<Float>) {
      for (row, sample) in samples.enumerated() {
        var generator = SampleGenerator(seed: 5, path: sample, epoch)
        let spread: Float = sample % 2 == 0 ? 0.2 : 0.9
        for index in 0..<inputCount {
          input[row * inputCount + index] = .random(in: -spread...spread, using: &generator)
        }
      }
    }
  }

  private static let labels = (0..<40).map { $0 % 2 }

  /// Convolution, normalisation, residual block; value `y` of 8 channels.
  private static func model() throws -> ONNXModel {
    var pen = GraphPen(seed: 11)
    let first = pen.node(
      "Conv", ["x", pen.parameter("w1", [8, 3, 3, 3]), pen.parameter("b1", [8])],
      .integers("kernel_shape", [3, 3]), .integers("pads", [1, 1, 1, 1]))
    let open = pen.node("Relu", [first])
    let second = pen.node(
      "Conv", [open, pen.parameter("w2", [8, 8, 3, 3])],
      .integers("kernel_shape", [3, 3]), .integers("pads", [1, 1, 1, 1]))
    let sum = pen.node("Add", [second, open])
    var graph = pen.graph
    graph.name = "small"
    var model = Assay_Onnx_Model()
    model.irVersion = 8
    var operators = Assay_Onnx_OperatorSet()
    operators.version = 17
    model.opsetImport = [operators]
    var port = Assay_Onnx_ValueInfo()
    port.name = "x"
    port.type.tensorType.elemType = 1
    graph.input = [port]
    port.name = sum
    graph.output = [port]
    model.graph = graph
    return ONNXModel(proto: model)
  }

  private static func settings(_ change: (inout FineTuneSettings) -> Void = { _ in }) -> FineTuneSettings {
    var settings = FineTuneSettings()
    settings.batchSize = 8
    settings.epochs = 4
    settings.learningRate = 3e-3
    settings.headFactor = 1
    settings.patience = 10
    settings.dropout = 0.1
    settings.stochasticDepth = 0.2
    change(&settings)
    return settings
  }

  private static func run(_ settings: FineTuneSettings) throws -> FineTuneRun {
    let model = try model()
    let output = try #require(model.outputs.first?.name)
    return try FineTuneRun(
      model: model, input: "x", inputShape: [3, 12, 12],
      readings: [TapReading(tap: output, channels: 8, hasMean: true, hasDeviation: true, offset: 0)],
      head: TrainedHead(
        weights: [Float](repeating: 0, count: 32), bias: [0, 0], mean: [Double](repeating: 0.3, count: 16),
        scale: [Double](repeating: 0.5, count: 16)),
      objective: SoftmaxObjective(labels: labels, classCount: 2), source: Noise(), training: Array(0..<32),
      validation: Array(32..<40), labels: labels, settings: settings)
  }

  private static func state(_ run: FineTuneRun) -> [[Float]] {
    run.parameters.map { Array($0.values) } + [Array(run.head.weights.values), Array(run.head.bias.values)]
  }

  private func file() -> String { NSTemporaryDirectory() + "run-\(UUID().uuidString)/a.checkpoint" }

  @Test func learns() throws {
    let run = try Self.run(Self.settings { $0.epochs = 12 })
    let before = SoftmaxObjective(labels: Self.labels, classCount: 2)
      .validate(outputs: try run.outputs(of: Array(32..<40)), samples: Array(32..<40)).figures
    try run.run()
    let after = SoftmaxObjective(labels: Self.labels, classCount: 2)
      .validate(outputs: try run.outputs(of: Array(32..<40)), samples: Array(32..<40)).figures
    #expect(abs(before.loss - log(2)) < 1e-6)
    #expect(after.loss < 0.5 * before.loss)
    #expect(after.accuracy == 1)
    #expect(run.history.epochs.count == 12)
  }

  @Test(arguments: [FineTuneSettings.OptimiserKind.adamw, .sgd])
  func goesOnBitForBit(_ kind: FineTuneSettings.OptimiserKind) throws {
    let settings = Self.settings { $0.optimiser = kind }
    let whole = try Self.run(settings)
    try whole.run()
    let path = file()
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    // Stopped in the middle of the second epoch, at its end, and in the third.
    for stop in [6, 2, 3] {
      let part = try Self.run(settings)
      var steps = 0
      #expect(throws: FineTuneRun.Interrupted.self) {
        try part.run(
          checkpoint: path, fingerprint: "a",
          isCancelled: {
            steps += 1
            return steps == stop
          })
      }
    }
    let last = try Self.run(settings)
    try last.run(checkpoint: path, fingerprint: "a")
    #expect(Self.state(last) == Self.state(whole))
    #expect(last.bestEpoch == whole.bestEpoch)
    #expect(last.history.epochs.map(\.trainingLoss) == whole.history.epochs.map(\.trainingLoss))
  }

  @Test func aCheckpointOfAnotherTrainingIsNotUsed() throws {
    let path = file()
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    let first = try Self.run(Self.settings())
    try first.run(checkpoint: path, fingerprint: "a")
    let second = try Self.run(Self.settings())
    try second.run(checkpoint: path, fingerprint: "b")
    #expect(second.history.epochs.count == 4)
    // A damaged one neither.
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes.removeLast(100)
    try bytes.write(to: URL(fileURLWithPath: path))
    let third = try Self.run(Self.settings())
    try third.run(checkpoint: path, fingerprint: "b")
    #expect(Self.state(third) == Self.state(second))
  }

  @Test func doesNotDependOnThreads() throws {
    // One convolution's gradient may be summed in another order on two threads, so the network is compared to rounding.
    let one = try Self.run(Self.settings { $0.threads = 1 })
    let two = try Self.run(Self.settings { $0.threads = 2 })
    let again = try Self.run(Self.settings { $0.threads = 2 })
    for run in [one, two, again] { try run.run() }
    #expect(Self.state(two) == Self.state(again))
    for (a, b) in zip(Self.state(one), Self.state(two)) { #expect(relativeError(of: a, against: b) < 1e-2) }
  }

  /// One step of plain gradient descent moves a weight by -rate times the derivative of the loss, by differences.
  @Test func stepsDownTheLoss() throws {
    let settings = Self.settings {
      $0.optimiser = .sgd
      $0.momentum = 0
      $0.weightDecay = 0
      $0.epochs = 1
      $0.batchSize = 32
      $0.warmUp = 0
      $0.learningRate = 1e-3
      $0.depthFactor = 1
      $0.clipping = 0
      $0.averaging = 0
      $0.dropout = 0
      $0.stochasticDepth = 0
    }
    // The head must not be zero for a gradient to pass.
    func prepared() throws -> FineTuneRun {
      let run = try Self.run(settings)
      for index in run.head.weights.values.indices { run.head.weights.values[index] = Float(index % 7 - 3) * 0.2 }
      return run
    }
    let before = try prepared()
    let after = try prepared()
    // The batch is what training sees in epoch 1; the loss is taken at shifted weights by training with rate zero.
    func loss(_ name: String, _ index: Int, _ shift: Float) throws -> Double {
      let run = try FineTuneRunTests.withRateZero(settings)
      for at in run.head.weights.values.indices { run.head.weights.values[at] = Float(at % 7 - 3) * 0.2 }
      let parameter = try #require(run.parameters.first { $0.name.hasPrefix(name) })
      parameter.values[index] += shift
      try run.run()
      return run.history.epochs[0].trainingLoss
    }
    try after.run()
    for name in ["w1", "w2", "b1"] {
      let old = try #require(before.parameters.first { $0.name.hasPrefix(name) })
      let new = try #require(after.parameters.first { $0.name.hasPrefix(name) })
      for index in [0, old.values.count / 2, old.values.count - 1] {
        let moved = Double(new.values[index] - old.values[index]) / -1e-3
        let h: Float = 0.02
        let expected = (try loss(name, index, h) - (try loss(name, index, -h))) / Double(2 * h)
        #expect(abs(moved - expected) < 0.03 * abs(expected) + 2e-3, "\(name)[\(index)]: \(moved), \(expected)")
      }
    }
  }

  private static func withRateZero(_ settings: FineTuneSettings) throws -> FineTuneRun {
    var settings = settings
    settings.learningRate = 0
    return try run(settings)
  }
}

@Suite struct SoftmaxObjectiveTests {
  /// Gradient of the loss by differences, with smoothing, mixing and weights.
  @Test func gradient() {
    let objective = SoftmaxObjective(
      labels: [0, 2, 1, 1], classCount: 3, smoothing: 0.1, weights: [1, 0.5, 2])
    let rows = [BatchRow(sample: 0, partner: 2, share: 0.7), BatchRow(sample: 1), BatchRow(sample: 3)]
    let outputs: [Float] = [0.3, -1, 0.7, 2, 0.1, -0.4, 0.5, 0.6, -2]
    var gradient: [Float] = []
    _ = objective.loss(outputs: outputs, rows: rows, gradient: &gradient)
    for index in outputs.indices {
      var spare: [Float] = []
      func loss(_ shift: Float) -> Double {
        var moved = outputs
        moved[index] += shift
        return objective.loss(outputs: moved, rows: rows, gradient: &spare).total
      }
      let h: Float = 0x1p-9
      #expect(abs((loss(h) - loss(-h)) / Double(2 * h) - Double(gradient[index])) < 1e-5)
    }
  }

  /// torch.nn.functional.cross_entropy(torch.tensor([[0.3, -1, 0.7], [2, 0.1, -0.4]]), torch.tensor([0, 2]),
  ///   label_smoothing=0.1)
  @Test func agreesWithPyTorch() {
    let objective = SoftmaxObjective(labels: [0, 2], classCount: 3, smoothing: 0.1)
    var gradient: [Float] = []
    let loss = objective.loss(
      outputs: [0.3, -1, 0.7, 2, 0.1, -0.4], rows: [BatchRow(sample: 0), BatchRow(sample: 1)], gradient: &gradient)
    #expect(abs(loss.total - 1.7827418335341596) < 1e-6)
  }
}
