package import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
package import AssayGraph
import AssayImage
import AssayInspection
import AssayMethods
import AssayMetrics
package import AssayRuntime
import Foundation

/// One backbone with every method on the same folds: the backbone is run over the images once for the methods that name
/// classes, and once for anomaly detection, which reads other depths of it.
package struct ClassifierComparison {
  private let data: ExtractedDataset
  private let name: String
  private let options: ComparisonOptions
  private let training: TrainingOptions
  private let featureSeconds: Double
  /// The graphs of the methods that name classes have the same shape, so one is timed for all.
  private var cost: GraphCost?

  /// - Parameter cost: where it is known from a row of the same backbone that names classes.
  package init(
    _ source: ComparisonData, backbone: String, options: ComparisonOptions, cost: GraphCost?,
    progress: @escaping ProgressHandler
  ) throws {
    self.options = options
    self.cost = cost
    name = backbone
    training = options.training(backbone)
    let start = Clock.milliseconds
    data = try ExtractedDataset(
      source.dataset, path: source.path, options: training.features, progress: progress)
    try source.checkUnchanged(data)
    featureSeconds = (Clock.milliseconds - start) / 1000
  }

  package mutating func row(
    _ method: ComparisonMethod, heads: @escaping ProgressHandler, graph: @escaping ProgressHandler
  ) throws -> ComparisonRow {
    switch method {
    case .anomaly: return try anomalyRow(heads, graph)
    case .finetune: return try fineTunedRow(heads, graph)
    case .linear, .fewshot: break
    }
    let all = Array(data.labels.indices)
    let evaluation: Evaluation
    let head: FittedHead
    let fitSeconds: Double
    if method == .fewshot {
      evaluation = try FewShotCrossValidation(
        data, folds: options.folds, shots: options.shots, rule: training.thresholdRule, seed: options.seed,
        progress: heads
      ).evaluation
      let start = Clock.milliseconds
      let draw = SupportDraw(data, among: all, tested: nil, shots: options.shots, seed: options.seed)
      head = try FewShotHead(data, support: draw.support, seed: options.seed).head
      fitSeconds = (Clock.milliseconds - start) / 1000
    } else {
      evaluation = try CrossValidation(data, folds: options.folds, options: training, progress: heads).evaluation
      let start = Clock.milliseconds
      head = try FittedHead(data, training: all, validation: [], options: training, progress: { _ in })
      fitSeconds = (Clock.milliseconds - start) / 1000
    }
    let cost = try self.cost ?? measured(head, graph)
    self.cost = cost
    return row(method, evaluation, cost: cost, fitSeconds: fitSeconds)
  }

  private func row(
    _ method: ComparisonMethod, _ evaluation: Evaluation, cost: GraphCost, fitSeconds: Double
  ) -> ComparisonRow {
    ComparisonRow(
      backbone: data.backbone.description, weightsSHA256: data.backbone.weightsHash, method: method,
      inputSize: data.preprocessing.width, cost: cost, featureSeconds: featureSeconds, fitSeconds: fitSeconds,
      computedCount: data.features.computedCount, cachedCount: data.features.cachedCount,
      metrics: evaluation.metrics.filter { !["escape rate", "overkill rate"].contains($0.name) },
      classes: evaluation.classes, goodIndex: evaluation.goodIndex, labels: evaluation.labels,
      predicted: evaluation.predicted, scores: evaluation.defectScores,
      unreadable: data.unreadable.map(Dataset.Refusal.init))
  }

  private func anomalyRow(_ heads: @escaping ProgressHandler, _ graph: ProgressHandler) throws -> ComparisonRow {
    let folds = try AnomalyFolds(data, backbone: name, options: options, progress: heads)
    graph(WorkProgress("graph", 0, 1))
    let rule = data.preprocessing
    let cost = try GraphCost(
      measuring: folds.model, inputShape: [1, 3, rule.height, rule.width], seconds: options.timingSeconds,
      engines: options.engines)
    graph(WorkProgress("graph", 1, 1))
    let isDefect = data.labels.map { $0 != data.goodIndex }
    func metric(_ name: String, _ figure: (value: Double, interval: Interval?)?) -> Manifest.Metric? {
      figure.map {
        Manifest.Metric(
          name: name, value: $0.value, low: $0.interval?.low, high: $0.interval?.high, count: isDefect.count,
          on: "cross-validation")
      }
    }
    let point = EscapeAtOverkill(atMost: options.maximumOverkill, scores: folds.scores, isDefect: isDefect)
    return ComparisonRow(
      backbone: data.backbone.description, weightsSHA256: data.backbone.weightsHash, method: .anomaly,
      inputSize: rule.width, cost: cost, featureSeconds: folds.patchSeconds, fitSeconds: folds.fitSeconds,
      computedCount: folds.computedCount, cachedCount: folds.cachedCount,
      metrics: [
        metric("AUROC", ROCCurve.area(scores: folds.scores, isPositive: isDefect)),
        metric(
          "average precision", PrecisionRecallCurve.averagePrecision(scores: folds.scores, isPositive: isDefect)),
      ].compactMap { $0 },
      classes: [AnomalySpec.goodName, AnomalySpec.defectName], goodIndex: 0, labels: isDefect.map { $0 ? 1 : 0 },
      predicted: point.map { $0.isRejected.map { $0 ? 1 : 0 } } ?? isDefect.map { _ in 0 }, scores: folds.scores,
      unreadable: data.unreadable.map(Dataset.Refusal.init))
  }

  /// As `assay train --method finetune` has it, every image judged by the network of a fold that had not seen it.
  private func fineTunedRow(
    _ heads: @escaping ProgressHandler, _ graph: ProgressHandler
  ) throws -> ComparisonRow {
    try ComparisonFolder.with { try fineTunedRow(in: $0, heads, graph) }
  }

  private func fineTunedRow(
    in folder: String, _ heads: @escaping ProgressHandler, _ graph: ProgressHandler
  ) throws -> ComparisonRow {
    var base = training
    base.split = SplitRule(seed: options.seed, test: 0)
    // Every image is judged by a fold, those of the data's own test set as well.
    var dataset = data.dataset
    for index in dataset.samples.indices { dataset.samples[index].split = nil }
    let start = Clock.milliseconds
    let result = try FineTuneTrainer.train(
      dataset, output: folder + "/part.assay",
      options: FineTuneOptions(base: base, folds: options.folds, isForced: true), progress: heads)
    let seconds = (Clock.milliseconds - start) / 1000
    graph(WorkProgress("graph", 0, 1))
    let rule = data.preprocessing
    let cost = try GraphCost(
      measuring: try ModelBundle(path: result.training.path).graph(), inputShape: [1, 3, rule.height, rule.width],
      seconds: options.timingSeconds, engines: options.engines)
    graph(WorkProgress("graph", 1, 1))
    // One training of all images, of those that there were.
    return row(
      .finetune, result.training.evaluation, cost: cost, fitSeconds: seconds / Double(options.folds + 1))
  }

  /// The graph that a bundle would have, map and its baseline included.
  private func measured(_ head: FittedHead, _ progress: ProgressHandler) throws -> GraphCost {
    let shape = [1, 3, data.preprocessing.height, data.preprocessing.width]
    let trained = BundleParts(head)
    progress(WorkProgress("graph", 0, 3))
    let draft = try Network(
      onnx: try trained.graph(data).serialized(), inputShape: shape, mode: .latency, engines: options.engines)
    let baseline = try MapBaseline.measure(
      draft, data, rows: Array(data.labels.indices), maximumPixels: options.maximumPixels)
    progress(WorkProgress("graph", 1, 3))
    let model = try trained.graph(data, baseline: baseline, metadata: try BundleAssembly.metadata(data))
    let cost = try GraphCost(
      measuring: model, inputShape: shape, seconds: options.timingSeconds, engines: options.engines)
    progress(WorkProgress("graph", 3, 3))
    return cost
  }
}

extension GraphCost {
  package init(measuring model: ONNXModel, inputShape: [Int], seconds: Double, engines: Engines) throws {
    let bytes = try model.serialized()
    let timing = try GraphTiming(onnx: bytes, inputShape: inputShape, seconds: seconds, engines: engines)
    self.init(
      parameters: model.parameterCount, bytes: bytes.count, medianMilliseconds: timing.median,
      p99Milliseconds: timing.p99)
  }
}

extension ONNXModel {
  /// 32-bit floating-point numbers that the graph stores.
  package var parameterCount: Int {
    proto.graph.initializer.filter { $0.dataType == 1 }.reduce(0) { $0 + $1.dims.reduce(1) { $0 * Int($1) } }
  }
}
