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

/// Writes a bundle of which no task classifies: no threshold, no map, the stated values alone.
package enum MeasurementBundle {
  package static func write(
    _ data: MultiTaskDataset, _ division: TrainingSplit, _ tasks: TaskBundle, output: String, options: TrainingOptions,
    addition: (inout ReportContent) -> Void = { _ in }, progress: @escaping ProgressHandler
  ) throws -> MultiTaskResult {
    guard options.thresholdRule == .bestF1 else {
      throw WorkflowError(
        .usage, "--\(options.thresholdRule.name) needs a task that tells good from defective (a column label:NAME)")
    }
    progress(WorkProgress("report", 0, 2))
    let extracted = data.extracted
    let encoder = JSONEncoder()
    // The same training makes the same bundle.
    encoder.outputFormatting = [.sortedKeys]
    let rule = String(decoding: try encoder.encode(extracted.preprocessing), as: UTF8.self)
    let model = try MultiTaskGraph.build(
      extracted.backbone, extracted.specification, shared: tasks.shared, heads: tasks.heads, primary: nil,
      metadata: [
        ("assay.preprocessing", rule), ("assay.backbone", extracted.backbone.description.name),
        ("assay.licence", extracted.backbone.description.licence),
      ] + tasks.metadata()
    ).serialized()
    var manifest = Manifest(
      kind: .measurement(MeasurementSpec(tasks: tasks.records)), preprocessing: extracted.preprocessing,
      network: Manifest.Network(
        backbone: extracted.backbone.description, weightsSHA256: extracted.backbone.weightsHash,
        features: extracted.specification, temperature: 1, mapScale: 0),
      training: Manifest.Training(
        method: tasks.method, recipe: tasks.records.first?.recipe ?? .unknown, seed: options.seed, counts: [:],
        images: tasks.images, of: data.dataset),
      metrics: [], versions: Versions.all(options.features.engines))
    let hashes = data.hashes
    manifest.training.testImages = Set(division.test.map { hashes[$0] }).sorted()
    tasks.complete(&manifest)
    let warnings = warnings(data, division)
    var content = content(manifest, tasks, data, warnings, output: output, options: options)
    let fitness = LineFitness(
      tasks.evaluations, primary: nil,
      FitnessContext(manifest, photographs: extracted.samples.map(\.path)))
    content.fitness = fitness.line
    addition(&content)
    let report = HTMLReport.render(content)
    progress(WorkProgress("report", 1, 2))
    let size = extracted.preprocessing
    let network = try Network(
      onnx: model, inputShape: [1, 3, size.height, size.width], mode: .latency, engines: options.features.engines)
    let bundle = try ModelBundle.write(
      to: output, manifest: manifest,
      files: [
        ModelBundle.modelName: model, ModelBundle.reportName: Array(report.utf8),
        ModelBundle.referenceName: try ReferenceParts.encoded(
          data, division, tasks.method, network, maximumPixels: options.features.maximumPixels, progress: progress),
      ])
    progress(WorkProgress("report", 2, 2))
    return MultiTaskResult(
      path: bundle.path, manifest: bundle.manifest, evaluations: tasks.evaluations, fitness: fitness,
      warnings: warnings, reading: DataReading(data.dataset), cachedCount: extracted.features.cachedCount,
      computedCount: extracted.features.computedCount)
  }

  private static func warnings(_ data: MultiTaskDataset, _ division: TrainingSplit) -> [String] {
    var warnings = data.extracted.notes
    if division.isTooSmallToTest {
      warnings.append("There are too few images to set a test set aside; the figures come from cross-validation.")
    }
    return warnings
  }

  private static func content(
    _ manifest: Manifest, _ tasks: TaskBundle, _ data: MultiTaskDataset, _ warnings: [String], output: String,
    options: TrainingOptions
  ) -> ReportContent {
    let names = tasks.records.map(\.name).joined(separator: ", ")
    var content = ReportContent(
      title: "Inspector \(output.lastPathComponent)",
      subtitle: "Assay \(Versions.assay)", verdict: "It states \(names).")
    content.warnings = warnings
    content.missing = TaskReport.missing
    content.tasks = TaskReport.sections(tasks.evaluations, primary: nil)
    content.provenance = ReportComposer.provenance(
      manifest,
      figuresFrom: tasks.evaluations.map { "\($0.name): \($0.basis), \($0.count) images" }.joined(separator: "; "))
    if !options.commandLine.isEmpty { content.provenance.append(("command", options.commandLine)) }
    content.add(data.dataset)
    return content
  }
}
