import AssayMetrics
import Foundation

/// Whether a new bundle is better than the old one beyond chance, on parts that both have judged and neither has learned from.
public struct RetrainComparison: Sendable, Codable, Equatable {
  public enum Answer: String, Sendable, Codable {
    case better
    case worse
    /// The parts are too few, or too evenly divided, to tell the two apart.
    case cannotTell
  }

  /// Probability below which as many wins are no chance (one-sided sign test).
  public static let level = 0.05
  /// Share of the bad parts that may pass in addition, and of the good parts that may be rejected in addition, net.
  public static let margin = 0.01

  public var answer: Answer
  /// Parts that only the new bundle judged rightly, and parts that only the old one did.
  public var gained: Int
  public var lost: Int
  /// Of the sign test that the new bundle is better.
  public var pValue: Double
  /// Parts more with which as clear a difference would be beyond chance; nil when it is, or when nothing speaks for the new
  /// bundle.
  public var partsNeeded: Int?
  /// For people: why this is the answer.
  public var reason: String

  public var isBetter: Bool { answer == .better }

  /// - Parameters:
  ///   - gained, lost: of the parts whose class only the new, only the old bundle found.
  ///   - old, new: on the same parts.
  public init(gained: Int, lost: Int, old: RetrainReport.Outcome, new: RetrainReport.Outcome) {
    self.gained = gained
    self.lost = lost
    pValue = SignTest.pValue(wins: gained, losses: lost)
    let parts = min(old.parts, new.parts)
    let sides = "\(gained) parts are right with the new bundle alone, \(lost) with the old one alone"
    func exceeds(_ more: Int, _ count: Int) -> Bool { Double(more) > Self.margin * Double(count) }
    let (escapes, overkills) = (new.escapes - old.escapes, new.overkills - old.overkills)
    if SignTest.pValue(wins: lost, losses: gained) <= Self.level {
      answer = .worse
      reason = "\(sides): the new bundle is worse"
    } else if pValue > Self.level {
      answer = .cannotTell
      partsNeeded = Self.needed(gained: gained, lost: lost, of: parts)
      reason = sides + ": that may be chance" + Self.advice(partsNeeded, parts: parts)
    } else if exceeds(escapes, new.defects) {
      answer = .cannotTell
      reason = "\(sides), but \(escapes) more of \(new.defects) bad parts pass: that is more than 1 in 100 of them"
    } else if exceeds(overkills, new.goods) {
      answer = .cannotTell
      reason =
        "\(sides), but \(overkills) more of \(new.goods) good parts are rejected: that is more than 1 in 100 of them"
    } else {
      answer = .better
      reason = "\(sides): the new bundle is better (sign test, p = \(Self.shown(pValue)))"
    }
  }

  /// Parts more for as clear a difference to be beyond chance. Where nothing has changed sides, or nothing speaks for the new
  /// bundle, no number is known.
  private static func needed(gained: Int, lost: Int, of parts: Int) -> Int? {
    guard let growth = SignTest.growth(wins: gained, losses: lost, level: level) else { return nil }
    return max(1, Int((growth * Double(parts)).rounded(.up)) - parts)
  }

  private static func advice(_ needed: Int?, parts: Int) -> String {
    let fewest = SignTest.fewestWins(level: level)
    if let needed { return "; \(needed) more held-out parts would tell, if it goes on like this" }
    return "; at least \(fewest) parts must change from wrong to right"
  }

  private static func shown(_ p: Double) -> String {
    p < 0.001 ? "below 0.001" : p.formatted(.number.precision(.fractionLength(3)).locale(.init(identifier: "en")))
  }
}
