public import AssayData
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
  /// Beyond chance, see ``comparison``.
  public var isBetter: Bool
  public var isPromoted: Bool
  /// Whether the two can be told apart; nil in reports by earlier versions.
  public var comparison: RetrainComparison?
  /// Pictures that changed sides; nil in reports by earlier versions.
  public var changed: [ChangedPart]?
  /// SHA-256 of the bundle that was in place, and of the one that was made of it; nil in reports by earlier versions.
  public var oldHash: String?
  public var newHash: String?
  /// When it ended, ISO 8601; nil in reports by earlier versions.
  public var date: String?
  /// What the user must know.
  public var warnings: [String]
  /// How the data set was read, and what was left out; nil in reports by earlier versions.
  public var reading: DataReading?

  package init(
    bundle: String, corrected: Int, used: Int, learned: Int, heldOut: Int, old: Outcome, new: Outcome, isBetter: Bool,
    isPromoted: Bool, comparison: RetrainComparison? = nil, changed: [ChangedPart]? = nil, oldHash: String? = nil,
    newHash: String? = nil, date: String? = nil, warnings: [String], reading: DataReading? = nil
  ) {
    self.bundle = bundle
    self.corrected = corrected
    self.used = used
    self.learned = learned
    self.heldOut = heldOut
    self.old = old
    self.new = new
    self.isBetter = isBetter
    self.isPromoted = isPromoted
    self.comparison = comparison
    self.changed = changed
    self.oldHash = oldHash
    self.newHash = newHash
    self.date = date
    self.warnings = warnings
    self.reading = reading
  }
}
