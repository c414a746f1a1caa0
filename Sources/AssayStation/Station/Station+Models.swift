import AssayInspection

extension Station {
  /// A bundle as links see it.
  public struct ServedModel: Sendable, Equatable, Encodable {
    public let name: String
    public let version: String
    /// In the order by which a class's number is meant.
    public let classes: [String]

    public init(name: String, version: String, classes: [String]) {
      self.name = name
      self.version = version
      self.classes = classes
    }
  }

  /// The bundles that are served now, by name.
  public var models: [ServedModel] {
    shelf.entries.compactMap(\.served).map {
      ServedModel(name: $0.name, version: $0.version, classes: $0.rule.numberedClasses)
    }
  }

  /// A picture that a link brings, on the same way as every other.
  /// - Parameters:
  ///   - model: name of the bundle.
  ///   - serial: the part's number.
  public func inspect(model: String, _ input: PartInput, serial: String?) async throws(PartRefusal) -> InspectAnswer {
    guard let bundle = shelf[model] else { throw .noModel(model) }
    guard let answer = try await inspect(Part(input, serial: serial), with: bundle).answer else { throw .onlyATile }
    return answer
  }
}
