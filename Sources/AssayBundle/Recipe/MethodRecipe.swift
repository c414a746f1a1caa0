/// The settings of one training method, as its bundles keep them: enough to train the same way again.
///
/// What belongs to the data and is said elsewhere in the manifest (features, seed, threshold) is not said again.
public protocol MethodRecipe: Codable, Sendable, Equatable {
  /// From what schema 1 said. What an earlier version did not write is as it was then.
  /// - Throws: which of the words is missing or not understood.
  init(solver: SolverWords) throws(ManifestFault)

  /// - Throws: which setting nobody could train with.
  func check() throws(ManifestFault)
}

extension MethodRecipe {
  /// - Throws: when the value lies outside, or is no number.
  public func require<Value: Comparable>(
    _ name: String, _ value: Value, in range: ClosedRange<Value>
  ) throws(ManifestFault) {
    guard range.contains(value) else {
      throw ManifestFault("\(Recipe.field).\(name)", "is \(value), not \(range.lowerBound)...\(range.upperBound)")
    }
  }
}

/// An option that is written where it is not used, too, as `null`: so one that was lost is told from one not used.
@propertyWrapper
public struct Stated<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
  public var wrappedValue: Value?

  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    wrappedValue = value.decodeNil() ? nil : try value.decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    if let wrappedValue { try value.encode(wrappedValue) } else { try value.encodeNil() }
  }
}
