public import ArgumentParser
import AssayBundle
import AssayData
import AssayGraph
import AssayImage
import AssayLearning
import AssayRuntime
import AssayWorkflows
import Foundation

extension LabelScheme: ExpressibleByArgument {}
extension FramingPolicy: ExpressibleByArgument {}
extension ResamplingFilter: ExpressibleByArgument {}
extension ClassWeights: ExpressibleByArgument {}
extension TapStatistic: ExpressibleByArgument {}

/// Which labels, and which class is good.
struct LabelArguments: ParsableArguments {
  @Option(
    help: "Labels to use: native, or binary (good or defective; ELPV: a probability above 0.5 is defective).")
  var labels: LabelScheme = .native

  @Option(help: "The class that passes. (default: found by its name: good, ok, normal, free, functional, ...)")
  var good: String?
}

/// Reading images.
struct DecodingArguments: ParsableArguments {
  @Option(help: "Refuse images with more pixels than this, from their header alone.")
  var maxPixels = DecodingOptions().maximumPixels

  func validate() throws {
    guard maxPixels > 0 else { throw ValidationError("--max-pixels must be above 0") }
  }

  func maximumPixels(_ use: OptionUse) -> Int { use("--max-pixels", maxPixels) }
}

/// Reading the images of a data set, of which some may be unusable.
struct ImageArguments: ParsableArguments {
  @OptionGroup var decoding: DecodingArguments

  @Flag(
    help: "Stop with exit code 65 when something of the data cannot be used, instead of leaving it out and saying so.")
  var strict = false

  @Option(
    help:
      "Encoding of the data set's texts and names: gbk, cp1251, cp1252, shift_jis, ...; bundles remember it. (default: UTF-8)"
  )
  var encoding: String?

  func maximumPixels(_ use: OptionUse) -> Int { decoding.maximumPixels(use) }

  func isStrict(_ use: OptionUse) -> Bool { use("--strict", strict) }

  func encoding(_ use: OptionUse) -> String? { use("--encoding", encoding) }
}

/// Which value is white in pictures of more than 8 bits.
struct WhiteLevelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The value that is white in pictures of 16 bits, e.g. 4095 for a camera of 12. (default: as the files declare, or the smallest of 1023, 4095, 16383 and 65535 that covers all of them)",
      valueName: "value"))
  var whiteLevel: Int?

  func validate() throws {
    guard let whiteLevel else { return }
    guard WhiteLevel.range.contains(whiteLevel) else {
      throw ValidationError("--white-level must be 255 to 65535, e.g. 1023 for 10 bits or 4095 for 12")
    }
  }

  func level(_ use: OptionUse) -> Int? { use("--white-level", whiteLevel) }

  func rule(_ use: OptionUse) -> WhiteLevelRule { level(use).map { .given($0) } ?? .found }
}

/// The network, and what else every recipe begins with.
struct NetworkArguments: ParsableArguments {
  @Option(
    help: "Backbone; `assay backbones` lists them. Or a trained bundle (other.assay), whose network is taken.",
    completion: .file())
  var backbone = BackboneCatalogue.defaultName

  @Option(
    help:
      "Side of the network's input in pixels, a multiple of 32 (of the patch for transformers). (default: the backbone's own)"
  )
  var inputSize: Int?

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0
}

/// What is read of photographs.
struct FeatureArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Depths of the backbone to read, comma separated; `assay backbones` lists them. (default: the backbone's own)",
      valueName: "tap,tap,..."))
  var taps: String?

  @Option(parsing: .upToNextOption, help: "What is read at each depth: mean, deviation or both.")
  var statistics: [TapStatistic] = [.mean, .deviation]

  @Option(help: "How a photograph is brought to the input: stretch, letterbox or centre-crop.")
  var framing: FramingPolicy = .stretch

  @Option(help: "Resampling filter: bilinear or bicubic, antialiased.")
  var filter: ResamplingFilter = .bilinear

  func validate() throws {
    guard !statistics.isEmpty else { throw ValidationError("--statistics needs mean, deviation or both") }
  }
}

/// Which rate the threshold keeps.
struct ThresholdArguments: ParsableArguments {
  @Option(help: "Keep the escape rate (bad parts passed) at or below this, e.g. 0.01. (default: the best F1)")
  var maxEscape: Double?

  @Option(
    help:
      "Keep the overkill rate (good parts rejected) at or below this, e.g. 0.01. (default: the best F1; anomaly 0.01)")
  var maxOverkill: Double?

