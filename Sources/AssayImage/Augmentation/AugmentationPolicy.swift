/// Which operations change training images, how often and how strongly.
///
///     let policy = AugmentationPreset.surface.policy.without(.gamma)
///     policy.operations.map(\.rawValue)   // for the report
///
/// Operations are drawn independently of each other: removing one leaves every other draw as it was.
public struct AugmentationPolicy: Sendable, Hashable, Codable {
  /// One rule an operation at most, in the order in which they are applied.
  public let rules: [AugmentationRule]

  /// Traps when two rules are about the same operation.
  public init(rules: [AugmentationRule]) {
    if let twice = AugmentationPolicy.repeated(in: rules) {
      preconditionFailure("the policy has two rules about \(twice.rawValue)")
    }
    self.rules = AugmentationPolicy.ordered(rules)
  }

  private enum CodingKeys: String, CodingKey {
    case rules
  }

  /// Throws `DecodingError` when two rules are about the same operation, or a rule cannot be.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let rules = try values.decode([AugmentationRule].self, forKey: .rules)
    if let twice = AugmentationPolicy.repeated(in: rules) {
      throw DecodingError.dataCorruptedError(
        forKey: .rules, in: values, debugDescription: "two rules are about \(twice.rawValue)")
    }
    self.rules = AugmentationPolicy.ordered(rules)
  }

  /// The operations that may happen, in the order in which they are applied.
  public var operations: [AugmentationOperation] { rules.map(\.operation) }

  /// The policy without some operations, for classes that do not survive them.
  public func without(_ operations: AugmentationOperation...) -> AugmentationPolicy {
    AugmentationPolicy(rules: rules.filter { !operations.contains($0.operation) })
  }

  /// One operation alone, in every image: what tells whether a class survives it. Empty when the policy has no such
  /// operation.
  public func alone(_ operation: AugmentationOperation) -> AugmentationPolicy {
    AugmentationPolicy(
      rules: rules.filter { $0.operation == operation }
        .map { AugmentationRule($0.operation, probability: 1, magnitude: $0.magnitude) })
  }

  private static func ordered(_ rules: [AugmentationRule]) -> [AugmentationRule] {
    AugmentationOperation.allCases.compactMap { operation in rules.first { $0.operation == operation } }
  }

  private static func repeated(in rules: [AugmentationRule]) -> AugmentationOperation? {
    AugmentationOperation.allCases.first { operation in rules.count { $0.operation == operation } > 1 }
  }
}
