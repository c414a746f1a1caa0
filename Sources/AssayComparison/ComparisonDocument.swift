import AssayBase
public import AssayBundle
public import AssayData
public import AssayGraph
package import AssayMetrics
import AssayRuntime

/// A comparison as one JSON document.
public struct ComparisonDocument: Encodable, Sendable {
  /// Escapes at `maximumOverkill`, with the 95 % interval of their share.
  public struct Escape: Encodable, Sendable {
    public let escapes: Int
    public let defects: Int
    public let overkills: Int
    public let goods: Int
    public let rate: Double
    public let low: Double?
    public let high: Double?

    package init(_ figure: ComparisonCriterion.Figure, _ own: EscapeAtOverkill) {
      (escapes, defects, overkills, goods) = (own.escapes, own.defects, own.overkills, own.goods)
      rate = own.escapeRate
      low = figure.interval.map { 1 - $0.high }
      high = figure.interval.map { 1 - $0.low }
    }
  }

  public struct Row: Encodable, Sendable {
    public let backbone: BackboneDescription
    public let weightsSHA256: String
    public let method: ComparisonMethod
    /// Side of the square input in pixels.
    public let inputSize: Int
    public let metrics: [String: Manifest.Metric]
    /// Recall of each class; nil for anomaly detection.
    public let recall: [String: Double]?
    /// `[actual][predicted]`, in the order of the document's classes; good and defect for anomaly detection.
    public let confusion: [[Int]]
    public let featureSeconds: Double
    public let fitSeconds: Double
    public let imagesComputed: Int
    public let imagesFromCache: Int
    public let millisecondsPerPart: Double
    public let millisecondsP99: Double
    public let parameters: Int
    public let onnxBytes: Int
    public let isOnParetoFront: Bool
    public let isRecommended: Bool
    /// How many defects pass where at most the share asked for of the good parts is rejected; nil where no class is good.
    public let escape: Escape?
    /// nil for the best row itself.
    public let againstBest: ComparisonJudgement.Test?
  }

  public let data: String
  public let layout: String
  public let fingerprint: String
  public let images: Int
  public let classes: [String]
  public let goodClass: String?
  /// nil where only good parts are learned from, which has one division.
  public let folds: Int?
  /// Few-shot: images of each class.
  public let shots: Int?
  public let seed: UInt64
  /// What rows are ranked by, the best first: `escape`, ties by average precision, or `macro F1`, ties by accuracy.
  public let rankedBy: String
  /// nil where no class is good.
  public let maximumOverkill: Double?
  /// By how many shares a row may be behind and still count as not worse.
  public let margin: Double
  public let rows: [Row]
  public let failures: [ComparisonFailure]
  public let recommendation: String
  public let unreadable: [String]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  public let processor: String
  public let threads: Int
  public let versions: [String: String]
  public let createdAt: String

  public init(_ comparison: Comparison) {
    let judgement = comparison.judgement
    let isFolded = comparison.isFolded
    let named = comparison.rows.first { $0.method != .anomaly } ?? comparison.rows.first
    data = comparison.path
    layout = comparison.layout
    fingerprint = comparison.fingerprint
    images = comparison.rows.first?.labels.count ?? 0
    classes = named?.classes ?? []
    goodClass = comparison.goodClass
    folds = isFolded ? comparison.options.folds : nil
    shots = comparison.rows.contains { $0.method == .fewshot } ? comparison.options.shots : nil
    seed = comparison.options.seed
    margin = judgement.margin
    switch judgement.criterion {
    case .escape(let maximum): (rankedBy, maximumOverkill) = ("escape", maximum)
    case .macroF1: (rankedBy, maximumOverkill) = ("macro F1", nil)
    }
    rows = comparison.rows.enumerated().map { index, row in
      let figure = judgement.criterion.figure(row)
      // Anomaly detection has no threshold of its own here: its parts are told apart where the defects are counted.
      let confusion =
        row.method == .anomaly
        ? figure?.escape.map {
          ConfusionMatrix(actual: row.labels, predicted: $0.isRejected.map { $0 ? 1 : 0 }, classCount: 2)
        } ?? row.confusion : row.confusion
      return Row(
        backbone: row.backbone, weightsSHA256: row.weightsSHA256, method: row.method, inputSize: row.inputSize,
        metrics: Dictionary(row.metrics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
        recall: row.method == .anomaly
          ? nil : Dictionary(zip(row.classes, confusion.recall), uniquingKeysWith: { first, _ in first }),
        confusion: confusion.counts, featureSeconds: row.featureSeconds, fitSeconds: row.fitSeconds,
        imagesComputed: row.computedCount, imagesFromCache: row.cachedCount, millisecondsPerPart: row.milliseconds,
        millisecondsP99: row.cost.p99Milliseconds, parameters: row.cost.parameters, onnxBytes: row.cost.bytes,
        isOnParetoFront: judgement.front.contains(index), isRecommended: judgement.recommended == index,
        escape: figure.flatMap { figure in figure.escape.map { Escape(figure, $0) } },
        againstBest: judgement.tests[index])
    }
    failures = comparison.failures
    recommendation = comparison.recommendation
    unreadable = comparison.unreadable
    reading = comparison.reading
    processor = Machine.processor().name
    threads = Machine.coreCount
    versions = Versions.all(comparison.options.engines)
    createdAt = comparison.createdAt
  }
}
