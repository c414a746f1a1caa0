package import AssayBase
public import AssayBundle
package import AssayData
public import AssayImage
public import AssayInspection
public import AssayMetrics
package import AssayRuntime
import Foundation
import Synchronization

/// How well an anomaly bundle tells good from defective images, and pixels.
public struct AnomalyEvaluation: Sendable {
  /// Figures of one kind of defect against the good parts.
  public struct DefectType: Sendable, Encodable {
    public let name: String
    public let images: Int
    /// Images at or above the threshold.
    public let found: Int?
    /// Of their share, 95 %.
    public let foundInterval: Interval?
    public let rocArea: Double?
    /// 95 %.
    public let rocAreaInterval: Interval?
    public let pixelRocArea: Double?
    /// To a false-positive rate of 0.3.
    public let perRegionOverlap: Double?
  }

  public let names: [String]
  public let labels: [String]
  public let scores: [Double]
  public let isDefect: [Bool]
  public let threshold: Double?
  public let basis: String
  public let metrics: [Manifest.Metric]
  public let types: [DefectType]
  public let unreadable: [InspectionError]
  /// Of images that were judged without looking at pixels, since their marks cannot be read.
  public let unreadableMarks: [ImageError]
  /// What the user must know.
  public var warnings: [String] {
    SegmentationEvaluation.warnings(unreadableMarks, "took no part in testing how pixels are marked")
  }
  /// nil without a threshold.
  package let examples: ExampleShelf?

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  /// - Parameters:
  ///   - samples: labelled; masks, where there are some, are read at full resolution.
  ///   - pictures: the files of those that were read before; nil when none was.
  /// - Throws: also when a picture that was read before has gone or changed.
  package init(
    _ reader: AnomalyReader, _ samples: [Sample], pictures: [KnownPicture?]? = nil, manifest: Manifest, basis: String,
    goodClass: String, progress: @escaping ProgressHandler
  ) throws {
    let collector = AnomalyCollector(samples, manifest, goodClass: goodClass)
    let changed = Mutex<ImageError?>(nil)
    try reader.read(
      samples.map(\.path),
      contents: { (index) throws(ImageError) in
        guard let picture = pictures?[index] else {
          return try ImageFile.contents(path: samples[index].path, maximumPixels: reader.maximumPixels)
        }
        do throws(ImageError) { return try picture.contents(maximumPixels: reader.maximumPixels) } catch {
          changed.withLock { $0 = $0 ?? error }
          throw error
        }
      },
      receive: { index, result in
        collector.take(index, result)
        collector.tick { progress(WorkProgress("testing", $0, samples.count)) }
      })
    if let error = changed.withLock({ $0 }) { throw error }
    let state = collector.state()
    if let error = state.undrawn { throw error }
    unreadableMarks = state.marks.sorted { $0.file < $1.file }
    guard !state.rows.isEmpty else {
      throw WorkflowError(.badData, "no test image could be read; \(state.failures.first.map(\.description) ?? "")")
    }
    let rows = state.rows.sorted { $0.index < $1.index }
    names = rows.map { samples[$0.index].name }
    labels = rows.map { samples[$0.index].label ?? "" }
    let scores = rows.map(\.score)
    let isDefect = labels.map { $0 != goodClass }
    self.scores = scores
    self.isDefect = isDefect
    threshold = manifest.threshold?.value
    self.basis = basis
    unreadable = state.failures
    examples = state.examples
    let rule = manifest.rule
    let uncertain = scores.count { rule.isUncertain(score: $0, probability: nil) }
    metrics =
      Self.metrics(scores, isDefect, state.pixels, threshold: threshold, basis: basis)
      + [UncertainShare.metric(rule, uncertain: uncertain, count: scores.count, basis: basis)].compactMap { $0 }
    let goodScores = zip(scores, isDefect).filter { !$0.1 }.map(\.0)
    let threshold = threshold
    let byType = Dictionary(grouping: rows.indices.filter { isDefect[$0] }) { samples[rows[$0].index].label ?? "" }
    types = byType.sorted { $0.key < $1.key }.map { name, members in
      let own = members.map { scores[$0] }
      let area = ROCCurve.area(
        scores: goodScores + own, isPositive: goodScores.map { _ in false } + own.map { _ in true })
      let found = threshold.map { limit in own.count { $0 >= limit } }
      var pixels = state.pixelsByType[name]
      pixels?.merge(state.goodPixels)
      return DefectType(
        name: name, images: own.count, found: found,
        foundInterval: found.flatMap { Proportion.wilson($0, of: own.count) }, rocArea: area?.value,
        rocAreaInterval: area?.interval ?? nil, pixelRocArea: pixels?.rocArea,
        perRegionOverlap: pixels?.perRegionOverlapArea(limit: 0.3))
    }
  }

  private static func metrics(
    _ scores: [Double], _ isDefect: [Bool], _ pixels: SegmentationScores, threshold: Double?, basis: String
  ) -> [Manifest.Metric] {
    var result: [Manifest.Metric] = []
    func add(_ name: String, _ value: Double?, _ interval: Interval? = nil, count: Int) {
      guard let value else { return }
      result.append(
        Manifest.Metric(name: name, value: value, low: interval?.low, high: interval?.high, count: count, on: basis))
    }
    let n = scores.count
    if isDefect.contains(true), isDefect.contains(false) {
      let area = ROCCurve.area(scores: scores, isPositive: isDefect)
      add("image AUROC", area?.value, area?.interval ?? nil, count: n)
      let precision = PrecisionRecallCurve.averagePrecision(scores: scores, isPositive: isDefect)
      add("image average precision", precision?.value, precision?.interval ?? nil, count: n)
      let curve = PrecisionRecallCurve(scores: scores, isPositive: isDefect)
      let best = curve.map { curve in
        zip(curve.precision, curve.recall).map { $0 + $1 > 0 ? 2 * $0 * $1 / ($0 + $1) : 0 }.max() ?? 0
      }
      add("best image F1", best, count: n)
    }
    if let threshold {
      let outcome = EscapeOverkill(threshold: threshold, scores: scores, isDefect: isDefect)
      if outcome.defects > 0 {
        add(
          "escape rate", outcome.escapeRate, Proportion.wilson(outcome.escapes, of: outcome.defects),
          count: outcome.defects)
        let found = outcome.defects - outcome.escapes
        add(
          "F1 at the threshold", 2 * Double(found) / Double(found + outcome.overkills + outcome.defects),
          Proportion.f1(found: found, wrong: outcome.overkills + outcome.escapes), count: n)
      }
      if outcome.goods > 0 {
        add(
          "overkill rate", outcome.overkillRate, Proportion.wilson(outcome.overkills, of: outcome.goods),
          count: outcome.goods)
      }
    }
    let judged = pixels.imageCount
    add("pixel AUROC", pixels.rocArea, count: judged)
    add("pixel average precision", pixels.averagePrecision, count: judged)
    add("AU-PRO to 0.3", pixels.perRegionOverlapArea(limit: 0.3), count: judged)
    add("AU-PRO to 0.05", pixels.perRegionOverlapArea(limit: 0.05), count: judged)
    return result
  }
}
