extension Dataset {
  /// Why one of the samples takes no part after all.
  public struct Refusal: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The sample's path.
    public let path: String
    public let cause: String
    public let remedy: String

    public init(path: String, cause: String, remedy: String) {
      self.path = path
      self.cause = cause
      self.remedy = remedy
    }

    public var description: String { "\(path): \(cause); \(remedy)" }
  }

  /// Takes samples out whose files turned out to be of no use, and names them among the problems.
  /// - Returns: what was left out by this, once for each kind.
  @discardableResult
  public mutating func leaveOut(_ refusals: [Refusal]) -> [LeftOut] {
    // Swift's strings are equal when they look the same; files are not.
    let causes = Dictionary(refusals.map { (ExactName($0.path), $0) }, uniquingKeysWith: { first, _ in first })
    return leaveOut { sample in
      causes[ExactName(sample.path)].map {
        .new(
          DataProblem(
            file: sample.name, cause: $0.cause, remedy: $0.remedy, kind: .imageUnreadable, image: sample.name))
      }
    }
  }

  /// Takes images out of which nothing says what they show, where the data set says it of others.
  /// - Parameter tasks: those that are wanted; nil for plain labels.
  @discardableResult
  public mutating func leaveOutUnlabelled(tasks: Set<String>? = nil) -> [LeftOut] {
    guard layout != .unlabelled else { return [] }
    let named = Set(problems.compactMap { $0.image.map(ExactName.init) })
    return leaveOut { sample in
      let isKnown =
        tasks.map { wanted in sample.targets.keys.contains(where: wanted.contains) } ?? (sample.label != nil)
      guard !isKnown else { return nil }
      // Most layouts have said why already.
      guard !named.contains(ExactName(sample.name)) else { return .known }
      return .new(
        DataProblem(
          file: sample.name, cause: "nothing says what it shows", remedy: "give it a label, or take it out",
          kind: .notAnnotated, image: sample.name))
    }
  }

  private enum Cause {
    case new(DataProblem)
    /// It is among the problems.
    case known
  }

  private mutating func leaveOut(_ cause: (Sample) -> Cause?) -> [LeftOut] {
    var found: [DataProblem] = []
    samples.removeAll { sample in
      switch cause(sample) {
      case nil: return false
      case .known: return true
      case .new(let problem):
        found.append(problem)
        return true
      }
    }
    problems += found
    return LeftOut.grouped(found)
  }
}
