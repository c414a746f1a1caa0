import AssayData
import AssayImage
import AssayInspection
import AssayMetrics
import AssayModel
import AssayRuntime
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

  /// An image for the gallery.
  struct Example: Sendable {
    let name: String
    let label: String
    let score: Double
    let picture: [UInt8]
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
  let examples: [Example]

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  /// - Parameters:
  ///   - samples: labelled; masks, where there are some, are read at full resolution.
  ///   - pictures: the files of those that were read before; nil when none was.
  /// - Throws: also when a picture that was read before has gone or changed.
  init(
    _ reader: AnomalyReader, _ samples: [Sample], pictures: [KnownPicture?]? = nil, manifest: Manifest, basis: String,
    goodClass: String, progress: @escaping ProgressHandler
  ) throws {
    let collector = Collector(samples, manifest, goodClass: goodClass)
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

/// Collects readings from several threads in memory that does not grow with the number of images, but for a score each.
private final class Collector: Sendable {
  struct State: Sendable {
    var rows: [(index: Int, score: Double)] = []
    var failures: [InspectionError] = []
    var pixels = SegmentationScores()
    var goodPixels = SegmentationScores()
    var pixelsByType: [String: SegmentationScores] = [:]
    var done = 0
    var examples: [AnomalyEvaluation.Example] = []
    /// Of images whose marks cannot be read.
    var marks: [ImageError] = []
    var undrawn: ImageError?
  }

  /// One image's share, added in the images' order: sums and the choice of examples are the same every time.
  struct Share: Sendable {
    var failure: InspectionError?
    var score: Double?
    var isDefect = false
    var label: String?
    var truth: (scores: [Float], mask: [Bool], counted: [Bool]?)?
    var size = (width: 0, height: 0)
    var picture: AnomalyEvaluation.Example?
  }

  /// Of each kind of defect so many images may be shown that were found.
  private static let shownOfAKind = 6

  private let samples: [Sample]
  private let manifest: Manifest
  private let goodClass: String
  private let hasMasks: Bool
  private let region: RegionLookup?
  /// Which one of its label each sample is.
  private let place: [Int]
  private let totals: Totals
  private let order: OrderedDelivery<Share>

  init(_ samples: [Sample], _ manifest: Manifest, goodClass: String) {
    self.samples = samples
    self.manifest = manifest
    self.goodClass = goodClass
    hasMasks = samples.contains { $0.hasPixelTruth && $0.label != goodClass }
    region = RegionLookup(manifest.anomalySpec?.model.region)
    var seen: [String: Int] = [:]
    place = samples.map { sample in
      defer { seen[sample.label ?? "", default: 0] += 1 }
      return seen[sample.label ?? "", default: 0]
    }
    let totals = Totals(threshold: manifest.threshold?.value, goodClass: goodClass)
    self.totals = totals
    order = OrderedDelivery { totals.add($0, $1) }
  }

  func state() -> State { totals.state }

  func tick(_ report: (Int) -> Void) {
    totals.change {
      $0.done += 1
      report($0.done)
    }
  }

  func take(
    _ index: Int, _ result: Result<AnomalyReader.Read, InspectionError>
  ) {
    switch result {
    case .failure(let error): order.deliver(index, Share(failure: error))
    case .success(let read):
      let (reading, image) = (read.reading, read.image)
      let sample = samples[index]
      let isDefect = sample.label != goodClass
      let truth = pixelTruth(sample, isDefect, reading.map)
      let picture = example(index, reading, image, isDefect)
      let (width, height) = (reading.map.placement.sourceWidth, reading.map.placement.sourceHeight)
      order.deliver(
        index,
        Share(
          score: reading.score, isDefect: isDefect, label: sample.label, truth: truth, size: (width, height),
          picture: picture))
    }
  }

  /// Scores and mask at the photograph's own resolution; nil where there is no mask to compare with.
  private func pixelTruth(
    _ sample: Sample, _ isDefect: Bool, _ map: AnomalyMap
  ) -> (scores: [Float], mask: [Bool], counted: [Bool]?)? {
    guard hasMasks, !isDefect || sample.hasPixelTruth else { return nil }
    let (width, height) = (map.placement.sourceWidth, map.placement.sourceHeight)
    var mask = [Bool](repeating: false, count: width * height)
    if isDefect {
      do throws(ImageError) {
        guard let marked = try sample.markedPixels(width: width, height: height) else { return nil }
        mask = marked
      } catch {
        // The image is judged; its pixels are not, and that is said.
        totals.change { $0.marks.append(error) }
        return nil
      }
    }
    return (map.atFullResolution(), mask, region?.pixels(width: width, height: height))
  }

  /// Pictures are made for images that may be shown: mistakes, and a few of those found.
  private func example(
    _ index: Int, _ reading: AnomalyReading, _ image: Image, _ isDefect: Bool
  ) -> AnomalyEvaluation.Example? {
    let sample = samples[index]
    guard let threshold = manifest.threshold?.value, let anomaly = manifest.anomalySpec?.model else { return nil }
    let isMistake = (reading.score >= threshold) != isDefect
    guard isMistake || (isDefect && place[index] < Self.shownOfAKind) else { return nil }
    let canvas = AnomalyOverlay.draw(
      image, reading, threshold: anomaly.mapThreshold, isOutlined: reading.score >= threshold, maximumSide: 320)
    do throws(ImageError) {
      return .init(
        name: sample.name, label: sample.label ?? "", score: reading.score, picture: try canvas.jpeg(quality: 80))
    } catch {
      totals.change { $0.undrawn = $0.undrawn ?? error }
      return nil
    }
  }
}

/// What was collected, added up in the images' order.
private final class Totals: Sendable {
  static let shown = 8

  private let threshold: Double?
  private let goodClass: String
  private let inner = Mutex(Collector.State())

  init(threshold: Double?, goodClass: String) {
    self.threshold = threshold
    self.goodClass = goodClass
  }

  var state: Collector.State {
    var result = inner.withLock { $0 }
    result.examples = selected(result.examples)
    return result
  }

  func change(_ body: (inout Collector.State) -> Void) { inner.withLock { body(&$0) } }

  func add(_ index: Int, _ share: Collector.Share) {
    inner.withLock { state in
      if let failure = share.failure { state.failures.append(failure) }
      if let score = share.score { state.rows.append((index, score)) }
      if let truth = share.truth {
        let (width, height) = share.size
        state.pixels.add(
          scores: truth.scores, mask: truth.mask, width: width, height: height, counted: truth.counted)
        if share.isDefect {
          state.pixelsByType[share.label ?? "", default: SegmentationScores()].add(
            scores: truth.scores, mask: truth.mask, width: width, height: height, counted: truth.counted)
        } else {
          state.goodPixels.add(
            scores: truth.scores, mask: truth.mask, width: width, height: height, counted: truth.counted)
        }
      }
      if let picture = share.picture { state.examples.append(picture) }
      if state.examples.count > 4 * Self.shown { state.examples = selected(state.examples) }
    }
  }

  /// The worst mistakes, then what was found most clearly.
  private func selected(_ examples: [AnomalyEvaluation.Example]) -> [AnomalyEvaluation.Example] {
    guard let threshold else { return examples }
    /// How far on the wrong side of the threshold.
    func error(_ example: AnomalyEvaluation.Example) -> Double {
      example.label == goodClass ? example.score - threshold : threshold - example.score
    }
    let sorted = examples.sorted { (error($0), $0.name) > (error($1), $1.name) }
    let mistakes = sorted.filter { error($0) > 0 || ($0.label == goodClass && error($0) == 0) }
    let found = sorted.filter { error($0) <= 0 && $0.label != goodClass }
    return Array(mistakes.prefix(Self.shown) + found.suffix(Self.shown).reversed())
  }
}
