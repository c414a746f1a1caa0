public import AssayBackbones
import AssayData
public import AssayGraph
public import AssayImage
public import AssayRuntime

/// What is read from images: shared by training and cross-validation.
public struct FeatureOptions: Sendable {
  public var backbone: String
  /// Side of the network's square input, a multiple of the backbone's step (32 for most); nil for its own.
  public var inputSize: Int?
  /// nil for the backbone's default taps.
  public var taps: [String]?
  public var statistics: [TapStatistic]
  public var policy: FramingPolicy
  public var filter: ResamplingFilter
  /// Which value is white in pictures of more than 8 bits.
  public var whiteLevel: WhiteLevelRule
  public var maximumPixels: Int
  /// What runs networks.
  public var engines: Engines
  /// nil to keep no features on disk.
  public var cache: FeatureCache?
  /// Stop where something of the data set cannot be used instead of leaving it out.
  public var isStrict: Bool
  /// Of the data set's texts that are not UTF-8 and do not say what they are: `gbk`, `cp1251`, ...
  public var encoding: String?

  public init(
    backbone: String = BackboneCatalogue.defaultName, inputSize: Int? = nil, taps: [String]? = nil,
    statistics: [TapStatistic] = [.mean, .deviation], policy: FramingPolicy = .stretch,
    filter: ResamplingFilter = .bilinear, whiteLevel: WhiteLevelRule = .found,
    maximumPixels: Int = DecodingOptions().maximumPixels,
    cache: FeatureCache? = FeatureCache(), isStrict: Bool = false, encoding: String? = nil,
    engines: Engines = .automatic
  ) {
    self.backbone = backbone
    self.inputSize = inputSize
    self.taps = taps
    self.statistics = statistics
    self.policy = policy
    self.filter = filter
    self.whiteLevel = whiteLevel
    self.maximumPixels = maximumPixels
    self.cache = cache
    self.isStrict = isStrict
    self.encoding = encoding
    self.engines = engines
  }
}
