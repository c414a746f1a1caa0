import AssayData
import AssayModel
import AssayRuntime

/// A comparison as one JSON document.
public struct ComparisonDocument: Encodable, Sendable {
  public struct Row: Encodable, Sendable {
    public let backbone: BackboneDescription
    public let weightsSHA256: String
    public let method: ComparisonMethod
    /// Side of the square input in pixels.
    public let inputSize: Int
    public let metrics: [String: Manifest.Metric]
    /// Recall of each class; nil for anomaly detection.
    public let recall: [String: Double]?
    /// `[actual][predicted]`, in the order of the document's classes.
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
    /// nil for the most accurate row itself.
    public let againstBest: ComparisonJudgement.Test?
  }

  public let data: String
  public let layout: String
  public let fingerprint: String
  public let images: Int
  public let classes: [String]
  public let goodClass: String?
  /// nil for anomaly detection, which has one division.
  public let folds: Int?
  /// Few-shot: images of each class.
  public let shots: Int?
  public let seed: UInt64
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
    let isAnomaly = comparison.rows.first?.method == .anomaly
    data = comparison.path
    layout = comparison.layout
    fingerprint = comparison.fingerprint
    images = comparison.rows.first?.labels.count ?? 0
    classes = comparison.rows.first?.classes ?? []
    goodClass = comparison.goodClass
    folds = isAnomaly ? nil : comparison.options.folds
    shots = comparison.rows.contains { $0.method == .fewshot } ? comparison.options.shots : nil
    seed = comparison.options.seed
    rows = comparison.rows.enumerated().map { index, row in
      let confusion = row.confusion
      return Row(
        backbone: row.backbone, weightsSHA256: row.weightsSHA256, method: row.method, inputSize: row.inputSize,
        metrics: Dictionary(row.metrics.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
        recall: isAnomaly
          ? nil : Dictionary(zip(row.classes, confusion.recall), uniquingKeysWith: { first, _ in first }),
        confusion: confusion.counts, featureSeconds: row.featureSeconds, fitSeconds: row.fitSeconds,
        imagesComputed: row.computedCount, imagesFromCache: row.cachedCount, millisecondsPerPart: row.milliseconds,
        millisecondsP99: row.cost.p99Milliseconds, parameters: row.cost.parameters, onnxBytes: row.cost.bytes,
        isOnParetoFront: judgement.front.contains(index), isRecommended: judgement.recommended == index,
        againstBest: judgement.tests[index])
    }
    failures = comparison.failures
    recommendation = comparison.recommendation
    unreadable = comparison.unreadable
    reading = comparison.reading
    processor = Machine.processor().name
    threads = Machine.coreCount
    versions = Versions.all()
    createdAt = comparison.createdAt
  }
}
