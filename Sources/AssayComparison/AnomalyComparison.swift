package import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayImage
import AssayInspection
import AssayMethods
import AssayRuntime
import Foundation
import Synchronization

/// One backbone on data of which only good parts are learned from: PatchCore with its defaults, tested on the test images.
package enum AnomalyComparison {
  package static func row(
    _ data: ComparisonData, backbone: String, options: ComparisonOptions, progress: @escaping ProgressHandler,
    graph: ProgressHandler
  ) throws -> ComparisonRow {
    try ComparisonFolder.with { folder in
      try row(data, backbone: backbone, options: options, in: folder, progress: progress, graph: graph)
    }
  }

  private static func row(
    _ data: ComparisonData, backbone: String, options: ComparisonOptions, in folder: String,
    progress: @escaping ProgressHandler, graph: ProgressHandler
  ) throws -> ComparisonRow {
    let path = data.path
    let start = Clock.milliseconds
    // Patches, then everything up to the test, as the steps begin.
    let marks = Mutex<[String: Double]>([:])
    let result = try AnomalyTrainer.train(
      path, output: folder + "/part.assay",
      options: AnomalyOptions(
        features: options.features(backbone), goodClass: options.goodClass, split: SplitRule(seed: options.seed),
        seed: options.seed, commandLine: options.commandLine)
    ) { step in
      marks.withLock { marks in
        let now = Clock.milliseconds
        if step.step == "patches" { marks["patches"] = now }
        if step.step == "testing" || step.step == "report", marks["trained"] == nil { marks["trained"] = now }
      }
      progress(step)
    }
    guard let evaluation = result.evaluation, evaluation.metric("image AUROC") != nil else {
      throw WorkflowError(
        .badData,
        "\(path): the test images are not both good and defective; add some of each, or raise their number")
    }
    graph(WorkProgress("graph", 0, 2))
    let bundle = try ModelBundle(path: result.path)
    try data.checkUnchanged(
      Set(bundle.manifest.training.images).union(bundle.manifest.training.testImages ?? []))
    let rule = bundle.manifest.preprocessing
    let model = try bundle.graph()
    let cost = try GraphCost(
      measuring: model, inputShape: [1, 3, rule.height, rule.width], seconds: options.timingSeconds,
      engines: options.engines)
    graph(WorkProgress("graph", 2, 2))
    let (patches, trained) = marks.withLock { ($0["patches"] ?? start, $0["trained"] ?? Clock.milliseconds) }
    let threshold = evaluation.threshold ?? .infinity
    return ComparisonRow(
      backbone: bundle.manifest.network.backbone, weightsSHA256: bundle.manifest.network.weightsSHA256,
      method: .anomaly, inputSize: rule.width, cost: cost, featureSeconds: (patches - start) / 1000,
      fitSeconds: (trained - patches) / 1000, computedCount: result.computedCount, cachedCount: result.cachedCount,
      metrics: evaluation.metrics, classes: ["good", "defect"], goodIndex: 0,
      labels: evaluation.isDefect.map { $0 ? 1 : 0 },
      predicted: evaluation.scores.map { $0 >= threshold ? 1 : 0 }, scores: evaluation.scores,
      unreadable: result.unreadable)
  }
}
