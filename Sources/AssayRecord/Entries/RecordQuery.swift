/// What is looked for in the record; nil for any.
public struct RecordQuery: Sendable, Equatable {
  public enum Review: String, Sendable, CaseIterable {
    /// Uncertain, and nobody has looked at it yet.
    case open
    case corrected
    /// Corrected, and the operator disagreed.
    case disagreed
  }

  public var bundle: String?
  /// Seconds since 1970: from, and up to but not including.
  public var from: Double?
  public var until: Double?
  /// Any of these verdicts; nil for all.
  public var verdicts: [String]?
  public var `class`: String?
  /// Any part of the serial number. Three characters or more are found by an index.
  public var serial: String?
  public var review: Review?
  /// Only what was shown to try the station, or only what was made on the line.
  public var isTrial: Bool?
  /// Only those recorded before, or after, this number.
  public var before: Int64?
  public var after: Int64?
  /// At most this many, the newest first; 1...500.
  public var limit = 50

  public init() {}
}

/// What was found.
public struct RecordPage: Sendable, Equatable {
  /// The newest first.
  public let records: [RecordedInspection]
  /// Nothing older than this number was looked at, since the time was up: ask again with ``RecordQuery/before`` at it. nil
  /// when the page is full or all was looked at.
  public let searchedTo: Int64?
}
