public import AssayBase
import AssayBundle
public import AssayData
public import AssayImage
public import AssayInspection
import AssayReport
public import AssayRuntime
import Foundation
import Synchronization

/// A multi-label bundle, tested on images whose classes are known.
public struct MultiLabelTest: Sendable {
  public let evaluation: MultiLabelEvaluation
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  /// Set when the bundle marks pixels and the data set has masks or boxes.
  public let segmentation: SegmentationEvaluation?
  /// Images left out because the bundle was trained on them.
  public let refused: Int
  public let unreadable: [InspectionError]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// The report as HTML.
  public let report: String
}

public enum MultiLabelEvaluator {
  /// Images that the bundle was trained on are refused, as ``Evaluator`` does.
  /// - Throws: when no image is left, or a class is not known to the bundle.
  public static func evaluate(
    bundle path: String, on data: String, goodClass: String? = nil, encoding: String? = nil,
    allowsTrained: Bool = false, isStrict: Bool = false, maximumPixels: Int = DecodingOptions().maximumPixels,
    engines: Engines = .automatic,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> MultiLabelTest {
    do {
      let inspector = try Inspector(
        path: path, mode: .throughput, maximumPixels: maximumPixels, engines: engines)
      let manifest = inspector.manifest
      guard case .multiLabel(let spec) = manifest.kind else {
        throw WorkflowError(.usage, "\(path): it does not find several classes on a part")
      }
      var dataset = try DatasetReader.read(
        data, options: .init(goodClass: goodClass, encoding: encoding ?? manifest.training.encoding))
      try dataset.take(data, for: .labels, isStrict: isStrict, progress: progress)
      let classes = manifest.classes
      let strangers = dataset.defectClasses.filter { !classes.contains($0) }
      guard strangers.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(data): the bundle does not know the class \(strangers.joined(separator: ", ")); it knows "
            + classes.joined(separator: ", "))
      }
      let unseen = UnseenSamples(dataset.samples.filter { $0.label != nil }, for: manifest, takesAll: allowsTrained)
      let samples = unseen.samples
      guard !samples.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(data): no labelled image is left: the bundle was trained on \(unseen.refused); test it on others, or say "
            + "--allow-trained if you know what the figures are worth")
      }
      let collected = Mutex<(rows: [(index: Int, values: [Double])], failures: [InspectionError], done: Int)>(
        ([], [], 0))
      try inspector.inspect(samples.map(\.path)) { index, result in
        collected.withLock { state in
          switch result {
          case .success(let finding):
            state.rows.append((index, classes.map { finding.inspection.probabilities?[$0] ?? 0 }))
          case .failure(let error): state.failures.append(error)
          }
          state.done += 1
          progress(WorkProgress("inspecting", state.done, samples.count))
        }
      }
      let (rows, failures) = collected.withLock { ($0.rows, $0.failures) }
      dataset.leaveOut(failures, of: data, progress: progress)
      if isStrict, let error = failures.first { throw error }
      guard !rows.isEmpty else {
        throw WorkflowError(.badData, "\(data): no image could be read; \(failures.first.map(\.description) ?? "")")
      }
      let evaluation = MultiLabelEvaluation(
        rule: spec.rule, names: rows.map { samples[$0.index].name },
        truth: rows.flatMap { row in
          let own = samples[row.index].defects(goodClass: dataset.goodClass)
          return classes.map(own.contains)
        }, probabilities: rows.flatMap(\.values),
        basis: allowsTrained ? "images of which the bundle may know some" : "held-out test")
      var content = MultiLabelReport.content(
        evaluation, manifest, title: "Test of \(inspector.bundle.path.lastPathComponent)")
      let fitness = LineFitness(evaluation, FitnessContext(manifest, photographs: samples.map(\.path)))
      content.fitness = fitness.line
      let session = try inspector.makeSession()
      content.pictures = try MultiLabelGallery.groups(evaluation, goodName: spec.goodName) { position in
        try FindingPicture.draw(
          session, path: samples[rows[position].index].path, manifest, maximumPixels: maximumPixels)
      }
      content.mistakesNote = MultiLabelGallery.note(evaluation)
      content.missing[.learning] = ReportComposer.learnedElsewhere
      let pixels = try SegmentationEvaluation(
        inspector.graph, manifest, rows.map { (samples[$0.index], nil) }, goodClass: dataset.goodClass,
        maximumPixels: maximumPixels,
        basis: evaluation.basis, progress: progress)
      if let pixels { pixels.add(to: &content) }
      content.warnings += (pixels?.warnings ?? []) + UncertainShare.warnings(evaluation.metrics, spec.band)
      if unseen.refused > 0 {
        content.warnings.append("\(unseen.refused) images were refused because the bundle was trained on them.")
      }
      if allowsTrained {
        content.warnings.append(
          "Images that the bundle was trained on were allowed: these figures say nothing about new parts.")
      }
      content.add(dataset)
      return MultiLabelTest(
        evaluation: evaluation, fitness: fitness, segmentation: pixels, refused: unseen.refused, unreadable: failures,
        reading: DataReading(dataset, path: data),
        report: HTMLReport.render(content))
    } catch {
      throw WorkflowError(error)
    }
  }
}
