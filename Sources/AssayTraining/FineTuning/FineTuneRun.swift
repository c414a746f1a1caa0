public import AssayGraph
import Foundation

/// One training of a network with a head, from a warm start to the best epoch.
public final class FineTuneRun {
  public struct Progress: Sendable {
    public let epoch: Int
    public let epochs: Int
    /// Batches done of this epoch.
    public let batch: Int
    public let batches: Int
    /// Mean of the epoch so far.
    public let loss: Double
    /// Of the last complete epoch.
    public let validation: TrainingHistory.Validation?
    public let imagesPerSecond: Double
  }

  /// Stopped from outside; a checkpoint has been written.
  public struct Interrupted: Error, Sendable {}

  public private(set) var history: TrainingHistory
  /// Epoch whose weights are held at the end; 0 is the warm start.
  public private(set) var bestEpoch = 0
  public let head: TrainedHead
  /// Trained tensors and running statistics, by name: the best epoch's after ``run(checkpoint:fingerprint:progress:isCancelled:)``.
  public var parameters: [Parameter] { network.parameters }
  public var activationMemory: Int { network.activationMemory + judge.activationMemory }

  private let settings: FineTuneSettings
  private let network: TrainingNetwork
  /// The same network as it will be deployed.
  private let judge: TrainingNetwork
  private let objective: any TrainingObjective
  private let source: any BatchSource
  private let readings: [TapReading]
  private let moments: [TapMoments]
  private let training: [Int]
  private let validation: [Int]
  /// Features that no gradient reaches come first from the source.
  private let frozen: [TapReading]
  private let noise: IterationNoise

  /// - Parameters:
  ///   - readings: taps of the trained network.
  ///   - frozen: taps before it, whose features the source gives, in the order of the source.
  ///   - labels: classes of the samples, for balanced sampling; empty without.
  public init(
    model: ONNXModel, input: String, inputShape: [Int], readings: [TapReading], frozen: [TapReading] = [],
    head: TrainedHead, objective: any TrainingObjective, source: any BatchSource, training: [Int], validation: [Int],
    labels: [Int] = [], isTrained: @escaping (String) -> Bool = { _ in true }, settings: FineTuneSettings
  ) throws {
    precondition(objective.outputCount == head.outputs)
    self.settings = settings
    self.readings = readings
    self.frozen = frozen
    self.head = head
    self.objective = objective
    self.source = source
    self.training = training
    self.validation = validation
    moments = readings.map(TapMoments.init)
    noise = IterationNoise(seed: settings.usedSeed ^ 0x5EED)
    let taps = readings.map(\.tap)
    let shape = [settings.batchSize] + inputShape
    network = try TrainingNetwork(
      model, input: input, inputShape: shape, outputs: taps,
      options: .init(
        normalization: settings.normalisesByBatch ? .batch(momentum: 0.1) : .frozen, isTrained: isTrained,
        stochasticDepth: Float(settings.stochasticDepth), seed: settings.usedSeed, threads: settings.usedThreads))
    judge = try TrainingNetwork(
      model, input: input, inputShape: shape, outputs: taps,
      options: .init(normalization: .frozen, isTrained: { _ in false }, threads: settings.usedThreads))
    history = TrainingHistory(extraColumns: objective.partNames)
    tensors = (network.parameters + [head.weights, head.bias] + objective.parameters).filter(\.isTrained)
    averaged = network.parameters.filter { $0.isTrained || Self.isStatistic($0) } + [head.weights, head.bias]
    sampler =
      settings.isBalanced && !labels.isEmpty
      ? EpochSampler(
        balancing: training.map { labels[$0] }, batchSize: settings.batchSize, lastBatch: .filled,
        seed: settings.usedSeed)
      : EpochSampler(count: training.count, batchSize: settings.batchSize, lastBatch: .filled, seed: settings.usedSeed)
    optimiser = Self.optimiser(settings, network.parameters, head, objective, tensors)
    average =
      settings.averaging > 0 ? ExponentialMovingAverage(averaged.map(\.values), decay: settings.averaging) : nil
    stopping = EarlyStopping(patience: max(1, settings.patience))
    best = []
    best = snapshot()
  }

