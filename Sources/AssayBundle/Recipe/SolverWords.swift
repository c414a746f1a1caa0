/// What schema 1 said of training: names and values that the method had printed, `learning rate` and `0.001`.
public struct SolverWords: Sendable {
  private let words: [String: String]

  package static let field = "training.solver"

  public init(_ words: [String: String]) { self.words = words }

  /// - Throws: when it is no list of words.
  package init(_ tree: JSONTree) throws(ManifestFault) {
    guard case .object(let members) = tree else { throw ManifestFault(Self.field, "is no list of words") }
    var words: [String: String] = [:]
    for (name, value) in members {
      guard case .text(let text) = value else { throw ManifestFault(Self.field, "has a \(name) that is no word") }
      words[name] = text
    }
    self.words = words
  }

  /// nil when it was not written.
  public subscript(_ name: String) -> String? { words[name] }

  /// - Throws: when it was not written.
  public func text(_ name: String) throws(ManifestFault) -> String {
    guard let text = words[name] else { throw ManifestFault(Self.field, "does not say \(name)") }
    return text
  }

  /// nil when it was not written.
  public func number(_ name: String) throws(ManifestFault) -> Double? { try read(name) { Double($0) } }

  /// nil when it was not written.
  public func count(_ name: String) throws(ManifestFault) -> Int? { try read(name) { Int($0) } }

  /// `yes` or `no`; nil when it was not written.
  public func isOn(_ name: String) throws(ManifestFault) -> Bool? {
    try read(name) { ["yes": true, "no": false][$0] }
  }

  /// nil when it was not written.
  public func option<Option: RawRepresentable<String>>(
    _ name: String, as type: Option.Type = Option.self
  ) throws(ManifestFault) -> Option? {
    try read(name) { Option(rawValue: $0) }
  }

  /// - Parameter meaning: nil for what is not understood.
  /// - Returns: nil when it was not written.
  public func read<Value>(_ name: String, _ meaning: (String) -> Value?) throws(ManifestFault) -> Value? {
    guard let text = words[name] else { return nil }
    guard let value = meaning(text) else { throw notUnderstood(name) }
    return value
  }

  /// - Throws: when it was not written.
  public func required<Value>(_ name: String, _ value: Value?) throws(ManifestFault) -> Value {
    guard let value else { throw ManifestFault(Self.field, "does not say \(name)") }
    return value
  }

  public func notUnderstood(_ name: String) -> ManifestFault {
    ManifestFault(Self.field, "says \(name) \(words[name] ?? ""), which is not understood")
  }
}
