/// What takes no part in a data set for one kind of cause, said once.
public struct LeftOut: Sendable, Hashable, Codable, CustomStringConvertible {
  public let kind: DataProblem.Kind
  /// Images that belong to no class because of it.
  public let images: Int
  /// All entries of this kind, also those of which no image is known.
  public let entries: Int
  /// Names of the first few images, or else files with lines.
  public let names: [String]
  /// Of the first, with its figures.
  public let cause: String
  public let remedy: String

  /// Problems by kind, in the order in which each kind occurs first. Problems that cost no image and no entry of a list
  /// (a mask that is missing) are not among them.
  public static func grouped(_ problems: [DataProblem]) -> [LeftOut] {
    var order: [DataProblem.Kind] = []
    var groups: [DataProblem.Kind: [DataProblem]] = [:]
    for problem in problems where problem.kind != .maskMissing {
      if groups[problem.kind] == nil { order.append(problem.kind) }
      groups[problem.kind, default: []].append(problem)
    }
    return order.compactMap { kind in groups[kind].flatMap { LeftOut($0) } }
  }

  private init?(_ problems: [DataProblem]) {
    guard let first = problems.first else { return nil }
    var seen: Set<[UInt8]> = []
    let images = problems.compactMap(\.image).filter { seen.insert(Array($0.utf8)).inserted }
    let places = problems.filter { $0.image == nil }.map { "\($0.file)\($0.line.map { ":\($0)" } ?? "")" }
    kind = first.kind
    self.images = images.count
    entries = problems.count
    names = Array((images + places).prefix(3))
    cause = first.cause
    remedy = first.remedy
  }

  /// `3 images left out (a.jpg, b.jpg and 1 more): the region has no class; give it one`
  public var description: String { "\(what): \(entries > 1 ? "e.g. " : "")\(cause); \(remedy)" }

  /// `3 images left out (a.jpg, b.jpg and 1 more)`
  public var what: String {
    let count =
      images > 0
      ? "\(Wording.count(images, "image")) left out" : "\(Wording.count(entries, "entry", "entries")) not used"
    let all = images > 0 ? images : entries
    let rest = all - min(all, names.count)
    let shown = names.prefix(all).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    return "\(count) (\(shown))"
  }
}

/// What was decided about a data set without anybody saying so, and why.
public struct DataNote: Sendable, Hashable, Codable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Which layout it is.
    case layout
    /// Images that are good because the format says that none means nothing marked.
    case assumedGood
    /// Which class is good, or why none is.
    case goodClass
    /// Files of the system that are no part of the data.
    case passedOver
    /// How text was read.
    case encoding
    /// Which splits the data gives.
    case splits
    /// Files that are no annotations.
    case ignored
    /// Images that are used without the mask that they should have.
    case withoutMask
    /// Images and masks that lie outside the data set's folder.
    case outside
  }

  public let kind: Kind
  /// A sentence for people, without a full stop.
  public let text: String
  /// How many images or files it is about; nil where it is about none by itself.
  public let count: Int?
  /// Names that it is about.
  public let names: [String]

  public init(_ kind: Kind, _ text: String, count: Int? = nil, names: [String] = []) {
    self.kind = kind
    self.text = text
    self.count = count
    self.names = names
  }

  public var description: String { text }
}

/// Numbers in sentences.
enum Wording {
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
  }

  /// The first few of a list: `a, b, c and 4 more`.
  static func list(_ names: [String], first: Int = 3) -> String {
    names.prefix(first).joined(separator: ", ") + (names.count > first ? " and \(names.count - first) more" : "")
  }
}
