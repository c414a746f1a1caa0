package import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
package import AssayLearning
import AssayMethods
import AssayReport
import AssayRuntime
import Foundation

/// Writes an adapted bundle: the same network, with the correction folded into head and map.
package struct AdaptedBundle {
  private let subject: AdaptableBundle
  private let new: NewLine
  private let trial: AdaptationTrial
  private let chosen: AdaptationCandidate
  private let head: LinearHead
  /// Of the new line's images, as the adapted network gives them.
  private let features: FeatureSet
  private let backbone: BundleBackbone
  private let options: AdaptationOptions

  package init(
    _ subject: AdaptableBundle, _ new: NewLine, _ trial: AdaptationTrial, _ chosen: AdaptationCandidate,
    _ map: FeatureMap, _ batch: BatchAdaptation?, _ options: AdaptationOptions
  ) {
    let adapted = chosen.method == .batchStatistics ? batch : nil
    let features = adapted?.targetSet ?? new.targetSet
    self.features = features
    backbone = adapted?.backbone ?? subject.backbone
    self.subject = subject
    self.new = new
    self.trial = trial
    self.chosen = chosen
    self.options = options
    var center = [Double](repeating: 0, count: features.dimension)
    for row in 0..<features.rows.count {
      for (column, value) in features.values(of: row).enumerated() { center[column] += Double(value) }
    }
    head = subject.head(behind: map, center: center.map { Float($0 / Double(max(1, features.rows.count))) })
  }

  /// - Returns: the bundle's path.
  package func write(to output: String, progress: @escaping ProgressHandler) throws -> String {
    progress(WorkProgress("writing", 0, 2))
    let old = subject.manifest
    let record = AdaptationRecord(
      method: chosen.method.rawValue,
      explanation: "\(chosen.method.explanation); the new line's images were taken to show \(chosen.belief)",
      images: new.targetSet.hashes.map(\.hex).sorted(), goodImages: new.goodHashes.sorted(),
      labelledImages: new.labelledHashes.sorted(), bundle: URL(fileURLWithPath: subject.bundle.path).lastPathComponent,
      bundleSHA256: subject.bundle.identity, findings: trial.findings, isRecommended: trial.isRecommended)
    let metadata = try subject.bundle.graph().metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let draft = try InspectorGraph.build(backbone, subject.specification, head: head).serialized()
    let rule = old.preprocessing
    let network = try Network(
      onnx: draft, inputShape: [1, 3, rule.height, rule.width], mode: .latency,
      engines: options.engines)
    let baseline = try MapBaseline.measure(
      network, baselineImages(), rule, maximumPixels: options.maximumPixels)
    progress(WorkProgress("writing", 1, 2))
    let model = try InspectorGraph.build(
      backbone, subject.specification, head: head, baseline: baseline,
      metadata: metadata + [("assay.adaptation", record.method)]
    ).serialized()
    var manifest = Manifest(
      kind: old.kind, preprocessing: old.preprocessing, network: old.network, training: old.training,
      metrics: old.metrics, versions: Versions.all(options.engines))
    manifest.adaptation = record
    var files: [String: [UInt8]] = [
      ModelBundle.modelName: model, ModelBundle.reportName: Array(report(record, manifest, output).utf8),
    ]
    if old.files[ModelBundle.reportName] != nil {
      files["report-before.html"] = try subject.bundle.contents(ModelBundle.reportName)
    }
    if let reference = try reference(progress) { files[ModelBundle.referenceName] = reference }
    let written = try ModelBundle.write(to: output, manifest: manifest, files: files)
    progress(WorkProgress("writing", 2, 2))
    return written.path
  }

  /// Good parts where they are known, else those that are taken for good; all where no class is good.
  private func baselineImages() -> [KnownPicture] {
    guard new.goodPictures.isEmpty, let good = subject.goodIndex else {
      return new.goodPictures.isEmpty ? new.pictures : new.goodPictures
    }
    let logits = features.rows.indices.flatMap { row in
      head.logits(Array(features.values(of: row))).map { Float($0) }
    }
    let decided = subject.manifest.rule.decide(
      rows: Softmax.probabilities(logits, classCount: subject.manifest.classes.count))
    let taken = decided.indices.filter { decided[$0] == good }
    return taken.isEmpty ? new.pictures : taken.map { new.pictures[$0] }
  }

  /// Drift is measured from the new line.
  private func reference(_ progress: @escaping ProgressHandler) throws -> [UInt8]? {
    guard var reference = try subject.bundle.reference() else { return nil }
    reference.whyNoFeatures = nil
    reference.brightness = BrightnessReference.measure(
      baselineImages(), subject.manifest.preprocessing, maximumPixels: options.maximumPixels,
      progress: progress)
    reference.add(
      FrozenReference(features, units: features.rows.indices.map { _ in nil }).features(
        Array(features.rows.indices), isGood: { _ in true }))
    return try ReferenceParts.json(reference)
  }

  private func report(_ record: AdaptationRecord, _ manifest: Manifest, _ output: String) -> String {
    var content = ReportContent(
      title: "Inspector \(output.lastPathComponent), adapted to another line",
      subtitle: "Made of \(record.bundle)",
      verdict: trial.isRecommended
        ? "Adapted by \(record.method): the test says that it helps."
        : "Adapted by \(record.method) because it was asked for (--force): the test does not say that it helps.")
    content.fitness = LineFitness.adapted.line
    content.warnings =
      trial.isRecommended ? [] : ["The test did not recommend this adaptation: \(record.findings.last ?? "")"]
    content.tables = [
      ReportContent.Table(
        title: "What was found", header: ["", "finding"],
        rows: record.findings.enumerated().map { ["\($0.offset + 1)", $0.element] }, caption: record.explanation + "."),
      ReportContent.Table(
        title: "Corrections that were tried", header: ["method", "taken to show", "distance before", "after", ""],
        rows: trial.candidates.map { candidate in
          [
            candidate.method.rawValue, candidate.belief, String(format: "%.3f", candidate.distanceBefore),
            String(format: "%.3f", max(0, candidate.distanceAfter)),
            candidate.method == chosen.method && candidate.belief == chosen.belief ? "taken" : "",
          ]
        },
        caption:
          "Energy distance between the source and held-out images of the new line, in units of the source's deviations; "
          + "each correction was made from one half of the images and measured on the other, both ways."),
    ]
    content.dataNotes = [
      ("images of the new line", "\(record.images.count)"), ("known to be good", "\(record.goodImages.count)"),
      ("labelled, to test on", "\(record.labelledImages.count)"),
      ("figures of training", "of the line that it was trained on: report-before.html"),
    ]
    for set in subject.sets + new.sets { content.add(set, path: set.root) }
    content.provenance =
      ReportComposer.provenance(manifest, figuresFrom: "the adaptation's test")
      + [("adapted bundle", "\(record.bundle), SHA-256 \(record.bundleSHA256)"), ("command", options.commandLine)]
    return HTMLReport.render(content)
  }
}
