import Foundation
import GRDB

/// How many inspections a question finds.
public struct RecordTotal: Sendable, Codable, Equatable {
  public let count: Int
  /// There may be more: the time was up, or many must be looked at one by one.
  public let isAtLeast: Bool
}

extension InspectionRecord {
  /// Those of a question that are looked at one by one; more are not counted.
  static let mostLookedAt = 10_000

  /// How many a question finds in all, whatever page of it is looked at (``RecordQuery/before``, ``RecordQuery/after``
  /// and ``RecordQuery/limit`` mean nothing here).
  ///
  /// Bundles, verdicts, classes, trials and times are added up from the counts of each quarter of an hour, and the two
  /// quarters at the ends counted. Reviews without times are counted in their index. Serial numbers, and reviews of a time,
  /// are looked at one by one.
  /// - Parameter seconds: after which looking one by one stops.
  public func total(_ query: RecordQuery, seconds: Double) throws(RecordError) -> RecordTotal {
    var query = query
    (query.before, query.after) = (nil, nil)
    return try reading { db in
      let search = try LookSearch(db, query, seconds: seconds)
      let hasSerial = search.query.serial != nil
      if hasSerial || query.review != nil && (query.from != nil || query.until != nil) {
        let finding = try search.run(limit: Self.mostLookedAt)
        return RecordTotal(
          count: finding.ids.count, isAtLeast: finding.ids.count >= Self.mostLookedAt || finding.searchedTo != nil)
      }
      let count =
        if let review = query.review { try LookTotals.reviews(db, review, search.kinds) } else {
          try LookTotals.looks(db, search.kinds, from: query.from, until: query.until)
        }
      // Those of an earlier version that are not looked through yet are not among them.
      return RecordTotal(count: count, isAtLeast: search.progress.backfilled > 0)
    }
  }
}