  private let tensors: [Parameter]
  private let averaged: [Parameter]
  private let sampler: EpochSampler
  private var optimiser: any Optimiser
  private var average: ExponentialMovingAverage?
  private var stopping: EarlyStopping
  private var best: [[Float]]

  private static func isStatistic(_ parameter: Parameter) -> Bool {
    parameter.role == .runningMean || parameter.role == .runningVariance
  }

  private static func optimiser(
    _ settings: FineTuneSettings, _ network: [Parameter], _ head: TrainedHead, _ objective: any TrainingObjective,
    _ tensors: [Parameter]
  ) -> any Optimiser {
    let depths = network.filter(\.isTrained).map(\.depth)
    let (first, last) = (depths.min() ?? 0, max(depths.max() ?? 1, (depths.min() ?? 0) + 1))
    let parameters = tensors.map { parameter in
      let isBackbone = parameter.depth != .max
      let place = isBackbone ? Double(parameter.depth - first) / Double(last - first) : 1
      let factor = isBackbone ? pow(settings.depthFactor, 1 - place) : settings.headFactor
      return OptimisedParameter(
        name: parameter.name, count: parameter.values.count, learningRateFactor: factor,
        decays: parameter.role == .weight)
    }
    switch settings.optimiser {
    case .adamw: return AdamW(parameters, settings: .init(weightDecay: settings.weightDecay))
    case .sgd:
      return SGDMomentum(
        parameters, settings: .init(momentum: settings.momentum, weightDecay: settings.weightDecay, isNesterov: true))
    }
  }

  // MARK: Training

