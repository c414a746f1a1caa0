import AssayImage

/// `manifest.json` of a bundle: everything about a trained inspector that is not the graph.
///
/// What belongs to one kind of inspector alone is in its ``kind``; the rest is the same for all.
public struct Manifest: Sendable, Equatable {
  /// What is written. Schema 1, which had the history of changes in the part on anomalies, is still read.
  public static let currentSchema = 2

  public var kind: InspectorKind
  public var preprocessing: Preprocessing
  public var network: Network
  /// Set when the bundle was fitted to another line after training.
  public var adaptation: AdaptationRecord?
  public var training: Training
  public var metrics: [Metric]
  public var versions: [String: String]
  /// ISO 8601, UTC.
  public var createdAt: String
  /// What was changed after training, the earliest first.
  public var changes: [Change] = []
  /// Every other file of the bundle; filled in when the bundle is written.
  public internal(set) var files: [String: File] = [:]

  public init(
    kind: InspectorKind, preprocessing: Preprocessing, network: Network, training: Training, metrics: [Metric],
    versions: [String: String], createdAt: String
  ) {
    self.kind = kind
    self.preprocessing = preprocessing
    self.network = network
    self.training = training
    self.metrics = metrics
    self.versions = versions
    self.createdAt = createdAt
  }

  /// In the order of the graph's outputs; those of an anomaly detector are good and defect, those of a measurement none.
  public var classes: [String] { kind.spec.classes }

  /// The name of parts that pass; nil where no class is good.
  public var goodClass: String? { kind.spec.goodClass }

  /// The one that tells good from defective; nil where each class has its own, and where nothing is judged.
  public var threshold: Threshold? { kind.spec.decision.threshold }
}