  func validate() throws {
    guard maxEscape == nil || maxOverkill == nil else {
      throw ValidationError("give --max-escape or --max-overkill, not both")
    }
    for (name, rate) in [("--max-escape", maxEscape), ("--max-overkill", maxOverkill)] {
      if let rate, !(0..<1).contains(rate) { throw ValidationError("\(name) must be at least 0 and below 1") }
    }
  }

  /// nil when none was asked for.
  func rule(_ use: OptionUse) -> ThresholdRule? {
    let (escape, overkill) = (use("--max-escape", maxEscape), use("--max-overkill", maxOverkill))
    return escape.map { .maximumEscape($0) } ?? overkill.map { .maximumOverkill($0) }
  }
}

/// How much each class counts in training.
struct WeightingArguments: ParsableArguments {
  @Option(help: "Weights of the classes in training: none or balanced.")
  var classWeights: ClassWeights = .none
}

/// What features are made of: shared by `train` and `evaluate --folds`.
struct RecipeArguments: ParsableArguments {
  @OptionGroup(title: HelpGroup.usual) var network: NetworkArguments
  @OptionGroup(title: HelpGroup.features) var reading: FeatureArguments
  @OptionGroup(title: HelpGroup.pictures) var white: WhiteLevelArguments
  @OptionGroup(title: HelpGroup.cache) var cache: CacheArguments
  @OptionGroup(title: HelpGroup.usual) var engine: EngineArguments

  var seed: UInt64 { network.seed }
  var inputSize: Int? { network.inputSize }
  var framing: FramingPolicy { reading.framing }

  /// What every method reads of photographs.
  func trunk(_ images: ImageArguments, _ use: OptionUse) -> FeatureOptions {
    FeatureOptions(
      backbone: use("--backbone", network.backbone),
      taps: use("--taps", reading.taps).map {
        $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      },
      filter: use("--filter", reading.filter), whiteLevel: white.rule(use), maximumPixels: images.maximumPixels(use),
      cache: cache.store(use),
      isStrict: images.isStrict(use), encoding: images.encoding(use), engines: engine.engines(use))
  }

  /// What classifiers and measurements read.
  func features(_ images: ImageArguments, _ use: OptionUse) -> FeatureOptions {
    var features = trunk(images, use)
    features.inputSize = use("--input-size", inputSize)
    features.policy = use("--framing", framing)
    features.statistics = TapStatistic.allCases.filter(use("--statistics", reading.statistics).contains)
    return features
  }
}

/// How many parts a person may be asked to look at.
struct UncertainArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Share of parts that may be uncertain: the least certain ones, by held-out parts; 0 for none.", valueName: "share"
    ))
  var uncertain = UncertainBand.usualBudget

  func validate() throws {
    guard (0..<1).contains(uncertain) else { throw ValidationError("--uncertain must be at least 0 and below 1") }
  }

  func share(_ use: OptionUse) -> Double { use("--uncertain", uncertain) }
}

/// Where features are kept.
struct CacheArguments: ParsableArguments {
  @Option(
    help: "Folder of the feature cache. (default: ${XDG_CACHE_HOME:-~/.cache}/assay/features)", completion: .directory)
  var cache: String?

  @Option(help: "Largest size of the feature cache in MiB.")
  var cacheLimit = 4096

  @Flag(help: "Neither read nor write the feature cache.")
  var noCache = false

  func validate() throws {
    guard cacheLimit > 0 else { throw ValidationError("--cache-limit must be above 0") }
  }

  /// What a stopped command finds again, for the end of a line.
  var kept: ShownLine { noCache ? "" : "; features are kept, and the same command goes on from there" }

  /// nil for none.
  func store(_ use: OptionUse) -> FeatureCache? {
    if use("--no-cache", noCache) {
      use.without(["--cache", "--cache-limit"], because: "--no-cache turns the cache off")
      return nil
    }
    return FeatureCache(folder: use("--cache", cache), limit: use("--cache-limit", cacheLimit) << 20)
  }
}

/// The command as the user typed it, for the report.
func typedCommand() -> String {
  (["assay"] + CommandLine.arguments.dropFirst()).map { word in
    word.contains(where: { " '\"$\\".contains($0) }) ? "'\(word.replacingOccurrences(of: "'", with: "'\\''"))'" : word
  }.joined(separator: " ")
}
