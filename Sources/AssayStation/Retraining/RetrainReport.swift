import AssayData
import AssayInspection

/// What retraining found: the old bundle and the new one on the same parts, of which neither has learned.
public struct RetrainReport: Sendable, Codable {
  /// How a bundle did on the held-out parts.
  public struct Outcome: Sendable, Codable, Equatable {
    public var parts = 0
    /// Parts whose class was not found.
    public var wrong = 0
    /// Where a class is good: bad parts, and how many passed; good parts, and how many were rejected.
    public var defects = 0
    public var escapes = 0
    public var goods = 0
    public var overkills = 0

    public init() {}

    /// Mean of the shares of bad parts rejected and good parts passed; the share of classes found where no class is good,
    /// or only one kind of part was held out.
    public var score: Double {
      guard defects > 0, goods > 0 else { return parts == 0 ? 0 : 1 - Double(wrong) / Double(parts) }
      return (1 - Double(escapes) / Double(defects) + 1 - Double(overkills) / Double(goods)) / 2
    }

    /// Better overall, and no worse at what matters most: bad parts that pass. Their number may exceed the other's by its
    /// standard error at most, since one part more or less is chance.
    public func isBetter(than other: Outcome) -> Bool {
      guard score > other.score else { return false }
      let rate = Double(other.escapes) / Double(max(1, other.defects))
      return Double(escapes - other.escapes) <= (rate * (1 - rate) * Double(other.defects)).squareRoot()
    }
  }

  public var bundle: String
  /// Corrected parts in the record, and those of them that could be used.
  public var corrected: Int
  public var used: Int
  /// Corrected parts among those to learn from, and among those held out.
  public var learned: Int
  public var heldOut: Int
  public var old: Outcome
  public var new: Outcome
  public var isBetter: Bool
  public var isPromoted: Bool
  /// What the user must know.
  public var warnings: [String]
  /// How the data set was read, and what was left out; nil in reports by earlier versions.
  public var reading: DataReading?
}
