import AssayGraph
public import AssayImage

/// What kind of inspector a bundle is, with everything that belongs to that kind alone.
///
/// Tasks beside the classes, looking at photographs in tiles, and marking pixels are parts of a kind, not kinds.
public enum InspectorKind: Sendable, Equatable {
  /// Finds one of several classes on a part.
  case classifier(ClassifierSpec)
  /// Finds none, one or several classes on a part.
  case multiLabel(MultiLabelSpec)
  /// Finds what is unlike good parts, and where.
  case anomaly(AnomalySpec)
  /// States values; finds no class.
  case measurement(MeasurementSpec)

  /// As manifests name them, under `task`.
  public enum Name: String, Codable, Sendable, CaseIterable {
    case classification
    case multiLabel = "multi-label"
    case anomaly
    case measurement
  }

  /// What every kind can be asked.
  public var spec: any InspectorSpec {
    get {
      switch self {
      case .classifier(let spec): spec
      case .multiLabel(let spec): spec
      case .anomaly(let spec): spec
      case .measurement(let spec): spec
      }
    }
    set { self = newValue.kind }
  }

  public var name: Name { spec.name }
}

/// What a manifest says of one kind of inspector.
public protocol InspectorSpec: Sendable, Equatable {
  var kind: InspectorKind { get }
  var name: InspectorKind.Name { get }
  /// In the order of the graph's outputs; empty when no class is found.
  var classes: [String] { get }
  /// The name of parts that pass; nil where no class is good.
  var goodClass: String? { get }
  /// Whether its classes are those of a data set; otherwise good parts and others are all it tells apart.
  var knowsDataClasses: Bool { get }
  /// What the verdict rests on.
  var decision: DecisionSettings { get set }
  /// Tasks beside the verdict, or instead of one, in the order of training.
  var tasks: [TaskRecord] { get }
  /// How pixels are marked; nil when they are not.
  var pixelMarks: Manifest.PixelMarks? { get }
  /// Depths of the backbone that the kind itself reads; empty when the manifest's features say it.
  var taps: [String] { get }
  /// How photographs are looked at in pieces; nil when they are looked at whole.
  var tiling: Tiling? { get }
  /// Map value that is drawn in the hottest colour, where the kind's settings decide it; nil where training has measured it.
  var mapScale: Double? { get }
  /// Whether the spec makes sense by itself: names, numbers, lengths.
  func check(_ manifest: Manifest) throws(ManifestFault)
}

extension InspectorSpec {
  public var knowsDataClasses: Bool { true }
  public var tasks: [TaskRecord] { [] }
  public var pixelMarks: Manifest.PixelMarks? { nil }
  public var taps: [String] { [] }
  public var tiling: Tiling? { nil }
  public var mapScale: Double? { nil }
}

/// The numbers that a verdict rests on: what is changed when a threshold is, and put back when the change is undone.
public struct DecisionSettings: Codable, Sendable, Equatable {
  /// Of the probability of being defective, or of the anomaly score.
  public var threshold: Manifest.Threshold?
  /// Of each class's own probability, in the order of the classes.
  public var labelThresholds: [Manifest.Threshold]?
  /// Map values at or above this are shown as defective.
  public var mapThreshold: Double?
  /// A proven bound of the overkill rate.
  public var guarantee: Double?
  /// Scores that the threshold was set by.
  public var calibration: AnomalyModel.Calibration?
  /// From where to where parts are uncertain; nil in bundles from before there was one.
  public var band: UncertainBand?

  public init(
    threshold: Manifest.Threshold? = nil, labelThresholds: [Manifest.Threshold]? = nil, mapThreshold: Double? = nil,
    guarantee: Double? = nil, calibration: AnomalyModel.Calibration? = nil, band: UncertainBand? = nil
  ) {
    self.band = band
    self.threshold = threshold
    self.labelThresholds = labelThresholds
    self.mapThreshold = mapThreshold
    self.guarantee = guarantee
    self.calibration = calibration
  }
}

/// One class a part.
public struct ClassifierSpec: InspectorSpec {
  public var classes: [String]
  /// One of the classes.
  public var goodClass: String?
  /// Of the probability of being defective; nil where no class is good.
  public var threshold: Manifest.Threshold?
  public var tasks: [TaskRecord]
  public var pixelMarks: Manifest.PixelMarks?
  /// From where to where parts are uncertain.
  public var band: UncertainBand?

