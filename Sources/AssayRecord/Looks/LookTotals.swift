import GRDB

/// Adds up what is counted anyway.
enum LookTotals {
  /// Inspections of some kinds and a time.
  /// - Parameter kinds: numbers; nil for all.
  static func looks(_ db: Database, _ kinds: [Int64]?, from: Double?, until: Double?) throws -> Int {
    if let from, let until, from >= until { return 0 }
    let ofKinds = condition(kinds)
    let first = from.map(LookSpans.quarter)
    let last = until.map(LookSpans.quarter)
    func isWhole(_ quarter: Int64, _ time: Double) -> Bool { Double(quarter) * LookTables.quarter == time }
    func part(_ from: Double, _ until: Double) throws -> Int {
      try LookSpans.parts(db, from: from, until: until).reduce(0) { sum, range in
        sum
          + (try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM look WHERE id BETWEEN ? AND ? AND time >= ? AND time < ?" + ofKinds,
            arguments: [range.lowerBound, range.upperBound, from, until]) ?? 0)
      }
    }
    if let from, let until, first == last { return try part(from, until) }
    var count = 0
    var (low, high) = (Int64.min, Int64.max)
    if let from, let first {
      low = first
      if !isWhole(first, from) {
        low += 1
        count += try part(from, Double(low) * LookTables.quarter)
      }
    }
    if let until, let last {
      high = last
      if !isWhole(last, until) { count += try part(Double(last) * LookTables.quarter, until) }
    }
    let whole = try Int.fetchOne(
      db, sql: "SELECT sum(count) FROM look_count WHERE quarter >= ? AND quarter < ?" + ofKinds, arguments: [low, high])
    return count + (whole ?? 0)
  }

  /// Inspections in a state of review.
  static func reviews(_ db: Database, _ review: RecordQuery.Review, _ kinds: [Int64]?) throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT count(*) FROM look_review WHERE state = \(LookTables.state(review))" + condition(kinds)) ?? 0
  }

  private static func condition(_ kinds: [Int64]?) -> String {
    kinds.map { " AND kind IN (\($0.map(String.init).joined(separator: ",")))" } ?? ""
  }
}
