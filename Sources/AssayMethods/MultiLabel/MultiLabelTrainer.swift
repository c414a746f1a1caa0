public import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
import AssayReport
import AssayRuntime
import Foundation

/// From photographs on which several classes may be marked to a bundle that finds all of them.
public enum MultiLabelTrainer {
  /// - Parameters:
  ///   - path: the data set, of any layout: one label an image is one class found, the good class none.
  ///   - output: the bundle's folder; an older bundle there is replaced at the very end, in one step.
  public static func train(
    _ path: String, output: String, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> MultiLabelResult {
    do {
      guard options.labels == .native else {
        throw WorkflowError(.usage, "--labels binary has one class of defect; leave it out with --multi-label")
      }
      try ModelBundle.checkReplaceable(output)
      let data = try MultiLabelDataset(
        path: path, goodClass: options.goodClass, options: options.features, progress: progress)
      return try train(data, output: output, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func train(
    _ data: MultiLabelDataset, output: String, options: TrainingOptions, progress: @escaping ProgressHandler
  ) throws -> MultiLabelResult {
    let division = data.division(options)
    let heads = try MultiLabelHeads(data, division, options, progress: progress)
    let isTested = !division.test.isEmpty
    let rows = isTested ? division.test : division.heldOutRows
    let reference = ReferenceParts.labels(
      data, division, heads, maximumPixels: options.features.maximumPixels, progress: progress)
    let band = spec(data, heads, marks: nil, band: nil).rule
      .choosingBand(budget: options.uncertainShare, on: reference)
    let evaluation = MultiLabelEvaluation(
      rule: spec(data, heads, marks: nil, band: band).rule, names: rows.map { data.extracted.samples[$0].name },
      truth: rows.flatMap { row in data.classes.indices.map { data.truth[row * data.classes.count + $0] } },
      probabilities: isTested ? heads.probabilities(data, rows: rows) : heads.heldOutProbabilities,
      basis: isTested ? "held-out test" : division.heldOutBasis)
    let extracted = data.extracted
    let trained = division.trained(options.solver)
    let patches =
      options.usesMasks
      ? try FittedPatchHead(
        PatchData(data.dataset, extracted, classes: data.classes), rows: trained, options, progress: progress) : nil
    progress(WorkProgress("report", 0, 2))
    let metadata = try metadata(data)
    func graph(_ baseline: [Float]?) throws -> [UInt8] {
      try InspectorGraph.build(
        extracted.backbone, extracted.specification, head: heads.head, activation: .sigmoid,
        segmentation: patches?.head, baseline: baseline,
        metadata: metadata
      ).serialized()
    }
    let rule = extracted.preprocessing
    let network = try Network(
      onnx: graph(nil), inputShape: [1, 3, rule.height, rule.width], mode: .latency, engines: options.features.engines)
    let baseline = try MapBaseline.measure(
      network, data.goodView, rows: trained, maximumPixels: options.features.maximumPixels)
    var manifest = try manifest(data, division, heads, evaluation, options)
    manifest.network.mapScale = try MapScale.measure(
      network, baseline, data, rows: trained, maximumPixels: options.features.maximumPixels)
    manifest.kind = .multiLabel(spec(data, heads, marks: patches?.record, band: band))
    let pixels =
      isTested
      ? try SegmentationEvaluation(
        network, manifest, division.test.map { (extracted.samples[$0], extracted.picture($0)) },
        goodClass: data.dataset.goodClass,
        maximumPixels: options.features.maximumPixels, basis: evaluation.basis, progress: progress) : nil
    manifest.metrics += pixels?.metrics ?? []
    var content = MultiLabelReport.content(
      evaluation, manifest, title: "Inspector \(output.lastPathComponent)")
    let fitness = LineFitness(
      evaluation, FitnessContext(manifest, photographs: extracted.samples.map(\.path)))
    content.fitness = fitness.line
    let session = InspectionSession(
      try network.makeRequest(), manifest.preprocessing,
      try manifest.kind.postProcessor(manifest, GraphOutputs(network), baseline: baseline),
      maximumPixels: options.features.maximumPixels)
    content.pictures = try MultiLabelGallery.groups(evaluation, goodName: data.goodClass) { position in
      let picture = extracted.picture(rows[position])
      let bytes = try picture.contents(maximumPixels: options.features.maximumPixels)
      return try FindingPicture.draw(try session.inspect(bytes, name: picture.path), manifest)
    }
    content.mistakesNote = MultiLabelGallery.note(evaluation)
    content.warnings = TrainingWarnings.list(data.goodView, division)
    if patches != nil, pixels == nil {
      content.warnings.append(SegmentationEvaluation.untested)
    }
    content.warnings += (patches?.warnings ?? []) + (pixels?.warnings ?? [])
    content.warnings += UncertainShare.warnings(evaluation.metrics, band)
    if let pixels { pixels.add(to: &content) }
    content.dataColumns = ["trained on", "tested"]
    content.dataRows = data.classes.indices.map { k in
      let own = data.isThere(k)
      return (data.classes[k], [trained.count { own[$0] == 1 }, division.test.count { own[$0] == 1 }])
    }
    let said = content.warnings
    content.add(data.dataset)
    if !options.commandLine.isEmpty { content.provenance.append(("command", options.commandLine)) }
    let bundle = try ModelBundle.write(
      to: output, manifest: manifest,
      files: [
        ModelBundle.modelName: try graph(baseline), ModelBundle.reportName: Array(HTMLReport.render(content).utf8),
        ModelBundle.referenceName: try ReferenceParts.json(reference),
      ])
    progress(WorkProgress("report", 2, 2))
    return MultiLabelResult(
      path: bundle.path, manifest: bundle.manifest, evaluation: evaluation, fitness: fitness, segmentation: pixels,
      warnings: said, reading: DataReading(data.dataset), cachedCount: extracted.features.cachedCount,
      computedCount: extracted.features.computedCount)
  }

  private static func metadata(_ data: MultiLabelDataset) throws -> [(String, String)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    func json(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
    return [
      ("assay.classes", try json(data.classes)), ("assay.task", InspectorKind.Name.multiLabel.rawValue),
      ("assay.preprocessing", try json(data.extracted.preprocessing)),
      ("assay.backbone", data.extracted.backbone.description.name),
      ("assay.licence", data.extracted.backbone.description.licence),
    ]
  }

  private static func manifest(
    _ data: MultiLabelDataset, _ division: TrainingSplit, _ heads: MultiLabelHeads, _ evaluation: MultiLabelEvaluation,
    _ options: TrainingOptions
  ) throws -> Manifest {
    let extracted = data.extracted
    let trained = division.trained(options.solver)
    let hashes = data.hashes
    let isDefect = data.isDefect
    var counts = [data.goodClass: trained.count { !isDefect[$0] }]
    for (k, name) in data.classes.enumerated() {
      let own = data.isThere(k)
      counts[name] = trained.count { own[$0] == 1 }
    }
    var manifest = Manifest(
      kind: .multiLabel(spec(data, heads, marks: nil, band: nil)), preprocessing: extracted.preprocessing,
      network: Manifest.Network(
        backbone: extracted.backbone.description, weightsSHA256: extracted.backbone.weightsHash,
        features: extracted.specification, temperature: 1, mapScale: 1,
        calibration: .init(parts: division.heldOutRows.count)),
      training: Manifest.Training(
        method: .linear, recipe: try Recipe(MultiLabelRecipe(heads.training, of: data.classes, options)),
        seed: options.seed, counts: counts, images: Set(trained.map { hashes[$0] }).sorted(), of: data.dataset),
      metrics: evaluation.metrics, versions: Versions.all(options.features.engines))
    manifest.training.testImages = Set(division.test.map { hashes[$0] }).sorted()
    return manifest
  }

  private static func spec(
    _ data: MultiLabelDataset, _ heads: MultiLabelHeads, marks: Manifest.PixelMarks?, band: UncertainBand?
  ) -> MultiLabelSpec {
    MultiLabelSpec(
      classes: data.classes, thresholds: heads.thresholds.map { Manifest.Threshold($0) }, goodName: data.goodClass,
      pixelMarks: marks, band: band)
  }
}
