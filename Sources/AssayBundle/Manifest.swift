public import AssayImage

/// `manifest.json` of a bundle: everything about a trained inspector that is not the graph.
///
/// What belongs to one kind of inspector alone is in its ``kind``; the rest is the same for all.
public struct Manifest: Sendable, Equatable {
  /// What is written. Schema 1, which had the history of changes in the part on anomalies, is still read.
  /// From 3 on nothing in it says when it was made.
  public static let currentSchema = 3

  public var kind: InspectorKind
  public var preprocessing: Preprocessing
  public var network: Network
  /// Set when the bundle was fitted to another line after training.
  public var adaptation: AdaptationRecord?
  public var training: Training
  public var metrics: [Metric]
  public var versions: [String: String]
  /// ISO 8601, UTC, in bundles of earlier versions. nil in those of this one: the same training gives the same bytes, and
  /// when that was says ``ModelBundle/createdAt``.
  public internal(set) var createdAt: String?
  /// What was changed after training, the earliest first.
  public var changes: [Change] = []
  /// Every other file of the bundle; filled in when the bundle is written.
  public internal(set) var files: [String: File] = [:]

  public init(
    kind: InspectorKind, preprocessing: Preprocessing, network: Network, training: Training, metrics: [Metric],
    versions: [String: String]
  ) {
    self.kind = kind
    self.preprocessing = preprocessing
    self.network = network
    self.training = training
    self.metrics = metrics
    self.versions = versions
  }

  /// In the order of the graph's outputs; those of an anomaly detector are good and defect, those of a measurement none.
  public var classes: [String] { kind.spec.classes }

  /// The name of parts that pass; nil where no class is good.
  public var goodClass: String? { kind.spec.goodClass }

  /// The one that tells good from defective; nil where each class has its own, and where nothing is judged.
  public var threshold: Threshold? { kind.spec.decision.threshold }
}
