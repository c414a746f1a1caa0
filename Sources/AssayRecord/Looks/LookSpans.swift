import GRDB

/// Times as ranges of numbers.
enum LookSpans {
  private static let all = Int64(1)...Int64.max

  /// The numbers between which inspections of a time are, the highest first. Those of other times may be among them.
  static func parts(_ db: Database, from: Double?, until: Double?) throws -> [ClosedRange<Int64>] {
    guard from != nil || until != nil else { return [all] }
    let low = from.map(quarter) ?? .min
    let high = until.map(quarter) ?? .max
    // The next one's beginning is the end of each.
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT first, (SELECT first FROM look_span n WHERE n.first > s.first ORDER BY n.first LIMIT 1) FROM look_span s
        WHERE quarter BETWEEN ? AND ? LIMIT \(mostSpans)
        """, arguments: [low, high])
    guard rows.count < mostSpans else { return try [outline(db, low, high)] }
    var parts: [ClosedRange<Int64>] = []
    for (first, next) in rows.map({ ($0[0] as Int64, $0[1] as Int64?) }).sorted(by: { $0.0 > $1.0 }) {
      let last = next.map { $0 - 1 } ?? .max
      if let before = parts.last, last < .max, before.lowerBound == last + 1 {
        parts[parts.count - 1] = first...before.upperBound
      } else {
        parts.append(first...last)
      }
    }
    return parts
  }

  /// Further than this, only where the first begins and the last ends.
  private static let mostSpans = 1000

  private static func outline(_ db: Database, _ low: Int64, _ high: Int64) throws -> ClosedRange<Int64> {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT a, (SELECT first - 1 FROM look_span WHERE first > z ORDER BY first LIMIT 1)
        FROM (SELECT min(first) AS a, max(first) AS z FROM look_span WHERE quarter BETWEEN ? AND ?)
        """, arguments: [low, high])
    let first: Int64 = row?[0] ?? 1
    return first...max(first, row?[1] ?? .max)
  }

  /// As ``LookTables/quarter(_:)``, which rounds towards zero.
  static func quarter(_ time: Double) -> Int64 {
    let quarter = time / LookTables.quarter
    // What is farther away is as far: whole numbers that are exact as floating-point numbers, too.
    return quarter.isNaN ? 0 : Int64(min(max(quarter, -0x1p50), 0x1p50))
  }
}
