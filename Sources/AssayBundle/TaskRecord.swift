/// One task of a bundle, as its manifest keeps it.
public struct TaskRecord: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    case classification, ordinal, real
  }

  /// What a stated value is worth, from held-out parts (split-conformal, Vovk et al. 2005).
  public struct Uncertainty: Codable, Sendable, Equatable {
    /// Of the held-out errors.
    public var standardDeviation: Double
    /// A new part lies within the stated value ± this with a probability of at least ``coverage``; nil when there were
    /// too few parts to promise it.
    public var halfWidth: Double?
    /// 0...1
    public var coverage: Double
    /// How many held-out parts it rests on.
    public var count: Int

    public init(standardDeviation: Double, halfWidth: Double?, coverage: Double, count: Int) {
      self.standardDeviation = standardDeviation
      self.halfWidth = halfWidth
      self.coverage = coverage
      self.count = count
    }
  }

  /// The graph's outputs are `NAME.probabilities`, `NAME.logits` and `NAME.value`.
  public var name: String
  public var kind: Kind
  /// Of a classification, in the order of the outputs.
  public var classes: [String]?
  public var goodClass: String?
  /// Of an ordinal task, ascending.
  public var levels: [Double]?
  /// Of a classification.
  public var temperature: Double?
  /// Of a real-valued task.
  public var uncertainty: Uncertainty?
  /// Class or level to number of training images; `known` for real values.
  public var counts: [String: Int]
  /// How its head was trained.
  public var recipe: Recipe
  public var metrics: [Manifest.Metric]

  public init(name: String, kind: Kind, counts: [String: Int], recipe: Recipe, metrics: [Manifest.Metric]) {
    self.name = name
    self.kind = kind
    self.counts = counts
    self.recipe = recipe
    self.metrics = metrics
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    kind = try values.decode(Kind.self, forKey: .kind)
    classes = try values.decodeIfPresent([String].self, forKey: .classes)
    goodClass = try values.decodeIfPresent(String.self, forKey: .goodClass)
    levels = try values.decodeIfPresent([Double].self, forKey: .levels)
    temperature = try values.decodeIfPresent(Double.self, forKey: .temperature)
    uncertainty = try values.decodeIfPresent(Uncertainty.self, forKey: .uncertainty)
    counts = try values.decode([String: Int].self, forKey: .counts)
    recipe = try Recipe(partOf: decoder)
    metrics = try values.decode([Manifest.Metric].self, forKey: .metrics)
  }
}
