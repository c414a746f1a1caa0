public import AssayImage

/// One of the classes found on an image.
public struct FoundClass: Sendable, Encodable {
  public let `class`: String
  /// 0...1
  public let probability: Double
  /// From this probability on the class counts as found.
  public let threshold: Double
  /// The hottest area of its evidence, in pixels of the photograph.
  public let region: PixelRectangle?
  /// Of a bundle that marks pixels: share of the photograph that is marked, 0...1.
  public let area: Double?
}

/// None, one or several classes were found.
public struct LabelFinding: OutcomeFinding {
  public let verdict: Verdict
  /// The most probable class found; on a good part the name of good parts.
  public let `class`: String
  /// Of the class found; of a good part that the class that comes nearest to being found is not there.
  public let probability: Double?
  /// Of the most probable class found, or of the most probable of all when none is.
  public let score: Double?
  /// That class's own.
  public let threshold: Double?
  public let probabilities: [String: Double]?
  public let region: PixelRectangle?
  /// Every class found, the most probable first; empty on a good part.
  public let found: [FoundClass]
  public let isUncertain: Bool

  public var sentence: String {
    guard !found.isEmpty else { return "GOOD  \(`class`)  \(Self.exact(probability ?? 0))" }
    return "DEFECT  " + found.map { "\($0.class) \(Self.exact($0.probability))" }.joined(separator: ", ") + place
  }

  public var caption: String {
    guard !found.isEmpty else { return "GOOD  \(Self.percent(probability ?? 0))" }
    return "DEFECT  " + found.map { "\($0.class) \(Self.percent($0.probability))" }.joined(separator: "  ")
  }
}
