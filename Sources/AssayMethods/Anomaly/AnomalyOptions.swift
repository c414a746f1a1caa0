public import AssayBundle
public import AssayData
public import AssayGraph
public import AssayImage
public import AssayLearning
package import AssayRuntime

/// Everything that `assay train --method anomaly` can be told.
public struct AnomalyOptions: Sendable {
  public enum Detector: String, Codable, Sendable, CaseIterable {
    case patchcore, padim, subspace

    /// For whom it is, as a clause.
    package var summary: String {
      switch self {
      case .patchcore: "memory of good patches"
      case .padim: "a distribution for every place"
      case .subspace: "for a handful of images"
      }
    }
  }

  public var features: FeatureOptions
  public var detector: Detector
  public var goodClass: String?
  /// Share of the patches that the memory bank keeps; nil for the default.
  public var coreset: Double?
  /// The image's score is the mean of this share of its largest distances; nil for the method's own score.
  public var scoreShare: Double?
  public var smoothing: Double
  /// Tiles of the photographs at their own resolution; nil to look at whole photographs.
  public var tiling: Tiling?
  public var region: RegionOfInterest?
  /// Leave out training images that stand out.
  public var isTrimming: Bool
  /// Turn and mirror the training images.
  public var isAugmenting: Bool
  /// Learn from so many good images only; nil for all.
  public var shots: Int?
  /// nil for an overkill rate of a hundredth, or the lowest that the good parts support.
  public var thresholdRule: ThresholdRule?
  /// Share of good parts that may be uncertain, 0..<1.
  public var uncertainShare = UncertainBand.usualBudget
  public var split: SplitRule
  public var seed: UInt64
  public var commandLine: String

  public init(
    features: FeatureOptions = .init(), detector: Detector = .patchcore, goodClass: String? = nil,
    coreset: Double? = nil, scoreShare: Double? = nil, smoothing: Double = AnomalyGraph.defaultSmoothing,
    tiling: Tiling? = nil, region: RegionOfInterest? = nil, isTrimming: Bool = false, isAugmenting: Bool = false,
    shots: Int? = nil, thresholdRule: ThresholdRule? = nil, split: SplitRule = .init(), seed: UInt64 = 0,
    commandLine: String = ""
  ) {
    self.features = features
    self.detector = detector
    self.goodClass = goodClass
    self.coreset = coreset
    self.scoreShare = scoreShare
    self.smoothing = smoothing
    self.tiling = tiling
    self.region = region
    self.isTrimming = isTrimming
    self.isAugmenting = isAugmenting
    self.shots = shots
    self.thresholdRule = thresholdRule
    self.split = split
    self.seed = seed
    self.commandLine = commandLine
  }

  package var symmetries: [Symmetry] { isAugmenting ? Symmetry.allCases : [.identity] }
}
