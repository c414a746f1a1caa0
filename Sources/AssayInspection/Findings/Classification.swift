public import AssayImage

/// One class was found.
public struct Classification: OutcomeFinding {
  public let verdict: Verdict
  public let `class`: String
  public let probability: Double?
  /// Probability of being defective; nil where no class is good.
  public let score: Double?
  public let threshold: Double?
  public let probabilities: [String: Double]?
  public let region: PixelRectangle?
  /// Where pixels are marked: share of the photograph that is marked as ``class``, 0...1; nil on a good part.
  public let area: Double?
  /// Of a bundle with tasks: what was found for each, by name.
  public let tasks: [String: TaskReading]?
  public let isUncertain: Bool

  public var sentence: String {
    let word = verdict == .classified ? "" : verdict.rawValue.uppercased() + "  "
    return "\(word)\(`class`)  \(Self.exact(probability ?? 0))\(place)" + TaskReading.text(tasks ?? [:])
  }

  public var caption: String {
    let percent = Self.percent(probability ?? 0)
    return switch verdict {
    case .good: "GOOD  \(percent)"
    case .defect: "DEFECT  \(`class`)  \(percent)"
    case .classified, .unjudged, .measured: "\(`class`)  \(percent)"
    }
  }
}