  public init(
    classes: [String], goodClass: String?, threshold: Manifest.Threshold?, tasks: [TaskRecord] = [],
    pixelMarks: Manifest.PixelMarks? = nil, band: UncertainBand? = nil
  ) {
    self.band = band
    self.classes = classes
    self.goodClass = goodClass
    self.threshold = threshold
    self.tasks = tasks
    self.pixelMarks = pixelMarks
  }

  public var kind: InspectorKind { .classifier(self) }
  public var name: InspectorKind.Name { .classification }
  public var decision: DecisionSettings {
    get { DecisionSettings(threshold: threshold, band: band) }
    set {
      threshold = newValue.threshold
      band = newValue.band
    }
  }

  /// The task whose classes are ``classes``: the first classification with a good class, else the first one.
  public var primaryTask: TaskRecord? {
    tasks.first { $0.kind == .classification && $0.goodClass != nil } ?? tasks.first { $0.kind == .classification }
  }
}

/// None, one or several classes a part.
public struct MultiLabelSpec: InspectorSpec {
  public var classes: [String]
  /// From which probability on each of the ``classes`` counts as found.
  public var thresholds: [Manifest.Threshold]
  /// The name for parts on which nothing is found; none of the ``classes``.
  public var goodName: String
  public var pixelMarks: Manifest.PixelMarks?
  /// From where to where parts are uncertain.
  public var band: UncertainBand?

  public init(
    classes: [String], thresholds: [Manifest.Threshold], goodName: String, pixelMarks: Manifest.PixelMarks? = nil,
    band: UncertainBand? = nil
  ) {
    self.band = band
    self.classes = classes
    self.thresholds = thresholds
    self.goodName = goodName
    self.pixelMarks = pixelMarks
  }

  public var kind: InspectorKind { .multiLabel(self) }
  public var name: InspectorKind.Name { .multiLabel }
  public var goodClass: String? { goodName }
  public var decision: DecisionSettings {
    get { DecisionSettings(labelThresholds: thresholds, band: band) }
    set {
      thresholds = newValue.labelThresholds ?? []
      band = newValue.band
    }
  }
}

/// Unlike good parts, and where.
public struct AnomalySpec: InspectorSpec {
  public static let goodName = "good"
  public static let defectName = "defect"

  public var model: AnomalyModel
  /// Of the anomaly score; nil until one is set.
  public var threshold: Manifest.Threshold?
  /// From where to where parts are uncertain.
  public var band: UncertainBand?

  public init(model: AnomalyModel, threshold: Manifest.Threshold?, band: UncertainBand? = nil) {
    self.band = band
    self.model = model
    self.threshold = threshold
  }

  public var kind: InspectorKind { .anomaly(self) }
  public var name: InspectorKind.Name { .anomaly }
  public var classes: [String] { [Self.goodName, Self.defectName] }
  public var goodClass: String? { Self.goodName }
  public var knowsDataClasses: Bool { false }
  public var taps: [String] { model.patches.taps }
  public var tiling: Tiling? { model.tiling }
  public var mapScale: Double? { model.mapThreshold ?? 0 }
  public var decision: DecisionSettings {
    get {
      DecisionSettings(
        threshold: threshold, mapThreshold: model.mapThreshold, guarantee: model.guarantee,
        calibration: model.calibration, band: band)
    }
    set {
      threshold = newValue.threshold
      band = newValue.band
      model.mapThreshold = newValue.mapThreshold
      model.guarantee = newValue.guarantee
      if let calibration = newValue.calibration, calibration != model.calibration {
        model.calibration = calibration
        // The same parts would have other scores now.
        model.tested = nil
      }
    }
  }
}

/// Stated values alone.
public struct MeasurementSpec: InspectorSpec {
  /// Ordinal and real-valued.
  public var tasks: [TaskRecord]

  public init(tasks: [TaskRecord]) { self.tasks = tasks }

  public var kind: InspectorKind { .measurement(self) }
  public var name: InspectorKind.Name { .measurement }
  public var classes: [String] { [] }
  public var goodClass: String? { nil }
  public var decision: DecisionSettings {
    get { DecisionSettings() }
    set {}
  }
}
