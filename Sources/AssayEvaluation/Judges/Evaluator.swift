public import AssayBase
import AssayBundle
public import AssayData
public import AssayImage
public import AssayInspection
import AssayMetrics
import AssayReport
public import AssayRuntime
import Foundation
import Synchronization

/// Tests a bundle on labelled images.
public struct BundleEvaluation: Sendable {
  public let evaluation: Evaluation
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  /// Set when the bundle marks pixels and the images have masks or boxes.
  public let segmentation: SegmentationEvaluation?
  /// Images left out because the bundle was trained on them.
  public let refused: Int
  public let unreadable: [InspectionError]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// The report as HTML.
  public let report: String
}

public enum Evaluator {
  /// Tests a bundle on a data set.
  ///
  /// Images that the bundle was trained on are refused: figures on them say nothing about new parts.
  /// - Parameters:
  ///   - encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  ///   - allowsTrained: take them all the same.
  /// - Throws: when no image is left, or a class is not known to the bundle.
  public static func evaluate(
    bundle path: String, on data: String, labels: LabelScheme? = nil, goodClass: String? = nil,
    encoding: String? = nil, allowsTrained: Bool = false, isStrict: Bool = false,
    maximumPixels: Int = DecodingOptions().maximumPixels, engines: Engines = .automatic,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> BundleEvaluation {
    do {
      let inspector = try Inspector(
        path: path, mode: .throughput, maximumPixels: maximumPixels, engines: engines)
      let manifest = inspector.manifest
      guard case .classifier = manifest.kind else {
        throw WorkflowError(.usage, "\(path): it is no classifier; `BundleTest` tests any kind")
      }
      var dataset = try matching(data, manifest, labels, goodClass, encoding ?? manifest.training.encoding)
      try dataset.take(data, for: .bundle, isStrict: isStrict, progress: progress)
      let labelled = dataset.samples.filter { $0.label != nil }
      let unseen = UnseenSamples(labelled, for: manifest, takesAll: allowsTrained)
      let (samples, refused) = (unseen.samples, unseen.refused)
      guard !samples.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(data): the bundle was trained on all \(refused) images; test it on others, or say --allow-trained if you know "
            + "what the figures are worth")
      }
      let collected = Mutex<(rows: [(Int, [Double])], failures: [InspectionError], done: Int)>(([], [], 0))
      let tested = samples
      let classes = manifest.classes
      try inspector.inspect(tested.map(\.path)) { index, result in
        collected.withLock { state in
          switch result {
          case .success(let finding):
            state.rows.append((index, classes.map { finding.inspection.probabilities?[$0] ?? 0 }))
          case .failure(let error): state.failures.append(error)
          }
          state.done += 1
          progress(WorkProgress("inspecting", state.done, tested.count))
        }
      }
      let (rows, failures) = collected.withLock { ($0.rows, $0.failures) }
      dataset.leaveOut(failures, of: data, progress: progress)
      if isStrict, let error = failures.first { throw error }
      guard !rows.isEmpty else {
        throw WorkflowError(.badData, "\(data): no image could be read; \(failures.first.map(\.description) ?? "")")
      }
      let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
      let evaluation = Evaluation(
        rule: manifest.rule, names: rows.map { tested[$0.0].name },
        labels: rows.compactMap { tested[$0.0].label.flatMap { index[$0] } }, probabilities: rows.flatMap(\.1),
        basis: allowsTrained ? "images of which the bundle may know some" : "held-out test")
      let composer = ReportComposer(manifest: manifest, evaluation: evaluation)
      var content = composer.content(title: "Test of \(inspector.bundle.path.lastPathComponent)")
      let fitness = LineFitness(evaluation, FitnessContext(manifest, photographs: tested.map(\.path)))
      content.fitness = fitness.line
      let session = try inspector.makeSession()
      content.pictures = try PictureGallery.groups(evaluation) { position in
        try FindingPicture.draw(
          session, path: tested[rows[position].0].path, manifest, maximumPixels: maximumPixels)
      }
      content.mistakesNote = PictureGallery.note(evaluation)
      content.missing[.learning] = ReportComposer.learnedElsewhere
      let pixels = try SegmentationEvaluation(
        inspector.graph, manifest, rows.map { (tested[$0.0], nil) }, goodClass: dataset.goodClass,
        maximumPixels: maximumPixels,
        basis: evaluation.basis, progress: progress)
      if let pixels { pixels.add(to: &content) }
      content.warnings += (pixels?.warnings ?? []) + UncertainShare.warnings(evaluation.metrics, manifest.rule.band)
      if refused > 0 {
        content.warnings.append("\(refused) images were refused because the bundle was trained on them.")
      }
      if allowsTrained {
        content.warnings.append(
          "Images that the bundle was trained on were allowed: these figures say nothing about new parts.")
      }
      content.dataColumns = ["tested"]
      content.dataRows = classes.enumerated().map { k, name in (name, [evaluation.labels.count { $0 == k }]) }
      content.add(dataset)
      return BundleEvaluation(
        evaluation: evaluation, fitness: fitness, segmentation: pixels, refused: refused, unreadable: failures,
        reading: DataReading(dataset, path: data),
        report: HTMLReport.render(content))
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Reads the data set with the labels that the bundle knows: a bundle of two classes reads ELPV's four as two.
  private static func matching(
    _ path: String, _ manifest: Manifest, _ labels: LabelScheme?, _ goodClass: String?, _ encoding: String?
  ) throws -> Dataset {
    func options(_ scheme: LabelScheme) -> DatasetOptions {
      DatasetOptions(labels: scheme, goodClass: goodClass, encoding: encoding)
    }
    let known = Set(manifest.classes)
    let schemes: [LabelScheme] = labels.map { [$0] } ?? [.native, .binary]
    var unknown: [String] = []
    for scheme in schemes {
      // Labels that it does not have; what is the matter with the data itself is thrown below.
      guard let dataset = try? DatasetReader.read(path, options: options(scheme)) else { continue }
      let strangers = dataset.classes.filter { !known.contains($0) }
      if strangers.isEmpty, !dataset.classes.isEmpty, dataset.severalLabelled == 0 { return dataset }
      if unknown.isEmpty { unknown = strangers }
    }
    let dataset = try DatasetReader.read(path, options: options(schemes[0]))
    if unknown.isEmpty { try dataset.checkSingleLabels() }
    guard !dataset.classes.isEmpty else {
      throw WorkflowError(
        .badData, "\(path): the images have no labels to test against; use `assay inspect` for images without labels")
    }
    throw WorkflowError(
      .badData,
      "\(path): the bundle does not know the class \(unknown.joined(separator: ", ")); it knows "
        + manifest.classes.joined(separator: ", "))
  }
}
