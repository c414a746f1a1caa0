import AssayData
import AssayImage
import AssayInspection
import AssayLearning
import AssayModel
import AssayReport
import AssayRuntime
import Foundation

/// What training made.
public struct TrainingResult: Sendable {
  public let path: String
  public let manifest: Manifest
  public let evaluation: Evaluation
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  /// How well pixels are marked; set when masks were learned and there are test images.
  public let segmentation: SegmentationEvaluation?
  public let warnings: [String]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// Features taken from the cache, and computed.
  public let cachedCount: Int
  public let computedCount: Int
}

/// From a folder of labelled photographs to a bundle.
public enum Trainer {
  /// - Parameters:
  ///   - path: the data set.
  ///   - output: the bundle's folder; an older bundle there is replaced at the very end, in one step.
  public static func train(
    _ path: String, output: String, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> TrainingResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let data = try ExtractedDataset(
        path: path, labels: options.labels, goodClass: options.goodClass, options: options.features, progress: progress)
      return try train(data, output: output, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// The same with a data set that has been read.
  package static func train(
    _ dataset: Dataset, output: String, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> TrainingResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let data = try ExtractedDataset(dataset, path: dataset.root, options: options.features, progress: progress)
      return try train(data, output: output, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func train(
    _ data: ExtractedDataset, output: String, options: TrainingOptions, progress: @escaping ProgressHandler
  ) throws -> TrainingResult {
    let division = Division(data, options)
    try checkClasses(data, division.trained(options.solver))
    let training = try HeadTraining(
      data, training: division.training, validation: division.validation, options: options, progress: progress)
    let patches =
      options.usesMasks
      ? try PatchTraining(PatchData(data), rows: division.trained(options.solver), options, progress: progress) : nil
    return try finish(
      data, division, .init(training, patches: patches), output: output, options: options, progress: progress)
  }

  /// - Throws: when the rows to train on are of one class only.
  static func checkClasses(_ data: ExtractedDataset, _ rows: [Int]) throws {
    let learned = Set(rows.map { data.labels[$0] })
    guard learned.count >= 2 else {
      let only = learned.first.map { "only images of \(data.dataset.classes[$0]) are" } ?? "no images are"
      throw WorkflowError(
        .badData,
        "\(data.dataset.root): \(only) among those to train on; a classifier needs two classes, and --method anomaly "
          + "learns from good parts alone")
    }
  }

  /// A trained head, and how its test images were judged.
  struct Trained {
    let head: HeadTraining
    /// For the manifest.
    let method: TrainingMethod
    /// Of the test rows, `[n, K]`; nil when the head judges the features of the data set.
    let testProbabilities: [Double]?
    /// The other tasks of the bundle, when there are several.
    let tasks: TaskBundle?
    /// Marks pixels.
    let patches: PatchTraining?
    /// What the bundle keeps besides.
    let files: [String: [UInt8]]
    /// The bundle that this one is made of and takes the place of, and what was changed in it.
    let predecessor: (bundle: ModelBundle, change: Manifest.Change)?

    init(
      _ head: HeadTraining, method: TrainingMethod = .linear, testProbabilities: [Double]? = nil,
      tasks: TaskBundle? = nil,
      patches: PatchTraining? = nil, files: [String: [UInt8]] = [:],
      predecessor: (bundle: ModelBundle, change: Manifest.Change)? = nil
    ) {
      self.head = head
      self.method = method
      self.testProbabilities = testProbabilities
      self.tasks = tasks
      self.patches = patches
      self.files = files
      self.predecessor = predecessor
    }

    /// The bundle's graph.
    /// - Parameter baseline: of the map.
    func graph(
      _ data: ExtractedDataset, baseline: [Float]? = nil, metadata: [(String, String)] = []
    ) throws -> ONNXModel {
      if let tasks {
        return try MultiTaskGraph.build(
          data.backbone, data.specification, shared: tasks.shared, heads: tasks.heads, primary: tasks.primary,
          baseline: baseline, metadata: metadata + tasks.metadata())
      }
      return try InspectorGraph.build(
        data.backbone, data.specification, head: head.head, segmentation: patches?.head, baseline: baseline,
        metadata: metadata)
    }
  }

  /// Chooses the threshold, tests, and writes bundle and report.
  /// - Parameters:
  ///   - data: with the backbone that the bundle will have.
  ///   - addition: adds what only this method has to say to the report.
  static func finish(
    _ data: ExtractedDataset, _ division: Division, _ trained: Trained, output: String, options: TrainingOptions,
    addition: (inout ReportContent) -> Void = { _ in }, progress: @escaping ProgressHandler
  ) throws -> TrainingResult {
    let training = trained.head
    let threshold = try threshold(training, data, options)
    var reference = ReferenceParts.reference(data, division, trained)
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
    var content = composer.content(title: "Inspector \((output as NSString).lastPathComponent)")
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
    _ training: HeadTraining, _ data: ExtractedDataset, _ options: TrainingOptions
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
    _ trained: Trained, _ data: ExtractedDataset, _ division: Division, _ rule: DecisionRule
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

  static func metadata(_ data: ExtractedDataset) throws -> [(String, String)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    func json(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    return [
      ("assay.classes", try json(data.dataset.classes)), ("assay.preprocessing", try json(data.preprocessing)),
      ("assay.backbone", data.backbone.description.name), ("assay.licence", data.backbone.description.licence),
    ]
  }

  private static func manifest(
    _ data: ExtractedDataset, _ division: Division, _ result: Trained, _ threshold: DecisionThreshold?,
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
