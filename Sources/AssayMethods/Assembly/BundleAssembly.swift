package import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
package import AssayReport
import AssayRuntime
import Foundation

/// From a trained head to a bundle: threshold, test, graph, report, files. Every classifier ends here.
package enum BundleAssembly {
  /// Chooses the threshold, tests, and writes bundle and report.
  /// - Parameters:
  ///   - data: with the backbone that the bundle will have.
  ///   - addition: adds what only this method has to say to the report.
  package static func finish(
    _ data: ExtractedDataset, _ division: TrainingSplit, _ trained: BundleParts, output: String,
    options: TrainingOptions,
    addition: (inout ReportContent) -> Void = { _ in }, progress: @escaping ProgressHandler
  ) throws -> TrainingResult {
    let training = trained.head
    let threshold = try threshold(training, data, options)
    var reference = ReferenceParts.reference(data, division, trained.head)
    var rule = DecisionRule.classifier(
      classes: data.dataset.classes, goodClass: data.dataset.goodClass, threshold: threshold?.value)
    rule = rule.with(rule.choosingBand(budget: options.uncertainShare, on: reference))
    let evaluation = evaluation(trained, data, division, rule)

    progress(WorkProgress("report", 0, 3))
    let metadata = try metadata(data)
    let draft = try trained.graph(data).serialized()
    let network = try Network(
      onnx: draft, inputShape: [1, 3, data.preprocessing.height, data.preprocessing.width], mode: .latency,
      engines: options.features.engines)
    let baseline = try MapBaseline.measure(
      network, data, rows: division.trained(options.solver), maximumPixels: options.features.maximumPixels)
    let model = try trained.graph(data, baseline: baseline, metadata: metadata).serialized()
    var manifest = manifest(data, division, trained, threshold, evaluation, options)
    let gallery = try MistakeGallery(network, baseline, manifest, data, evaluation, division, options)
    manifest.network.mapScale = gallery.mapScale
    if let (old, change) = trained.predecessor { manifest.changes = old.manifest.changes + [change] }
    let pixels =
      trained.patches == nil || division.test.isEmpty
      ? nil
      : try SegmentationEvaluation(
        network, manifest, division.test.map { (data.samples[$0], data.picture($0)) },
        goodClass: data.dataset.goodClass,
        maximumPixels: options.features.maximumPixels, basis: evaluation.basis, progress: progress)
    manifest.metrics += pixels?.metrics ?? []
    progress(WorkProgress("report", 1, 3))

    // The features of a fine-tuned network are not those of the data set.
    let curve = LearningCurve(
      data, training: division.trained(options.solver), heldOut: trained.testProbabilities == nil ? division.test : [],
      inversePenalty: training.chosenPenalty ?? 0.01, weights: options.classWeights, seed: options.seed)
    var warnings = TrainingWarnings.list(data, division)
    if trained.patches != nil, pixels == nil { warnings.append(SegmentationEvaluation.untested) }
    warnings += (trained.patches?.warnings ?? []) + (pixels?.warnings ?? [])
    warnings += UncertainShare.warnings(evaluation.metrics, evaluation.rule.band)
    let composer = ReportComposer(manifest: manifest, evaluation: evaluation)
    var content = composer.content(title: "Inspector \(output.lastPathComponent)")
    let fitness = LineFitness(
      evaluation, FitnessContext(manifest, photographs: data.samples.map(\.path)))
    content.fitness = fitness.line
    content.warnings = warnings
    content.pictures = gallery.groups
    content.mistakesNote = gallery.note
    composer.addTraining(training, curve, to: &content)
    composer.addData(data, division, options, to: &content)
    if let tasks = trained.tasks {
      content.tasks = TaskReport.sections(tasks.evaluations(with: evaluation), primary: tasks.primary)
    }
    if let pixels { pixels.add(to: &content) }
    addition(&content)
    let report = HTMLReport.render(content)
    try ReferenceParts.addFeatures(
      to: &reference, data, division, trained.method, network, maximumPixels: options.features.maximumPixels,
      progress: progress)
    progress(WorkProgress("report", 2, 3))
    let bundle = try ModelBundle.write(
      to: output, manifest: manifest,
      files: [
        ModelBundle.modelName: model, ModelBundle.reportName: Array(report.utf8),
        ModelBundle.referenceName: try ReferenceParts.json(reference),
      ].merging(trained.files) { own, _ in own }.merging(try SourceFile.files(data, division, trained, options)) {
        own, _ in own
      }, replacing: trained.predecessor?.bundle.identity)
    progress(WorkProgress("report", 3, 3))
    return TrainingResult(
      path: bundle.path, manifest: bundle.manifest, evaluation: evaluation, fitness: fitness, segmentation: pixels,
      warnings: warnings, reading: DataReading(data.dataset), cachedCount: data.features.cachedCount,
      computedCount: data.features.computedCount)
  }

  private static func threshold(
    _ training: FittedHead, _ data: ExtractedDataset, _ options: TrainingOptions
  ) throws -> DecisionThreshold? {
    guard let good = data.goodIndex else {
      try options.checkDecision(
        goodClass: nil, classes: data.dataset.classes, reason: data.dataset.goodClassReason)
      return nil
    }
    let classes = data.dataset.classes.count
    let isDefect = training.heldOutLabels.map { $0 != good }
    // Held-out parts of one kind alone say nothing of where the best F1 is.
    if options.thresholdRule == .bestF1, !isDefect.contains(true) || !isDefect.contains(false) {
      return try DecisionThreshold(.bestF1, scores: [], isDefect: [])
    }
    return try DecisionThreshold(
      options.thresholdRule,
      scores: training.heldOutLabels.indices.map { 1 - training.heldOutProbabilities[$0 * classes + good] },
      isDefect: isDefect)
  }

  /// On the test images where there are any, else on the cross-validated predictions.
  private static func evaluation(
    _ trained: BundleParts, _ data: ExtractedDataset, _ division: TrainingSplit, _ rule: DecisionRule
  ) -> Evaluation {
    let training = trained.head
    let isTested = !division.test.isEmpty
    let rows = isTested ? division.test : division.heldOutRows
    return Evaluation(
      rule: rule, names: rows.map { data.samples[$0].name },
      labels: rows.map { data.labels[$0] },
      probabilities: isTested
        ? trained.testProbabilities ?? training.probabilities(data, rows: rows) : training.heldOutProbabilities,
      basis: isTested ? "held-out test" : division.heldOutBasis)
  }

  package static func metadata(_ data: ExtractedDataset) throws -> [(String, String)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    func json(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    return [
      ("assay.classes", try json(data.dataset.classes)), ("assay.preprocessing", try json(data.preprocessing)),
      ("assay.backbone", data.backbone.description.name), ("assay.licence", data.backbone.description.licence),
    ]
  }

  private static func manifest(
    _ data: ExtractedDataset, _ division: TrainingSplit, _ result: BundleParts, _ threshold: DecisionThreshold?,
    _ evaluation: Evaluation, _ options: TrainingOptions
  ) -> Manifest {
    let training = result.head
    let trained = division.trained(options.solver)
    let hashes = data.hashes
    var counts: [String: Int] = [:]
    for row in trained { counts[data.dataset.classes[data.labels[row]], default: 0] += 1 }
    var manifest = Manifest(
      kind: .classifier(
        ClassifierSpec(
          classes: data.dataset.classes, goodClass: data.dataset.goodClass,
          threshold: threshold.map { Manifest.Threshold($0) }, pixelMarks: result.patches?.record,
          band: evaluation.rule.band)),
      preprocessing: data.preprocessing,
      network: Manifest.Network(
        backbone: data.backbone.description, weightsSHA256: data.backbone.weightsHash, features: data.specification,
        temperature: training.temperature.temperature, mapScale: 1,
        calibration: .init(parts: training.temperature.count)),
      training: Manifest.Training(
        method: result.method, recipe: training.recipe, seed: options.seed, counts: counts,
        images: Set(trained.map { hashes[$0] }).sorted(), of: data.dataset),
      metrics: evaluation.metrics, versions: Versions.all(options.features.engines))
    manifest.training.testImages = Set(division.test.map { hashes[$0] }).sorted()
    result.tasks?.complete(&manifest)
    return manifest
  }
}
