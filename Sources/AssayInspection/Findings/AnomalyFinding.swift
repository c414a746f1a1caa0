public import AssayImage
import Foundation

/// How unlike good parts a part is.
public struct AnomalyFinding: OutcomeFinding {
  public let verdict: Verdict
  /// `good`, `defect` or `unjudged`.
  public let `class`: String
  /// Distance from good parts.
  public let score: Double?
  public let threshold: Double?
  /// Share of good parts that score at least as high, (1 + those that set the threshold) / (n + 1).
  public let pValue: Double?
  public let region: PixelRectangle?
  /// All areas above the map's threshold, the strongest first.
  public let regions: [AnomalousRegion]
  public let isUncertain: Bool

  public var sentence: String {
    let shown = String(format: "%.4g", score ?? 0)
    let relative = threshold.flatMap { limit in
      score.flatMap { limit > 0 ? String(format: ", %.2f times the threshold", $0 / limit) : nil }
    }
    return "\(verdict.rawValue.uppercased())  score \(shown)" + (relative ?? "")
      + (pValue.map { String(format: "  p %.3g", $0) } ?? "") + place
  }

  public var caption: String {
    guard let score else { return "" }
    guard let threshold else { return "SCORE  \(String(format: "%.3f", score))" }
    let word = verdict == .good ? "GOOD" : "DEFECT"
    return threshold > 0
      ? "\(word)  \(String(format: "%.2f", score / threshold)) x threshold"
      : "\(word)  \(String(format: "%.3f", score))"
  }
}
