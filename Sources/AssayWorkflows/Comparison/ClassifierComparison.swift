import AssayData
import AssayInspection
import AssayModel
import AssayRuntime
import Foundation

/// One backbone with every method that names classes: the backbone is run over the images once.
struct ClassifierComparison {
  private let data: ExtractedDataset
  private let options: ComparisonOptions
  private let training: TrainingOptions
  private let featureSeconds: Double
  /// The graphs of all methods have the same shape, so one is timed for all.
  private var cost: GraphCost?

  /// - Parameter cost: where it is known from a row of the same backbone.
  init(
    _ source: ComparisonData, backbone: String, options: ComparisonOptions, cost: GraphCost?,
    progress: @escaping ProgressHandler
  ) throws {
    self.options = options
    self.cost = cost
    training = options.training(backbone)
    let start = Clock.milliseconds
    data = try ExtractedDataset(
      source.dataset, path: source.path, options: training.features, progress: progress)
    try source.checkUnchanged(data)
    featureSeconds = (Clock.milliseconds - start) / 1000
  }

  mutating func row(
    _ method: ComparisonMethod, heads: @escaping ProgressHandler, graph: @escaping ProgressHandler
  ) throws -> ComparisonRow {
    let all = Array(data.labels.indices)
    let evaluation: Evaluation
    let head: HeadTraining
    let fitSeconds: Double
    switch method {
    case .fewshot:
      evaluation = try FewShotCrossValidation(
        data, folds: options.folds, shots: options.shots, rule: training.thresholdRule, seed: options.seed,
        progress: heads
      ).evaluation
      let start = Clock.milliseconds
      let draw = SupportDraw(data, among: all, tested: nil, shots: options.shots, seed: options.seed)
      head = try FewShotTraining(data, support: draw.support, seed: options.seed).head
      fitSeconds = (Clock.milliseconds - start) / 1000
    case .linear, .anomaly:
      evaluation = try CrossValidation(data, folds: options.folds, options: training, progress: heads).evaluation
      let start = Clock.milliseconds
      head = try HeadTraining(data, training: all, validation: [], options: training, progress: { _ in })
      fitSeconds = (Clock.milliseconds - start) / 1000
    }
    let cost = try self.cost ?? measured(head, graph)
    self.cost = cost
    return ComparisonRow(
      backbone: data.backbone.description, weightsSHA256: data.backbone.weightsHash, method: method,
      inputSize: data.preprocessing.width, cost: cost, featureSeconds: featureSeconds, fitSeconds: fitSeconds,
      computedCount: data.features.computedCount, cachedCount: data.features.cachedCount,
      metrics: evaluation.metrics.filter { !["escape rate", "overkill rate"].contains($0.name) },
      classes: evaluation.classes, labels: evaluation.labels, predicted: evaluation.predicted,
      unreadable: data.unreadable.map(Dataset.Refusal.init))
  }

  /// The graph that a bundle would have, map and its baseline included.
  private func measured(_ head: HeadTraining, _ progress: ProgressHandler) throws -> GraphCost {
    let shape = [1, 3, data.preprocessing.height, data.preprocessing.width]
    let trained = Trainer.Trained(head)
    progress(WorkProgress("graph", 0, 3))
    let draft = try Network(onnx: try trained.graph(data).serialized(), inputShape: shape, mode: .latency)
    let baseline = try MapBaseline.measure(
      draft, data, rows: Array(data.labels.indices), maximumPixels: options.maximumPixels)
    progress(WorkProgress("graph", 1, 3))
    let model = try trained.graph(data, baseline: baseline, metadata: try Trainer.metadata(data))
    let cost = try GraphCost(measuring: model, inputShape: shape, seconds: options.timingSeconds)
    progress(WorkProgress("graph", 3, 3))
    return cost
  }
}

extension GraphCost {
  init(measuring model: ONNXModel, inputShape: [Int], seconds: Double) throws {
    let bytes = try model.serialized()
    let timing = try GraphTiming(onnx: bytes, inputShape: inputShape, seconds: seconds)
    self.init(
      parameters: model.parameterCount, bytes: bytes.count, medianMilliseconds: timing.median,
      p99Milliseconds: timing.p99)
  }
}

extension ONNXModel {
  /// 32-bit floating-point numbers that the graph stores.
  var parameterCount: Int {
    proto.graph.initializer.filter { $0.dataType == 1 }.reduce(0) { $0 + $1.dims.reduce(1) { $0 * Int($1) } }
  }
}
