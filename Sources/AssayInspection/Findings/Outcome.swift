public import AssayImage
import Foundation

/// What an inspector of each kind answers.
///
/// It encodes itself, once for all who tell it on: the command line, HTTP, the links of the plant and the record.
public enum Outcome: Sendable, Encodable {
  case classified(Classification)
  case labels(LabelFinding)
  case anomaly(AnomalyFinding)
  case measured(Measurement)

  /// What every answer has.
  public var finding: any OutcomeFinding {
    switch self {
    case .classified(let finding): finding
    case .labels(let finding): finding
    case .anomaly(let finding): finding
    case .measured(let finding): finding
    }
  }

  public func encode(to encoder: any Encoder) throws { try finding.encode(to: encoder) }
}

/// What can be asked of an answer, whatever kind of inspector gave it.
public protocol OutcomeFinding: Sendable, Encodable {
  var verdict: Verdict { get }
  /// The class found: for a defect the most probable of the defective classes; empty when no class is found.
  var `class`: String { get }
  /// Probability of that class, 0...1; nil for anomaly detection and measurement.
  var probability: Double? { get }
  /// Probability of being defective, 0...1, or the anomaly score; with ``threshold`` it decides the verdict.
  var score: Double? { get }
  var threshold: Double? { get }
  /// The hottest area in pixels of the photograph; nil on a good part.
  var region: PixelRectangle? { get }
  /// Whether a person should look at the part: a little noise would turn the verdict.
  var isUncertain: Bool { get }
  /// For people, in a line on the picture: `DEFECT  scratch  97 %`.
  var caption: String { get }
  /// For people, in a line of text after the file's name.
  var sentence: String { get }
  /// Probabilities of the classes by name; nil where there are none.
  var probabilities: [String: Double]? { get }
  /// Values of tasks, by name; nil where there are none.
  var tasks: [String: TaskReading]? { get }
}

extension OutcomeFinding {
  public var probability: Double? { nil }
  public var score: Double? { nil }
  public var threshold: Double? { nil }
  public var region: PixelRectangle? { nil }
  public var probabilities: [String: Double]? { nil }
  public var tasks: [String: TaskReading]? { nil }

  static func percent(_ probability: Double) -> String { "\(Int(clamping: (probability * 100).rounded())) %" }

  static func exact(_ probability: Double) -> String { String(format: "%.2f %%", probability * 100) }

  /// Where the area lies, for the end of a ``sentence``.
  var place: String {
    region.map {
      "  region x \(Int(clamping: $0.x)) y \(Int(clamping: $0.y)) width \(Int(clamping: $0.width)) height "
        + "\(Int(clamping: $0.height))"
    } ?? ""
  }
}

extension Inspection {
  public var verdict: Verdict { outcome.finding.verdict }
  public var `class`: String { outcome.finding.class }
  public var probability: Double? { outcome.finding.probability }
  public var score: Double? { outcome.finding.score }
  public var threshold: Double? { outcome.finding.threshold }
  public var region: PixelRectangle? { outcome.finding.region }
  public var isUncertain: Bool { outcome.finding.isUncertain }
  public var probabilities: [String: Double]? { outcome.finding.probabilities }
  public var tasks: [String: TaskReading]? { outcome.finding.tasks }
}
