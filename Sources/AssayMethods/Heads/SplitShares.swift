package import AssayBundle
public import AssayData

/// Shares of a data set that were set aside, as recipes keep them.
public struct SplitShares: Codable, Sendable, Equatable {
  /// 0..<1; together below 1.
  public var validation: Double
  public var test: Double

  public init(_ rule: SplitRule = .init()) {
    validation = rule.validation
    test = rule.test
  }

  public func rule(seed: UInt64) -> SplitRule { SplitRule(seed: seed, validation: validation, test: test) }
}

extension MethodRecipe {
  package func check(_ split: SplitShares) throws(ManifestFault) {
    try require("split.validation", split.validation, in: 0...1)
    try require("split.test", split.test, in: 0...1)
    try require("split.validation and split.test", split.validation + split.test, in: 0...(1.0.nextDown))
  }
}
