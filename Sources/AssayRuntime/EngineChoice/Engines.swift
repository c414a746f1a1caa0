/// Which engine runs networks. Passed to everything that runs one; nothing is opened before the first network.
public struct Engines: Sendable {
  private let open: @Sendable () throws(RuntimeError) -> Choice

  /// An engine, and what is to be said of how it was chosen.
  package struct Choice: Sendable {
    package let engine: any InferenceEngine
    /// Set when another one was preferred and cannot be used.
    package let note: String?
  }

  /// The first that this machine has, in the order of ``EngineKind``.
  public static let automatic = automatic { _ in }

  /// The same.
  /// - Parameter tell: gets a sentence for people, each time that an engine is asked for, where a preferred one cannot be used.
  package static func automatic(_ tell: @escaping @Sendable (String) -> Void) -> Engines {
    Engines { () throws(RuntimeError) in
      let choice = try preferred()
      if let note = choice.note { tell(note) }
      return choice
    }
  }

  private static func preferred() throws(RuntimeError) -> Choice {
    var missing: [(kind: EngineKind, error: RuntimeError)] = []
    for kind in EngineKind.allCases {
      do throws(RuntimeError) {
        let engine = try kind.opened()
        let reasons = missing.map { "\($0.kind.title) cannot be used: \($0.error.cause)" }.joined(separator: "; ")
        return Choice(
          engine: engine,
          note: missing.isEmpty ? nil : "networks run in \(engine.title) \(engine.version); \(reasons)")
      } catch {
        missing.append((kind, error))
      }
    }
    throw RuntimeError(
      operation: "look for an engine",
      cause: missing.map { "\($0.error.operation): \($0.error.cause)" }.joined(separator: "; "),
      remedy: missing.first?.error.remedy ?? "run `make setup`")
  }

  /// That one and no other.
  public init(_ kind: EngineKind) {
    self.init { () throws(RuntimeError) in Choice(engine: try kind.opened(), note: nil) }
  }

  /// One of your own.
  public init(_ engine: any InferenceEngine) {
    self.init { () throws(RuntimeError) in Choice(engine: engine, note: nil) }
  }

  private init(_ open: @escaping @Sendable () throws(RuntimeError) -> Choice) { self.open = open }

  /// - Throws: ``RuntimeError`` when no engine, or not the one that is wanted, can be opened.
  package func chosen() throws(RuntimeError) -> Choice { try open() }

  package func engine() throws(RuntimeError) -> any InferenceEngine { try open().engine }
}
