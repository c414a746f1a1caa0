import AssayData
import AssayImage
import AssayLearning
import AssayModel
import AssayRuntime
import Foundation
import Synchronization

/// Sets a bundle's threshold anew, without training.
public enum ThresholdChange {
  public struct Result: Sendable, Encodable {
    public let before: Double?
    public let threshold: Manifest.Threshold
    public let guarantee: Double?
    /// Images scored for it; 0 when the scores kept from training were used.
    public let scored: Int
    public let unreadable: [String]
  }

  /// - Parameters:
  ///   - data: parts to set it by, good ones or labelled ones; nil for the scores kept from training.
  public static func run(
    bundle path: String, rule: ThresholdRule, data: String? = nil, goodClass: String? = nil,
    maximumPixels: Int = DecodingOptions().maximumPixels, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      var bundle = try ModelBundle(path: path)
      guard var anomaly = bundle.manifest.anomaly else {
        throw WorkflowError(
          .usage,
          "\(path): thresholds of classifiers are chosen in training; train again with --\(rule.name), which is quick "
            + "from the cache")
      }
      var scored = 0
      var unreadable: [String] = []
      if let data {
        let (calibration, failures) = try scores(
          bundle, data, goodClass: goodClass, maximumPixels: maximumPixels, progress: progress)
        anomaly.calibration = calibration
        scored = calibration.scores.count
        unreadable = failures.map(\.description)
      }
      let new = try AnomalyThreshold(rule, anomaly.calibration)
      let before = bundle.manifest.threshold?.value
      anomaly.mapThreshold = new.mapThreshold
      anomaly.guarantee = new.guarantee
      anomaly.changes.append(
        .init(
          date: ISO8601DateFormatter().string(from: Date()), action: "threshold", images: [:], rows: nil,
          note:
            "\(before.map { String(format: "%.6g", $0) } ?? "none") to \(String(format: "%.6g", new.threshold.value)): "
            + new.threshold.explanation))
      let changed = anomaly
      try bundle.replaceManifest { manifest in
        manifest.anomaly = changed
        manifest.threshold = new.threshold
        manifest.network.mapScale = new.mapThreshold
      }
      return Result(
        before: before, threshold: new.threshold, guarantee: new.guarantee, scored: scored, unreadable: unreadable)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Scores parts that the bundle has not learned from.
  private static func scores(
    _ bundle: ModelBundle, _ path: String, goodClass: String?, maximumPixels: Int, progress: @escaping ProgressHandler
  ) throws -> (AnomalyModel.Calibration, [ImageError]) {
    let dataset = try DatasetReader.read(path, options: DatasetOptions(goodClass: goodClass))
    let good = dataset.goodClass
    guard dataset.layout == .unlabelled || good != nil else {
      throw WorkflowError(.badData, "\(path): no class is known to be good; name it with --good")
    }
    let unseen = UnseenSamples(dataset.samples, for: bundle.manifest)
    let (samples, refused) = (unseen.samples, unseen.refused)
    guard !samples.isEmpty else {
      throw WorkflowError(
        .badData,
        "\(path): the bundle has learned from all \(refused) images; a threshold needs parts that it has not seen")
    }
    let inspector = try Inspector(path: bundle.path, mode: .throughput, maximumPixels: maximumPixels)
    let rows = Mutex<(scored: [(Int, Double, Double)], failures: [ImageError])>(([], []))
    let count = samples.count
    try inspector.inspect(samples.map(\.path)) { index, result in
      rows.withLock { rows in
        switch result {
        case .failure(let error): rows.failures.append(error)
        case .success(let finding):
          rows.scored.append((index, finding.inspection.score ?? 0, Double(finding.reading?.map.peak ?? 0)))
        }
        progress(WorkProgress("scoring", rows.scored.count + rows.failures.count, count))
      }
    }
    let (scored, failures) = rows.withLock { ($0.scored, $0.failures) }
    guard !scored.isEmpty else {
      throw WorkflowError(.badData, "\(path): no image can be read; \(failures.first.map(\.description) ?? "")")
    }
    return (
      AnomalyModel.Calibration(
        scores: scored.map { $0.1 }, peaks: scored.map { $0.2 },
        isDefect: scored.map { samples[$0.0].label.map { $0 != good } ?? false }, folds: 1), failures
    )
  }

  /// How often good parts would be rejected, over random divisions of them into a part that sets the threshold and a part
  /// that is judged.
  public struct Check: Sendable, Encodable {
    public let rate: Double
    public let splits: Int
    public let parts: Int
    /// Mean share of judged parts that were rejected, and its standard error over the divisions.
    public let meanOverkill: Double
    public let standardError: Double
  }

  /// Tests the promise of split-conformal thresholds on good parts that the bundle has not seen.
  public static func check(
    bundle path: String, rate: Double, data: String, splits: Int, goodClass: String? = nil, seed: UInt64 = 0,
    maximumPixels: Int = DecodingOptions().maximumPixels, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Check {
    do {
      let bundle = try ModelBundle(path: path)
      guard bundle.manifest.anomaly != nil else {
        throw WorkflowError(.usage, "\(path): it is not an anomaly detector")
      }
      let (found, _) = try scores(
        bundle, data, goodClass: goodClass, maximumPixels: maximumPixels, progress: progress)
      let good = found.goodScores
      var generator = SplitMix64(seed: seed)
      var rates: [Double] = []
      for _ in 0..<splits {
        let order = good.shuffled(using: &generator)
        let half = order.count / 2
        let threshold = try DecisionThreshold(
          .maximumOverkill(rate), scores: Array(order[..<half]), isDefect: [Bool](repeating: false, count: half))
        rates.append(Double(order[half...].count { $0 >= threshold.value }) / Double(order.count - half))
      }
      let mean = rates.reduce(0, +) / Double(max(1, rates.count))
      let variance = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, rates.count - 1))
      return Check(
        rate: rate, splits: splits, parts: good.count, meanOverkill: mean,
        standardError: (variance / Double(max(1, rates.count))).squareRoot())
    } catch {
      throw WorkflowError(error)
    }
  }
}
