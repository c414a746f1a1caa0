import AssayData
import AssayImage
import AssayInspection
import AssayModel
import AssayRuntime
import Foundation

/// Tests an anomaly bundle on labelled images.
public enum AnomalyEvaluator {
  public struct Result: Sendable {
    public let evaluation: AnomalyEvaluation
    /// Images left out because the bundle has learned from them or was set by them.
    public let refused: Int
    public let problems: [DataProblem]
    public let report: String
  }

  /// - Parameter allowsTrained: take known images all the same.
  public static func evaluate(
    bundle path: String, on data: String, goodClass: String? = nil, allowsTrained: Bool = false,
    isStrict: Bool = false, maximumPixels: Int = DecodingOptions().maximumPixels,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let bundle = try ModelBundle(path: path)
      let manifest = bundle.manifest
      let anomaly = try manifest.anomalySpec(of: path).model
      let dataset = try DatasetReader.read(data, options: DatasetOptions(goodClass: goodClass))
      if isStrict, let problem = dataset.problems.first { throw WorkflowError(.badData, "\(problem) (--strict)") }
      guard let good = dataset.goodClass else {
        throw WorkflowError(
          .badData,
          "\(data): none of \(dataset.classes.joined(separator: ", ")) is known to be good; name the good class with --good"
        )
      }
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
        bundle, model: bundle.contents(ModelBundle.modelName), mode: .throughput, maximumPixels: maximumPixels)
      let reader = AnomalyReader(
        network: inspector.graph, view: AnomalyView(manifest.preprocessing, anomaly), maximumPixels: maximumPixels)
      let evaluation = try AnomalyEvaluation(
        reader, samples, manifest: manifest,
        basis: allowsTrained ? "images of which the bundle may know some" : "held-out test", goodClass: good,
        progress: progress)
      if isStrict, let error = evaluation.unreadable.first { throw error }
      var warnings: [String] = []
      if refused > 0 {
        warnings.append("\(refused) images were refused because the bundle has learned from them or was set by them.")
      }
      if !evaluation.unreadable.isEmpty {
        warnings.append(
          "\(evaluation.unreadable.count) images could not be read, the first: \(evaluation.unreadable[0])")
      }
      let labels = Set(samples.compactMap(\.label)).sorted()
      let report = AnomalyReport(
        manifest: manifest, evaluation: evaluation, title: "\((path as NSString).lastPathComponent), test")
      return Result(
        evaluation: evaluation, refused: refused, problems: dataset.problems,
        report: report.html(
          warnings: warnings, data: labels.map { label in (label, [samples.count { $0.label == label }]) }))
    } catch {
      throw WorkflowError(error)
    }
  }
}
