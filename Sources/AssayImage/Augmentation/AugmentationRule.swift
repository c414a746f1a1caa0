/// How often an operation is applied, and how strongly.
public struct AugmentationRule: Sendable, Hashable, Codable {
  public let operation: AugmentationOperation
  /// The share of images that it is applied to, 0...1.
  public let probability: Double
  /// What is drawn from, in the unit of the operation; nil exactly when the operation has no magnitude.
  public let magnitude: ClosedRange<Double>?

  /// Traps when `probability` is outside 0...1 or `magnitude` outside the operation's `magnitudeLimits`.
  public init(_ operation: AugmentationOperation, probability: Double, magnitude: ClosedRange<Double>? = nil) {
    self.operation = operation
    self.probability = probability
    self.magnitude = magnitude
    if let fault { preconditionFailure(fault) }
  }

  private enum CodingKeys: String, CodingKey {
    case operation, probability, magnitude
  }

  /// Throws `DecodingError` for a probability or magnitude that the operation cannot have: a stored policy is not trusted.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    operation = try values.decode(AugmentationOperation.self, forKey: .operation)
    probability = try values.decode(Double.self, forKey: .probability)
    magnitude = try values.decodeIfPresent(ClosedRange<Double>.self, forKey: .magnitude)
    if let fault {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: fault))
    }
  }

  /// What is wrong with the values, if anything.
  private var fault: String? {
    guard (0...1).contains(probability) else {
      return "the probability of \(operation.rawValue) is \(probability), not 0...1"
    }
    switch (operation.magnitudeLimits, magnitude) {
    case (nil, nil):
      return nil
    case (let limits?, let magnitude?)
    where limits.contains(magnitude.lowerBound) && limits.contains(magnitude.upperBound):
      return nil
    case (let limits, let magnitude):
      return "the magnitude of \(operation.rawValue) is \(text(magnitude)), not within \(text(limits))"
    }
  }

  private func text(_ range: ClosedRange<Double>?) -> String { range.map { "\($0)" } ?? "none" }
}
