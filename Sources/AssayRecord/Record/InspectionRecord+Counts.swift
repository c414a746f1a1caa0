import Foundation
import GRDB

extension InspectionRecord {
  /// Parts of each verdict and class; trials and what has no verdict do not count.
  public struct Count: Sendable, Codable, Equatable {
    public let verdict: String
    public let `class`: String
    public let count: Int
  }

  private struct Kind: Hashable {
    let verdict: String
    let `class`: String
  }

  /// Since a time, the most frequent first. Looked up, not counted, but for the first quarter of an hour.
  public func counts(bundle: String?, since time: Double) throws(RecordError) -> [Count] {
    try reading { db in
      let progress = try LookIndexer.Progress(db)
      var counts: [Kind: Int] = [:]
      func add(_ sql: String, _ arguments: StatementArguments) throws {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() {
          let kind = RecordedRow(row: row, path: path)
          counts[Kind(verdict: try kind("verdict"), class: try kind("class")), default: 0] += try kind("n", Int.self)
        }
      }
      let kind = "NOT k.isTrial AND k.verdict <> 'error' AND (? IS NULL OR k.bundle = ?)"
      let first = LookSpans.quarter(time)
      let isWhole = Double(first) * LookTables.quarter == time
      try add(
        """
        SELECT k.verdict, k.class, c.n AS n FROM
          (SELECT kind, sum(count) AS n FROM look_count WHERE quarter >= ? GROUP BY kind) c
        JOIN look_kind k ON k.id = c.kind WHERE \(kind)
        """, [isWhole ? first : first + 1, bundle, bundle])
      if !isWhole {
        let end = Double(first + 1) * LookTables.quarter
        for part in try LookSpans.parts(db, from: time, until: end.nextDown) {
          try add(
            """
            SELECT k.verdict, k.class, c.n AS n FROM
              (SELECT kind, count(*) AS n FROM look WHERE id BETWEEN ? AND ? AND time >= ? AND time < ? GROUP BY kind) c
            JOIN look_kind k ON k.id = c.kind WHERE \(kind)
            """, [part.lowerBound, part.upperBound, time, end, bundle, bundle])
        }
      }
      if progress.backfilled > 0 {
        // Those of an earlier version that are not looked through yet.
        try add(
          """
          SELECT k.verdict, k.class, count(*) AS n FROM inspection k
          WHERE time >= ? AND id <= ? AND \(kind) GROUP BY k.verdict, k.class
          """, [time, progress.backfilled, bundle, bundle])
      }
      return counts.map { Count(verdict: $0.verdict, class: $0.class, count: $1) }.sorted {
        ($1.count, $0.verdict, $0.class) < ($0.count, $1.verdict, $1.class)
      }
    }
  }

  /// What drift is judged by.
  public struct Observation: Sendable, Equatable {
    public let verdict: String
    /// Where no class is good, what is missing from certainty.
    public let score: Double?
    public let featureDistance: Double?
    /// Mean luma of the photograph, 0...1.
    public let brightness: Double?
  }

  /// Of a bundle's latest parts, the newest first.
  /// - Parameters:
  ///   - hash: only those that the bundle with this hash has judged, whatever else had its name in the meantime; nil for all.
  ///   - until: seconds since 1970, not included.
  public func observations(
    bundle: String, hash: String? = nil, since time: Double, until: Double? = nil, limit: Int
  ) throws(RecordError) -> [Observation] {
    var query = RecordQuery()
    query.bundle = bundle
    query.from = time
    query.until = until
    query.isTrial = false
    return try reading { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT id, verdict, coalesce(score, 1 - probability) AS score, featureDistance, brightness, bundleHash FROM inspection
          WHERE id = ?
          """)
      let end = ContinuousClock.now + .seconds(1)
      var found: [Observation] = []
      while found.count < limit {
        let finding = try LookSearch(db, query, seconds: 1, onlyVerdicts: true).run(limit: limit)
        for id in finding.ids where found.count < limit {
          guard let row = try Row.fetchOne(statement, arguments: [id]).map({ RecordedRow(row: $0, path: path) }) else {
            continue
          }
          do throws(RecordError) {
            let own: String = try row("bundleHash")
            guard hash == nil || own == hash else { continue }
            found.append(
              Observation(
                verdict: try row("verdict"), score: try row.optional("score"),
                featureDistance: try row.optional("featureDistance"), brightness: try row.optional("brightness")))
          } catch {
            skip(id)
          }
        }
        // Where bundles have changed places, its own may lie behind another's.
        guard hash != nil, finding.ids.count == limit, let last = finding.ids.last, ContinuousClock.now < end else {
          break
        }
        query.before = last
      }
      return found
    }
  }
}
