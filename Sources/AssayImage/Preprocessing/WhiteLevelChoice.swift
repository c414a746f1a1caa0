/// The white level of a whole set of pictures, and what it rests on.
public struct WhiteLevelChoice: Sendable, Codable, Equatable {
  /// What is known of one picture of more than 8 bits.
  public struct Picture: Sendable, Hashable {
    /// For messages.
    public var name: String
    public var depth: SampleDepth
    /// Its largest sample, in the file's own values.
    public var largest: Int

    public init(name: String, depth: SampleDepth, largest: Int) {
      self.name = name
      self.depth = depth
      self.largest = largest
    }

    /// - Parameter image: decoded in full.
    public init?(name: String, _ image: Image) {
      guard let largest = image.largestStored else { return nil }
      self.init(name: name, depth: image.depth, largest: largest)
    }
  }

  /// nil when no picture has more than 8 bits, and none was given.
  public let level: WhiteLevel?
  /// Pictures of more than 8 bits.
  public let pictures: Int
  /// The largest sample of those that declare nothing, and the picture that has it.
  public let largest: Int?
  public let largestIn: String?
  /// For people: what looks odd, and what to do.
  public let notes: [String]

  /// A level that some pictures do not need is worth a word when they are no more than this share of all.
  private static let rareShare = 0.05

  /// - Parameters:
  ///   - pictures: those of more than 8 bits, of the whole set: training, validation and test.
  ///   - given: what a person says, instead of what is found.
  public init(_ pictures: [Picture], given: Int? = nil) {
    self.pictures = pictures.count
    let open = pictures.filter { $0.depth.white == nil }
    let most = open.max { $0.largest < $1.largest }
    largest = most?.largest
    largestIn = most?.name
    if let given {
      level = WhiteLevel(given, .given)
      let above = pictures.filter { $0.largest > given }
      notes = Self.above(above, "the given white level of \(WhiteLevel.grouped(given))")
      return
    }
    let declared = pictures.compactMap(\.depth.white).max()
    level = Self.level(open, declared: declared)
    var notes = Self.above(
      pictures.filter { picture in picture.depth.white.map { picture.largest > $0 } ?? false },
      "the white level that their files declare")
    if let level, level.origin == .samples, let lower = WhiteLevel.usual.last(where: { $0 < level.value }) {
      let needing = open.filter { $0.largest > lower }
      if let first = needing.first, Double(needing.count) <= Self.rareShare * Double(open.count) {
        notes.append(
          "Only \(needing.count) of \(open.count) 16-bit pictures \(needing.count == 1 ? "has" : "have") samples above "
            + "\(WhiteLevel.grouped(lower)) (the first: \(first.name), up to \(WhiteLevel.grouped(first.largest))). If these "
            + "are faulty pixels, say --white-level \(lower).")
      }
    }
    self.notes = notes
  }

  private static func level(_ open: [Picture], declared: Int?) -> WhiteLevel? {
    guard let most = open.map(\.largest).max() else { return declared.map { WhiteLevel($0, .declared) } }
    // PNG's bits that count are at the lower end when no picture that names them reaches beyond; else they are spread over
    // all 16, as the standard wants.
    let named = open.filter { $0.depth.significantBits != nil }
    let bits = named.compactMap(\.depth.significantBits).max() ?? 0
    let isLow = bits > 0 && named.allSatisfy { $0.largest < 1 << bits }
    if isLow, named.count == open.count, declared == nil {
      return WhiteLevel(max(WhiteLevel.range.lowerBound, 1 << bits - 1), .declared)
    }
    return WhiteLevel(WhiteLevel.covering(max(most, declared ?? 0, isLow ? 1 << bits - 1 : 0)), .samples)
  }

  private static func above(_ pictures: [Picture], _ level: String) -> [String] {
    guard let first = pictures.first else { return [] }
    let count = pictures.count == 1 ? "1 picture has" : "\(pictures.count) pictures have"
    return [
      "\(count) samples above \(level) (the first: \(first.name), up to \(WhiteLevel.grouped(first.largest))): they are "
        + "taken for white. If they should not, say --white-level."
    ]
  }

  /// For people: the level, and for how many pictures; nil without any.
  public var sentence: String? {
    level.map { "\($0.sentence), for \(pictures) \(pictures == 1 ? "picture" : "pictures") of more than 8 bits" }
  }
}
