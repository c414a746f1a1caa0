public import AssayBase
import AssayBundle
public import AssayData
public import AssayImage
import AssayInspection
public import AssayRuntime
import Foundation

/// Tests an anomaly bundle on labelled images.
public enum AnomalyEvaluator {
  public struct Result: Sendable {
    public let evaluation: AnomalyEvaluation
    /// Whether it is fit for the line, and what would help most.
    public let fitness: LineFitness
    /// Images left out because the bundle has learned from them or was set by them.
    public let refused: Int
    /// How the data set was read, and what was left out.
    public let reading: DataReading
    public let report: String
  }

  /// - Parameters:
  ///   - encoding: of texts that are not UTF-8; nil for the one that the bundle's own data set has.
  ///   - allowsTrained: take known images all the same.
  public static func evaluate(
    bundle path: String, on data: String, goodClass: String? = nil, encoding: String? = nil,
    allowsTrained: Bool = false, isStrict: Bool = false, maximumPixels: Int = DecodingOptions().maximumPixels,
    engines: Engines = .automatic,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let bundle = try ModelBundle(path: path)
      let manifest = bundle.manifest
      let anomaly = try manifest.anomalySpec(of: path).model
      var dataset = try DatasetReader.read(
        data, options: DatasetOptions(goodClass: goodClass, encoding: encoding ?? manifest.training.encoding))
      try dataset.take(data, for: .goodParts, isStrict: isStrict, progress: progress)
      guard let good = dataset.goodClass else { throw dataset.noGoodClass(data) }
      let unseen = UnseenSamples(
        dataset.samples.filter { $0.label != nil }, for: manifest, takesAll: allowsTrained)
      let (samples, refused) = (unseen.samples, unseen.refused)
      guard !samples.isEmpty else {
        throw WorkflowError(
          .badData,
          "\(data): the bundle knows all \(refused) images; test it on others, or say --allow-trained if you know what "
            + "the figures are worth")
      }
      let inspector = try Inspector(
        bundle, model: bundle.contents(ModelBundle.modelName), mode: .throughput, maximumPixels: maximumPixels,
        engines: engines)
      let reader = AnomalyReader(
        network: inspector.graph, view: AnomalyView(manifest.preprocessing, anomaly), maximumPixels: maximumPixels)
      let evaluation = try AnomalyEvaluation(
        reader, samples, manifest: manifest,
        basis: allowsTrained ? "images of which the bundle may know some" : "held-out test", goodClass: good,
        progress: progress)
      dataset.leaveOut(evaluation.unreadable, of: data, progress: progress)
      if isStrict, let error = evaluation.unreadable.first { throw error }
      var warnings = evaluation.warnings + UncertainShare.warnings(evaluation.metrics, manifest.rule.band)
      if refused > 0 {
        warnings.append("\(refused) images were refused because the bundle has learned from them or was set by them.")
      }
      let labels = Set(samples.compactMap(\.label)).sorted()
      let fitness = LineFitness(evaluation, FitnessContext(manifest, photographs: samples.map(\.path)))
      let report = AnomalyReport(
        manifest: manifest, evaluation: evaluation, fitness: fitness,
        title: "\(path.lastPathComponent), test")
      return Result(
        evaluation: evaluation, fitness: fitness, refused: refused, reading: DataReading(dataset, path: data),
        report: report.html(
          of: dataset, warnings: warnings, data: labels.map { label in (label, [samples.count { $0.label == label }]) })
      )
    } catch {
      throw WorkflowError(error)
    }
  }
}
