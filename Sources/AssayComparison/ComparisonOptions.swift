public import AssayData
public import AssayImage
public import AssayMethods
public import AssayRuntime

/// How a backbone is used in a comparison.
public enum ComparisonMethod: String, Codable, Sendable, CaseIterable {
  /// A linear head on frozen features, from all images of the other folds.
  case linear
  /// Nearest class mean or probe, from a few images of each class of the other folds.
  case fewshot
  /// Good parts only: those of the other folds.
  case anomaly
  /// The backbone trained further; only where it is asked for, and on the backbone that is recommended without it.
  case finetune

  /// As tables name it.
  public func title(shots: Int) -> String {
    switch self {
    case .linear: "linear"
    case .fewshot: "few-shot, \(shots) a class"
    case .anomaly: "anomaly"
    case .finetune: "fine-tuned"
    }
  }
}

/// Everything that `assay compare` can be told.
public struct ComparisonOptions: Sendable {
  /// Names in the catalogue; nil for all that are installed.
  public var backbones: [String]?
  /// nil for those that fit the data: linear and few-shot, anomaly with them where a class is good, and alone where only
  /// good parts are there to learn from.
  public var methods: [ComparisonMethod]?
  public var folds: Int
  public var seed: UInt64
  /// Few-shot: images of each class to learn from, in each fold.
  public var shots: Int
  /// Share of the good parts that may be rejected where defects are counted.
  public var maximumOverkill: Double
  /// By how many shares a row may be behind the best and still count as not worse.
  public var margin: Double
  public var labels: LabelScheme
  public var goodClass: String?
  /// nil to keep no features on disk.
  public var cache: FeatureCache?
  /// What runs networks.
  public var engines: Engines
  /// Which value is white in pictures of more than 8 bits.
  public var whiteLevel: WhiteLevelRule
  public var maximumPixels: Int
  public var isStrict: Bool
  /// Of the data set's texts that are not UTF-8 and do not say what they are.
  public var encoding: String?
  /// Where finished rows are kept until all are there; nil to keep none.
  public var keptAt: String?
  /// Of the timing of each graph.
  public var timingSeconds: Double
  /// As the user typed it, for the report.
  public var commandLine: String

  public static let usualOverkill = 0.01

  public init(
    backbones: [String]? = nil, methods: [ComparisonMethod]? = nil, folds: Int = TrainingOptions.usualFolds,
    seed: UInt64 = 0, shots: Int = 16, maximumOverkill: Double = usualOverkill,
    margin: Double = ComparisonJudgement.usualMargin,
    labels: LabelScheme = .native, goodClass: String? = nil, cache: FeatureCache? = FeatureCache(),
    whiteLevel: WhiteLevelRule = .found, maximumPixels: Int = DecodingOptions().maximumPixels, isStrict: Bool = false,
    encoding: String? = nil,
    keptAt: String? = nil,
    timingSeconds: Double = 2, commandLine: String = "", engines: Engines = .automatic
  ) {
    self.backbones = backbones
    self.methods = methods
    self.folds = folds
    self.seed = seed
    self.shots = shots
    self.maximumOverkill = maximumOverkill
    self.margin = margin
    self.labels = labels
    self.goodClass = goodClass
    self.cache = cache
    self.whiteLevel = whiteLevel
    self.maximumPixels = maximumPixels
    self.isStrict = isStrict
    self.encoding = encoding
    self.keptAt = keptAt
    self.timingSeconds = timingSeconds
    self.commandLine = commandLine
    self.engines = engines
  }

  package func features(_ backbone: String) -> FeatureOptions {
    FeatureOptions(
      backbone: backbone, whiteLevel: whiteLevel, maximumPixels: maximumPixels, cache: cache, isStrict: isStrict,
      encoding: encoding, engines: engines)
  }

  package func training(_ backbone: String) -> TrainingOptions {
    TrainingOptions(
      features: features(backbone), labels: labels, goodClass: goodClass, folds: folds, seed: seed,
      commandLine: commandLine)
  }
}
