import AssayBundle
import AssayGraph
import AssayImage
import AssayInspection
import AssayStation
import Foundation

/// What a bundle is, for people and as JSON. Everything comes from its manifest, whose files have been checked.
struct BundleSummary: Encodable {
  struct Input: Encodable {
    /// Of the network, in pixels.
    let width: Int
    let height: Int
    let framing: FramingPolicy
    let filter: ResamplingFilter
  }

  struct Backbone: Encodable {
    let name: String
    let licence: String
    let source: String
    /// The bundle whose training the weights come from.
    let origin: BackboneOrigin?
    let weightsSHA256: String
    /// The depths that are read, and what of each.
    let taps: [String]
    let statistics: [TapStatistic]?
  }

  struct Training: Encodable {
    let method: String
    let recipe: Recipe
    let seed: UInt64
    let layout: String
    /// Class to number of images.
    let counts: [String: Int]
    let images: Int
    let unreadable: Int
  }

  struct Detector: Encodable {
    let method: String
    let memoryRows: Int?
    let patches: Int
    let smoothing: Double
    let scoreShare: Double?
    let guarantee: Double?
    let hasRegion: Bool
    let isolated: [AnomalyModel.Isolated]

    /// nil for other kinds.
    init?(_ kind: InspectorKind) {
      guard case .anomaly(let spec) = kind else { return nil }
      let model = spec.model
      method = model.method
      memoryRows = model.memoryRows
      patches = model.patchCount
      smoothing = model.smoothing
      scoreShare = model.scoreShare
      guarantee = model.guarantee
      hasRegion = model.region != nil
      isolated = model.isolated
    }
  }

  struct Adaptation: Encodable {
    let method: String
    let explanation: String
    let images: Int
    let bundle: String
    let isRecommended: Bool
    let date: String?
    let findings: [String]
  }

  let path: String
  /// `classifier`, `multi-label`, `anomaly` or `measurement`.
  let kind: String
  let classes: [String]
  let goodClass: String?
  /// Whether it tells good parts from defective ones, and why not.
  let judges: Bool
  let hindrance: String?
  let threshold: Manifest.Threshold?
  /// Of a multi-label bundle, by class.
  let labelThresholds: [String: Manifest.Threshold]?
  /// From where to where parts are uncertain; nil in bundles from before there was a share.
  let uncertain: UncertainBand?
  /// Which parts are uncertain, and how probabilities were calibrated, for people.
  let uncertainty: String
  let calibration: String
  let input: Input
  let backbone: Backbone
  let training: Training
  let metrics: [Manifest.Metric]
  let tasks: [TaskRecord]?
  let tiling: Tiling?
  let pixelMarks: Manifest.PixelMarks?
  let anomaly: Detector?
  let adaptation: Adaptation?
  /// After training, the oldest first.
  let changes: [Manifest.Change]
  /// ISO 8601, UTC; nil when the file system does not tell.
  let createdAt: String?
  let versions: [String: String]
  let schema: Int
  /// SHA-256 of the manifest, which names every other file's: it stands for the whole bundle.
  let identity: String
  /// Bytes of each file but the manifest.
  let files: [String: Int]
  /// Every file is what the manifest says; a bundle of which that is not so is not opened.
  let isIntact = true
  /// A bundle that `assay retrain --rollback` would bring back.
  let hasPrevious: Bool

  /// What its drift is measured by.
  let drift: Drift
  /// What the last `assay retrain` found; nil when there was none.
  let retrained: RetrainReport?

  struct Drift: Encodable {
    /// Held-out parts whose scores and whose features, and photographs whose brightness the latest are compared with.
    let scores: Int
    let brightness: Int
    let features: Int
    /// What is not compared, and why.
    let gaps: [DriftGap]
  }

  /// - Throws: when what it keeps of held-out parts cannot be read.
  init(_ bundle: ModelBundle) throws(BundleError) {
    let manifest = bundle.manifest
    path = bundle.path
    let spec = manifest.kind.spec
    kind = spec.name == .classification ? "classifier" : spec.name.rawValue
    classes = manifest.classes
    goodClass = manifest.goodClass
    hindrance = manifest.rule.whyNotJudging
    judges = hindrance == nil
    threshold = manifest.threshold
    labelThresholds = spec.decision.labelThresholds.map {
      Dictionary(zip(manifest.classes, $0), uniquingKeysWith: { first, _ in first })
    }
    uncertain = spec.decision.band
    uncertainty = manifest.uncertainSentence
    calibration = manifest.calibrationSentence
    let rule = manifest.preprocessing
    input = Input(width: rule.width, height: rule.height, framing: rule.policy, filter: rule.filter)
    let network = manifest.network
    backbone = Backbone(
      name: network.backbone.name, licence: network.backbone.licence, source: network.backbone.source,
      origin: network.backbone.origin, weightsSHA256: network.weightsSHA256,
      taps: network.features?.taps ?? spec.taps, statistics: network.features?.statistics)
    let own = manifest.training
    training = Training(
      method: own.method.rawValue, recipe: own.recipe, seed: own.seed, layout: own.layout, counts: own.counts,
      images: own.images.count, unreadable: own.unreadable)
    metrics = manifest.metrics
    tasks = spec.tasks.isEmpty ? nil : spec.tasks
    tiling = spec.tiling
    pixelMarks = spec.pixelMarks
    anomaly = Detector(manifest.kind)
    adaptation = manifest.adaptation.map {
      Adaptation(
        method: $0.method, explanation: $0.explanation, images: $0.images.count, bundle: $0.bundle,
        isRecommended: $0.isRecommended, date: $0.date ?? bundle.createdAt, findings: $0.findings)
    }
    changes = manifest.changes
    createdAt = bundle.createdAt
    versions = manifest.versions
    schema = bundle.schema
    identity = bundle.identity
    files = manifest.files.mapValues(\.size)
    hasPrevious = BundleSuccession(bundle.path).hasPrevious
    let reference = try bundle.reference()
    drift = Drift(
      scores: reference?.scores.count ?? 0, brightness: reference?.brightness?.count ?? 0,
      features: reference?.features.flatMap { $0.basis == nil ? nil : $0.distances.count } ?? 0,
      gaps: DriftGap.of(manifest.kind, reference))
    retrained = RetrainingLog.last(of: bundle.path)
  }
}
