public import AssayGraph

extension Manifest {
  /// How the good/defect decision was fixed.
  public struct Threshold: Codable, Sendable, Equatable {
    /// A part is a defect when its score is at least this: its probability of being defective, 0...1, or its anomaly
    /// score.
    public var value: Double
    /// `max-escape`, `max-overkill` or `best-f1`.
    public var rule: String
    /// The rate asked for, when the rule has one.
    public var rate: Double?
    /// For people: how it was chosen and on how many parts it rests.
    public var explanation: String
    public var escapes: Int
    public var defects: Int
    public var overkills: Int
    public var goods: Int

    public init(
      value: Double, rule: String, rate: Double?, explanation: String, escapes: Int, defects: Int, overkills: Int,
      goods: Int
    ) {
      self.value = value
      self.rule = rule
      self.rate = rate
      self.explanation = explanation
      self.escapes = escapes
      self.defects = defects
      self.overkills = overkills
      self.goods = goods
    }
  }

  /// A figure with its 95 % interval.
  public struct Metric: Codable, Sendable, Equatable {
    public var name: String
    public var value: Double
    public var low: Double?
    public var high: Double?
    public var count: Int
    /// `held-out test` or `cross-validation`.
    public var on: String
    /// What was planned for, where something was: the share of uncertain parts.
    public var planned: Double?

    public init(
      name: String, value: Double, low: Double?, high: Double?, count: Int, on: String, planned: Double? = nil
    ) {
      self.planned = planned
      self.name = name
      self.value = value
      self.low = low
      self.high = high
      self.count = count
      self.on = on
    }
  }

  public struct Network: Codable, Sendable, Equatable {
    public var backbone: BackboneDescription
    public var weightsSHA256: String
    /// What a classifier reads; nil for anomaly detection.
    public var features: FeatureSpecification?
    public var temperature: Double
    /// Evidence (difference of logits) at one position that is drawn in the hottest colour; the same for every image.
    public var mapScale: Double
    /// How the temperature was chosen; nil where no probabilities are stated, and in bundles from before it was regularized.
    public var calibration: Calibration?

    public init(
      backbone: BackboneDescription, weightsSHA256: String, features: FeatureSpecification?, temperature: Double,
      mapScale: Double, calibration: Calibration? = nil
    ) {
      self.calibration = calibration
      self.backbone = backbone
      self.weightsSHA256 = weightsSHA256
      self.features = features
      self.temperature = temperature
      self.mapScale = mapScale
    }
  }

  /// How stated probabilities were calibrated.
  public struct Calibration: Codable, Sendable, Equatable {
    /// No more certainty than ``parts`` support, with a prior on the temperature.
    public static let regularized = "regularized-temperature"

    public var rule: String
    /// Held-out parts that it rests on.
    public var parts: Int

    public init(rule: String = regularized, parts: Int) {
      self.rule = rule
      self.parts = parts
    }
  }

  public struct Training: Codable, Sendable, Equatable {
    public var method: TrainingMethod
    /// The method's own settings.
    public var recipe: Recipe
    public var seed: UInt64
    public var layout: String
    /// Class name to number of training images.
    public var counts: [String: Int]
    /// SHA-256 of the training images' bytes, hexadecimal, sorted.
    public var images: [String]
    /// The same of the test images, which no retraining learns from; nil in bundles of versions that did not list them.
    public var testImages: [String]?
    /// Images of the data set that could not be read.
    public var unreadable: Int
    /// What else of the data set took no part: images, or entries without one, by kind of cause; nil when nothing was
    /// left out.
    public var leftOut: [String: Int]?
    /// Images that were good because their format says that no entry means nothing marked; nil when there were none.
    public var assumedGood: Int?
    /// The encoding of the data set's texts that are not UTF-8, as it was named; nil when none was. Whoever reads a data
    /// set for this bundle reads it alike.
    public var encoding: String?

    public init(
      method: TrainingMethod, recipe: Recipe, seed: UInt64, layout: String, counts: [String: Int],
      images: [String], unreadable: Int, leftOut: [String: Int]? = nil, assumedGood: Int? = nil, encoding: String? = nil
    ) {
      self.method = method
      self.recipe = recipe
      self.seed = seed
      self.layout = layout
      self.counts = counts
      self.images = images
      self.unreadable = unreadable
      self.leftOut = leftOut
      self.assumedGood = assumedGood
      self.encoding = encoding
    }

    /// Training images; where there are no classes to count them by, the different ones.
    public var imageCount: Int { counts.isEmpty ? images.count : counts.values.reduce(0, +) }

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      method = try values.decode(TrainingMethod.self, forKey: .method)
      recipe = try Recipe(partOf: decoder)
      seed = try values.decode(UInt64.self, forKey: .seed)
      layout = try values.decode(String.self, forKey: .layout)
      counts = try values.decode([String: Int].self, forKey: .counts)
      images = try values.decode([String].self, forKey: .images)
      testImages = try values.decodeIfPresent([String].self, forKey: .testImages)
      unreadable = try values.decode(Int.self, forKey: .unreadable)
      leftOut = try values.decodeIfPresent([String: Int].self, forKey: .leftOut)
      assumedGood = try values.decodeIfPresent(Int.self, forKey: .assumedGood)
      encoding = try values.decodeIfPresent(String.self, forKey: .encoding)
    }
  }

  /// How the graph's output `segmentation` is read.
  public struct PixelMarks: Codable, Sendable, Equatable {
    /// Depths that the patch head reads.
    public var taps: [String]
    /// For each class: from which probability (the logit's sigmoid) on a pixel is marked.
    public var thresholds: [Double]
    /// For each class: patches with it that the head was trained on.
    public var patches: [Int]
    /// Images whose regions were used.
    public var images: Int
    /// Of the output, in its order; nil when they are the bundle's own.
    public var classes: [String]?

    public init(taps: [String], thresholds: [Double], patches: [Int], images: Int, classes: [String]? = nil) {
      self.classes = classes
      self.taps = taps
      self.thresholds = thresholds
      self.patches = patches
      self.images = images
    }
  }

  public struct File: Codable, Sendable, Equatable {
    public var sha256: String
    public var size: Int
  }
}
