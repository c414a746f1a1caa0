package import AssayBase
import AssayData
package import AssayGraph
package import AssayImage
package import AssayLearning
import AssayRuntime
package import AssayTraining
import Foundation

/// What all trainings of one command share: the divided network, and the images or what the frozen trunk makes of them.
package struct FineTuneSession {
  package let data: ExtractedDataset
  package let options: FineTuneOptions
  /// In the form in which it is trained.
  package let backbone: any Backbone
  package let graph: TrainableGraph
  package let policy: AugmentationPolicy
  package let source: any BatchSource
  package let readings: [TapReading]
  package let frozen: [TapReading]
  /// Where checkpoints are kept until the bundle is written; nil to keep none.
  package let folder: String?
  package let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - rows: all rows that are trained on or judged.
  ///   - options: resolved.
  package init(
    _ data: ExtractedDataset, rows: [Int], options: FineTuneOptions, policy: AugmentationPolicy, folder: String?,
    isCancelled: @escaping @Sendable () -> Bool, progress: @escaping ProgressHandler
  ) throws {
    self.data = data
    self.options = options
    self.policy = policy
    self.folder = folder
    self.isCancelled = isCancelled
    // With statistics that stay, a folded normalisation trains as well and faster.
    backbone = options.settings.normalisesByBatch ? data.backbone.trainable : data.backbone
    let graph = try TrainableGraph(backbone, data.specification, cut: options.frozenStage)
    self.graph = graph
    let all = Self.readings(data)
    let behind = Set(graph.trainedTaps)
    readings = all.filter { behind.contains($0.tap) }.map { reading in
      TapReading(
        tap: graph.values[reading.tap]?.name ?? reading.tap, channels: reading.channels, hasMean: reading.hasMean,
        hasDeviation: reading.hasDeviation, offset: reading.offset)
    }
    frozen = all.filter { !behind.contains($0.tap) }
    let store = try ImageStore(
      data.samples.indices.map(data.picture), preprocessing: data.preprocessing,
      maximumPixels: options.base.features.maximumPixels, progress: progress)
    if let trunk = graph.trunk {
      let cached = try Self.extract(trunk, store, data, graph, options, policy, frozen: frozen, progress)
      source = TrunkBatchSource(cached, views: options.viewCount, mixing: options.mixing, seed: options.base.seed)
    } else {
      source = ImageBatchSource(store, policy: policy, mixing: options.mixing, seed: options.base.seed)
    }
  }

  /// In the order and with the offsets of `FeatureTrunk`.
  private static func readings(_ data: ExtractedDataset) -> [TapReading] {
    let specification = data.specification
    var offset = 0
    return specification.taps.compactMap { name in
      guard let tap = data.backbone.taps.first(where: { $0.name == name }) else { return nil }
      let reading = TapReading(
        tap: name, channels: tap.channels, hasMean: specification.statistics.contains(.mean),
        hasDeviation: specification.statistics.contains(.deviation), offset: offset)
      offset += reading.count
      return reading
    }
  }

  private static func extract(
    _ trunk: ONNXModel, _ store: ImageStore, _ data: ExtractedDataset, _ graph: TrainableGraph,
    _ options: FineTuneOptions, _ policy: AugmentationPolicy, frozen: [TapReading],
    _ progress: @escaping ProgressHandler
  ) throws -> TrunkStore {
    let rule = data.preprocessing
    let views = options.viewCount
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var recipe = try encoder.encode(policy)
    recipe += try encoder.encode(rule)
    recipe += Data("\(options.base.seed)".utf8)
    let plainRecipe = try encoder.encode(rule)
    let keys = data.features.hashes.flatMap { hash in
      (0..<views).map { view in
        var bytes = Data(hash.bytes)
        bytes += Data("/\(view)/".utf8)
        bytes += view == 0 ? plainRecipe : recipe
        return SHA256Digest(of: bytes)
      }
    }
    let extractor = TrunkExtractor(
      onnx: try trunk.serialized(), inputShape: [3, rule.height, rule.width],
      cutCount: graph.tailInput.shape.reduce(1, *), featureCount: frozen.reduce(0) { $0 + $1.count },
      cache: options.base.features.cache, engines: options.base.features.engines)
    let augmenter = Augmenter(policy: policy, seed: options.base.seed, width: rule.width, height: rule.height)
    let plain = Augmenter(
      policy: AugmentationPreset.none.policy, seed: options.base.seed, width: rule.width, height: rule.height)
    return try extractor.extract(
      keys,
      fill: { item, buffer in
        let (image, view) = (item / views, item % views)
        let workspace = AugmentationWorkspace()
        try (view == 0 ? plain : augmenter).apply(
          to: try store.source(image, using: Resampler()), epoch: view, image: store.keys[image], into: buffer,
          using: workspace)
      }, progress: { progress(WorkProgress("trunk", $0, $1)) },
      announce: { progress(WorkProgress("trunk", announcing: $0)) })
  }

  /// Everything that decides what a training does.
  private func fingerprint(_ name: String, _ training: [Int], _ validation: [Int], _ start: FineTuneStart) throws
    -> String
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var bytes = try encoder.encode(options.settings) + encoder.encode(policy) + encoder.encode(data.specification)
    bytes += Data(
      "\(name)|\(options.viewCount)|\(options.frozenStage ?? "")|\(String(describing: options.mixing))".utf8)
    let hashes = data.hashes
    for row in training + validation { bytes += Data(hashes[row].utf8) }
    bytes += try encoder.encode(Array(start.head.weights.values)) + encoder.encode(start.recipe)
    bytes += Data(SHA256Digest(of: try graph.whole.serialized()).bytes)
    return SHA256Digest(of: bytes).hex
  }

  /// One training from a probe's solution, of named classes.
  /// - Parameters:
  ///   - name: of its checkpoint and its curves.
  ///   - probe: fitted to `training`.
  ///   - validation: rows that decide when to stop.
  package func train(
    _ name: String, probe: LinearModel, training: [Int], validation: [Int], progress: @escaping ProgressHandler
  ) throws -> FineTuneRun {
    let classes = data.dataset.classes.count
    let weights = options.base.classWeights.values(labels: training.map { data.labels[$0] }, classCount: classes)
    let start = FineTuneStart(
      head: TrainedHead(
        weights: probe.weights, bias: probe.bias, mean: probe.standardisation.mean, scale: probe.standardisation.scale),
      objective: SoftmaxObjective(
        labels: data.labels, classCount: classes, smoothing: options.settings.labelSmoothing, weights: weights))
    return try train(name, start, training: training, validation: validation, progress: progress)
  }

  /// One training of whatever the start aims at.
  package func train(
    _ name: String, _ start: FineTuneStart, training: [Int], validation: [Int], progress: @escaping ProgressHandler
  ) throws -> FineTuneRun {
    let run = try FineTuneRun(
      model: graph.tail, input: graph.tailInput.name, inputShape: graph.tailInput.shape, readings: readings,
      frozen: frozen, head: start.head, objective: start.objective, source: source, training: training,
      validation: validation, labels: data.labels, settings: options.settings)
    let file = name.replacing(" ", with: "-")
    let log = try TrainingLog(file, folder: options.logFolder, checkpoints: folder)
    try run.run(
      checkpoint: folder.map { "\($0)/\(file).checkpoint" },
      fingerprint: try fingerprint(name, training, validation, start),
      progress: { state in
        let total = state.epochs * state.batches
        let accuracy = state.validation.map { String(format: ", validation %.2f %%", $0.accuracy * 100) } ?? ""
        progress(
          WorkProgress(
            name, (state.epoch - 1) * state.batches + state.batch, total,
            note: String(format: "epoch %d/%d, loss %.4f", state.epoch, state.epochs, state.loss) + accuracy
              + String(format: ", %.0f images/s", state.imagesPerSecond),
            isMilestone: state.batch == state.batches))
      }, didFinishEpoch: { try log.add($0) }, isCancelled: isCancelled)
    return run
  }
}

/// Where a training begins, and what it aims at.
package struct FineTuneStart {
  /// The probe's solution.
  package let head: TrainedHead
  package let objective: any TrainingObjective
  /// What else decides what is learned, for the checkpoint's fingerprint.
  package var recipe: [String] = []
}

/// Curves on disk while training goes on: `training.csv`, and TensorBoard's files when asked for.
package final class TrainingLog {
  private let folders: [String]
  private var board: TensorBoardWriter?
  private let boardFolder: String?
  private var written = 0

  package init(_ name: String, folder: String?, checkpoints: String?) throws {
    boardFolder = folder.map { "\($0)/\(name)" }
    folders = [boardFolder, checkpoints.map { "\($0)/\(name)" }].compactMap { $0 }
  }

  package func add(_ history: TrainingHistory) throws {
    for folder in folders { try history.write(toFolder: folder) }
    guard let boardFolder, let last = history.epochs.last else { return }
    if board == nil {
      board = try TensorBoardWriter(folder: boardFolder, resumingAt: last.number > 1 ? last.number : nil)
    }
    board?.add(last)
    try board?.flush()
  }
}