  /// Trains; at the end the network holds the weights of the best epoch.
  /// - Parameters:
  ///   - checkpoint: a file that is written after each epoch and when cancelled, and gone on from when it is there; nil for
  ///     none.
  ///   - fingerprint: of the training; a checkpoint of another one is not used.
  ///   - didFinishEpoch: receives the history, for logs.
  /// - Throws: ``Interrupted`` when `isCancelled` said so, ``NonFiniteGradient`` when training diverges.
  public func run(
    checkpoint: String? = nil, fingerprint: String = "", progress: (Progress) -> Void = { _ in },
    didFinishEpoch: (TrainingHistory) throws -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws {
    try ThreadTeam(threads: settings.usedThreads).held {
      try train(checkpoint, fingerprint, progress, didFinishEpoch, isCancelled)
    }
  }

  private func train(
    _ checkpoint: String?, _ fingerprint: String, _ progress: (Progress) -> Void,
    _ didFinishEpoch: (TrainingHistory) throws -> Void, _ isCancelled: () -> Bool
  ) throws {
    var state = try resume(checkpoint, fingerprint) ?? begin()
    let total = sampler.batchesPerEpoch * settings.epochs
    let schedule = LearningRateSchedule.cosine(
      peak: settings.learningRate, floor: settings.learningRate * 0.01,
      warmUpSteps: Int(min(max(settings.warmUp, 0) * Double(sampler.batchesPerEpoch), Double(total)).rounded()))
    let clipping = GradientClipping(maximumNorm: settings.clipping > 0 ? settings.clipping : .infinity)
    var isDone = stopping.shouldStop && !validation.isEmpty
    while !isDone, state.epoch < settings.epochs {
      let epoch = state.epoch + 1
      let batches = sampler.batches(epoch: epoch).map { $0.map { training[$0] } }
      let prefetcher = BatchPrefetcher(
        source, batches: batches, epoch: epoch, first: state.batch, batchSize: settings.batchSize)
      defer { prefetcher.finish() }
      let start = DispatchTime.now().uptimeNanoseconds
      let before = state.seconds
      while let batch = try prefetcher.take() {
        let step = (epoch - 1) * sampler.batchesPerEpoch + state.batch
        let (loss, parts) = try gradients(batch, step: step)
        let norm = try clipping.clip(tensorViews)
        optimiser.step(tensorViews, learningRate: schedule.rate(step: step, total: total), parallel: divide)
        average?.update(averaged.map(\.values), parallel: divide)
        state.batch += 1
        state.lossSum += loss
        state.normSum += norm
        for index in parts.indices { state.partSums[index] += parts[index] }
        state.seconds = before + Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        progress(
          Progress(
            epoch: epoch, epochs: settings.epochs, batch: state.batch, batches: batches.count,
            loss: state.lossSum / Double(state.batch), validation: history.epochs.last?.validation,
            imagesPerSecond: Double(state.batch * settings.batchSize) / max(state.seconds, 1e-9)))
        if isCancelled() {
          if let checkpoint { try write(state, fingerprint, to: checkpoint) }
          throw Interrupted()
        }
      }
      try finish(&state, rate: schedule.rate(step: epoch * sampler.batchesPerEpoch - 1, total: total))
      isDone = !validation.isEmpty && stopping.shouldStop
      if let checkpoint { try write(state, fingerprint, to: checkpoint) }
      try didFinishEpoch(history)
    }
    restore(best)
  }

  /// What an unfinished epoch has gathered.
  private struct State {
    var epoch = 0
    var batch = 0
    var lossSum = 0.0
    var partSums: [Double]
    var normSum = 0.0
    var seconds = 0.0
  }

  /// The warm start is the first candidate.
  private func begin() throws -> State {
    if !validation.isEmpty {
      let (_, score) = objective.validate(outputs: try outputs(of: validation), samples: validation)
      _ = stopping.record(epoch: 0, score: score)
    }
    return State(partSums: [Double](repeating: 0, count: objective.partNames.count))
  }

  private var tensorViews: [ParameterTensor] {
    tensors.map { ParameterTensor(values: $0.values, gradient: $0.gradient) }
  }

  private var divide: WorkDivision {
    let team = ThreadTeam(threads: settings.usedThreads)
    return { count, body in team.divide(count, body) }
  }

  /// Forward and backward of a batch.
  private func gradients(_ batch: PreparedBatch, step: Int) throws -> (loss: Double, parts: [Double]) {
    let images = settings.batchSize
    network.withInput { input in _ = input.update(fromContentsOf: batch.input) }
    network.forward(iteration: step)
    let features = features(network, frozen: batch.frozen)
    let kept = dropped(step)
    let outputs = head.forward(features, kept: kept, images: images)
    var gradient: [Float] = []
    let result = objective.loss(outputs: outputs, rows: batch.rows, gradient: &gradient)
    let inner = head.backward(gradient, kept: kept, images: images)
    inner.withUnsafeBufferPointer { inner in
      guard let inner = inner.baseAddress else { return }
      for (reading, moments) in zip(readings, moments) {
        guard let tap = network.output(reading.tap), let target = network.outputGradient(reading.tap) else { continue }
        moments.backward(tap, inner, dimension: head.dimension, into: target)
      }
    }
    network.backward()
    return (result.total, result.parts)
  }

  private func dropped(_ step: Int) -> [Float] {
    guard settings.dropout > 0 else { return [] }
    noise.iteration = step
    let ratio = Float(settings.dropout)
    return (0..<settings.batchSize * head.dimension).map {
      noise.uniform(place: 0, index: $0) < ratio ? 0 : 1 / (1 - ratio)
    }
  }

  /// `[N, dimension]` of the network's last forward run.
  private func features(_ network: TrainingNetwork, frozen values: UnsafeMutableBufferPointer<Float>) -> [Float] {
    let images = settings.batchSize
    var features = [Float](repeating: 0, count: images * head.dimension)
    features.withUnsafeMutableBufferPointer { out in
      guard let out = out.baseAddress else { return }
      for (reading, moments) in zip(readings, moments) {
        if let tap = network.output(reading.tap) { moments.forward(tap, into: out, dimension: head.dimension) }
      }
      for image in 0..<images {
        var at = image * source.frozenCount
        for reading in frozen {
          let target = out + image * head.dimension + reading.offset
          for index in 0..<reading.count { target[index] = values[at + index] }
          at += reading.count
        }
      }
    }
    return features
  }

  /// Outputs of the head for samples as they will be judged, with the present weights, `[samples.count, outputs]`.
  public func outputs(of samples: [Int]) throws -> [Float] {
    for (own, other) in zip(network.parameters, judge.parameters) {
      _ = other.values.update(fromContentsOf: own.values)
    }
    let batch = PreparedBatch(batchSize: settings.batchSize, source: source)
    var result: [Float] = []
    for start in stride(from: 0, to: samples.count, by: settings.batchSize) {
      let own = Array(samples[start..<min(start + settings.batchSize, samples.count)])
      // The last batch is filled up with its first sample.
      let filled = own + [Int](repeating: own[0], count: settings.batchSize - own.count)
      try source.fillPlain(samples: filled, input: batch.input, frozen: batch.frozen)
      judge.withInput { input in _ = input.update(fromContentsOf: batch.input) }
      judge.forward()
      let outputs = head.forward(features(judge, frozen: batch.frozen), images: settings.batchSize)
      result += outputs[..<(own.count * head.outputs)]
    }
    return result
  }

  /// Validates the average where there is one, keeps the best, and adds a row to the history.
  private func finish(_ state: inout State, rate: Double) throws {
    let began = DispatchTime.now().uptimeNanoseconds
    let epoch = state.epoch + 1
    average?.swap(averaged.map(\.values))
    var figures: TrainingHistory.Validation?
    if validation.isEmpty {
      best = snapshot()
      bestEpoch = epoch
    } else {
      let (found, score) = objective.validate(outputs: try outputs(of: validation), samples: validation)
      figures = found
      if stopping.record(epoch: epoch, score: score) {
        best = snapshot()
        bestEpoch = epoch
      }
    }
    average?.swap(averaged.map(\.values))
    let batches = Double(max(1, state.batch))
    let trained = state.seconds
    let seconds = trained + Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
    history.append(
      TrainingHistory.Epoch(
        number: epoch, learningRate: rate, trainingLoss: state.lossSum / batches, validation: figures,
        imagesPerSecond: batches * Double(settings.batchSize) / max(trained, 1e-9), seconds: seconds,
        gradientNorm: state.normSum / batches,
        extra: Dictionary(uniqueKeysWithValues: zip(objective.partNames, state.partSums.map { $0 / batches }))))
    state = State(epoch: epoch, partSums: [Double](repeating: 0, count: objective.partNames.count))
  }

  // MARK: Keeping

  private var kept: [Parameter] { averaged + objective.parameters }

  private func snapshot() -> [[Float]] { kept.map { Array($0.values) } }

  private func restore(_ values: [[Float]]) {
    for (parameter, values) in zip(kept, values) { _ = parameter.values.update(fromContentsOf: values) }
  }

  private func write(_ state: State, _ fingerprint: String, to path: String) throws {
    let header = Checkpoint.Header(
      fingerprint: fingerprint, epoch: state.epoch, batch: state.batch, history: history, stopping: stopping,
      lossSum: state.lossSum, partSums: state.partSums, normSum: state.normSum, seconds: state.seconds)
    func values(_ buffers: [[Float]]) -> [UInt8] {
      TrainingState(kind: "values", steps: bestEpoch, buffers: buffers).bytes
    }
    try Checkpoint(
      header: header,
      parts: [values(snapshot()), values(best), optimiser.state.bytes] + (average.map { [$0.state.bytes] } ?? [])
    ).write(to: path)
  }

  private func resume(_ path: String?, _ fingerprint: String) throws -> State? {
    guard let path, let found = try Checkpoint.read(path, fingerprint: fingerprint),
      found.parts.count == (average == nil ? 3 : 4)
    else { return nil }
    let present = try TrainingState(bytes: found.parts[0])
    let best = try TrainingState(bytes: found.parts[1])
    guard present.buffers.map(\.count) == kept.map(\.values.count),
      best.buffers.map(\.count) == kept.map(\.values.count)
    else { return nil }
    try optimiser.restore(try TrainingState(bytes: found.parts[2]))
    try average?.restore(try TrainingState(bytes: found.parts[3]))
    restore(present.buffers)
    self.best = best.buffers
    bestEpoch = best.steps
    history = found.header.history
    stopping = found.header.stopping
    return State(
      epoch: found.header.epoch, batch: found.header.batch, lossSum: found.header.lossSum,
      partSums: found.header.partSums, normSum: found.header.normSum, seconds: found.header.seconds)
  }
}
