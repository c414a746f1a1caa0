/// How near to its threshold a part is uncertain, so that about a given share of all parts is: chosen on held-out parts.
public struct UncertainBand: Codable, Sendable, Equatable {
  /// Where nothing else is asked for.
  public static let usualBudget = 0.05

  /// Share of parts that may be uncertain, 0..<1; 0 for none.
  public var budget: Double
  /// How far below its threshold a score is uncertain, and how far above: differences of log odds for probabilities, of
  /// logarithms for anomaly scores. nil where no class is good.
  public var below: Double?
  public var above: Double?
  /// Where no class is good: the class found is uncertain when its probability is below this. nil elsewhere.
  public var probability: Double?
  /// Held-out parts that it was chosen on, and those of them that are uncertain by it.
  public var parts: Int
  public var uncertain: Int

  public init(
    budget: Double, below: Double? = nil, above: Double? = nil, probability: Double? = nil, parts: Int, uncertain: Int
  ) {
    self.budget = budget
    self.below = below
    self.above = above
    self.probability = probability
    self.parts = parts
    self.uncertain = uncertain
  }

  package func check(_ field: String) throws(ManifestFault) {
    guard (0..<1).contains(budget) else { throw ManifestFault(field, "has a budget of \(budget), not 0..<1") }
    for width in [below, above].compactMap({ $0 }) where !(width >= 0 && width.isFinite) {
      throw ManifestFault(field, "reaches \(width) from its threshold")
    }
    if let probability, !(0...1).contains(probability) {
      throw ManifestFault(field, "has a probability of \(probability), not 0...1")
    }
    try Manifest.check(count: parts, field)
    try Manifest.check(count: uncertain, field)
    guard uncertain <= parts else { throw ManifestFault(field, "counts more uncertain parts than parts") }
  }
}
