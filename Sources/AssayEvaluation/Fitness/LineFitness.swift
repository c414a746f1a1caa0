import AssayMetrics
package import AssayReport
import Foundation

/// Whether an inspector is fit for the line, why, and what would help most: one sentence for whoever decides, by rules that rest
/// on the bounds of intervals and never on the shares themselves (docs/fitness.md).
///
/// It is fit where the upper bound of every error's 95 % interval is within its limit, on parts that had no part in training it
/// or in choosing its threshold; not fit where the lower bound of one is beyond its limit; else neither is shown. The limits are
/// those that AIAG, "Measurement Systems Analysis", 4th edition (2010), chapter III C, calls acceptable for an appraiser.
public struct LineFitness: Sendable, Equatable, Encodable {
  public enum Verdict: String, Sendable, Encodable {
    case fit
    case unfit = "not fit"
    /// The parts tested are too few to tell.
    case unproven = "not shown"
    /// There is nothing to judge by.
    case unjudged = "not judged"
  }

  /// What would help most.
  public enum Remedy: String, Sendable, Encodable {
    /// Nothing but testing again when something changes.
    case testAgain = "test again"
    case badParts = "more bad parts"
    case goodParts = "more good parts"
    case newParts = "a test on new parts"
    case moreParts = "more parts"
    case threshold = "another threshold"
    case largerInput = "a larger input"
    case otherMethod = "another method"
    case otherBackbone = "another backbone"
    case tolerance = "a tolerance"
  }

  /// An error, counted, with its 95 % interval and what may be at most.
  public struct Rate: Sendable, Equatable, Encodable {
    public enum Kind: String, Sendable, Encodable {
      case escape, overkill
      /// Parts whose class or level is wrong, where none of them is good.
      case wrong
    }

    public let kind: Kind
    public let errors: Int
    public let parts: Int
    public let low: Double
    public let high: Double
    public let limit: Double

    /// - Returns: nil without parts.
    package init?(_ kind: Kind, _ errors: Int, of parts: Int) {
      guard let interval = Proportion.wilson(errors, of: parts) else { return nil }
      self.kind = kind
      self.errors = errors
      self.parts = parts
      (low, high) = (interval.low, interval.high)
      limit = kind.limit
    }

    package var isWithin: Bool { high <= limit }
    package var isBeyond: Bool { low > limit }
    /// Whether the interval tells the two apart, or more of the same would.
    package var isLikelyWithin: Bool { Double(errors) <= limit * Double(parts) }

    /// How many more parts without a further error would bring the upper bound within the limit.
    package var missing: Int {
      // The bound falls with every part; no set is as large as the last.
      var (low, high) = (parts, max(1, parts) * 2)
      while let bound = Proportion.wilson(errors, of: high)?.high, bound > limit, high < 1 << 40 { high *= 2 }
      while low + 1 < high {
        let middle = (low + high) / 2
        if let bound = Proportion.wilson(errors, of: middle)?.high, bound <= limit {
          high = middle
        } else {
          low = middle
        }
      }
      return high - parts
    }
  }

  public let verdict: Verdict
  public let remedy: Remedy
  public let rates: [Rate]
  public let sentence: String

  package init(_ verdict: Verdict, _ remedy: Remedy, rates: [Rate] = [], why: String, help: String) {
    self.verdict = verdict
    self.remedy = remedy
    self.rates = rates
    let opening =
      switch verdict {
      case .fit: "Fit for the line"
      case .unfit: "Not fit for the line"
      case .unproven: "Not shown to be fit for the line"
      case .unjudged: "Nothing can be said of its fitness for the line"
      }
    sentence = "\(opening): \(why); \(help)."
  }
}

extension LineFitness {
  /// For the head of a report.
  package var line: ReportContent.Fitness {
    ReportContent.Fitness(
      sentence: sentence,
      tone: verdict == .fit ? .good : verdict == .unfit ? .bad : .open)
  }
}

extension LineFitness.Rate.Kind {
  /// AIAG: miss rate at most 2 %, false alarm rate at most 5 %, effectiveness at least 90 %.
  package var limit: Double {
    switch self {
    case .escape: 0.02
    case .overkill: 0.05
    case .wrong: 0.1
    }
  }
}

extension LineFitness.Rate {
  /// Rounded outwards, so that no bound is shown to be better than it is.
  private static func percent(_ value: Double, _ rule: FloatingPointRoundingRule) -> String {
    String(format: "%.1f %%", (value * 1000).rounded(rule) / 10)
  }

  private var limitWords: String { String(format: "%.4g %%", limit * 100) }

  /// `3 of 40 defective parts passed`.
  package var counted: String {
    switch kind {
    case .escape: "\(errors) of \(parts) defective parts passed"
    case .overkill: "\(errors) of \(parts) good parts were rejected"
    case .wrong: "\(errors) of \(parts) parts were named wrongly"
    }
  }

  /// With the bound that decides.
  package var words: String {
    if isBeyond {
      return "\(counted), at least \(Self.percent(low, .down)) in the long run where \(limitWords) are the limit"
    }
    if isWithin { return "\(counted), at most \(Self.percent(high, .up)) in the long run (limit \(limitWords))" }
    return "\(counted), which leaves up to \(Self.percent(high, .up)) possible where \(limitWords) are the limit"
  }
}
