import GRDB

/// Finds the numbers of inspections, the newest first, in the tables that looks read.
///
/// What is asked for is a set of kinds (and a state of review), a range of numbers (times are one, see ``LookTables``), and
/// perhaps a piece of a serial number. Kinds have an index each; of several the newest of all are taken. A serial number is
/// looked for in two ways by turns, by its own index and along the kinds, since either may be short: the first at its end wins.
struct LookSearch {
  let db: Database
  private(set) var query: RecordQuery
  /// Numbers of the kinds asked for; nil for all.
  let kinds: [Int64]?
  let progress: LookIndexer.Progress
  /// Whatever is not a verdict is left out too.
  let onlyVerdicts: Bool
  private let deadline: ContinuousClock.Instant?

  /// Where looking stopped.
  struct Finding {
    var ids: [Int64] = []
    /// The lowest number that was looked at, when there are lower ones that were not.
    var searchedTo: Int64?
  }

  /// More kinds than this are not looked through one by one.
  private static let mostKinds = 256

  /// - Parameter seconds: after which looking stops; nil for never.
  init(_ db: Database, _ query: RecordQuery, seconds: Double?, onlyVerdicts: Bool = false) throws {
    self.db = db
    self.query = query
    if query.serial?.isEmpty == true { self.query.serial = nil }
    self.onlyVerdicts = onlyVerdicts
    deadline = seconds.map { ContinuousClock.now + .seconds($0) }
    progress = try LookIndexer.Progress(db)
    kinds = try Self.kinds(db, query, onlyVerdicts: onlyVerdicts)
  }

  private static func kinds(_ db: Database, _ query: RecordQuery, onlyVerdicts: Bool) throws -> [Int64]? {
    var (parts, arguments): ([String], StatementArguments) = ([], [])
    func add(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      parts.append(sql)
      arguments += [value]
    }
    add("bundle = ?", query.bundle)
    if let verdicts = query.verdicts {
      // Of none of them is nothing.
      parts.append("verdict IN (\(databaseQuestionMarks(count: verdicts.count)))")
      arguments += StatementArguments(verdicts)
    }
    add("class = ?", query.class)
    add("isTrial = ?", query.isTrial)
    if onlyVerdicts { add("verdict <> ?", InspectionEntry.errorVerdict) }
    guard !parts.isEmpty || query.review != nil else { return nil }
    let condition = parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ")
    return try Int64.fetchAll(db, sql: "SELECT id FROM look_kind" + condition, arguments: arguments)
  }

  private var isLate: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

  /// - Parameter limit: of the numbers.
  func run(limit: Int) throws -> Finding {
    let lower = max(1, query.after.map { $0 == .max ? $0 : $0 + 1 } ?? 1)
    let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM look") ?? progress.backfilled
    let upper = min(newest, query.before.map { $0 == .min ? $0 : $0 - 1 } ?? newest)
    var finding = Finding()
    if kinds?.isEmpty != true {
      for part in try LookSpans.parts(db, from: query.from, until: query.until) {
        let low = max(part.lowerBound, lower, progress.backfilled + 1)
        let high = min(part.upperBound, upper)
        guard low <= high else { continue }
        try look(low...high, limit: limit, &finding)
        if finding.ids.count >= limit || finding.searchedTo != nil { return finding }
      }
    }
    if progress.backfilled > 0, lower <= min(upper, progress.backfilled) {
      try lookAtEarlier(lower...min(upper, progress.backfilled), limit: limit, &finding)
    }
    return finding
  }

  private func look(_ range: ClosedRange<Int64>, limit: Int, _ finding: inout Finding) throws {
    guard let needle = query.serial else {
      finding.ids += try newest(in: range, limit: limit - finding.ids.count)
      return
    }
    var range = range
    // Those whose serial numbers are not in their table yet.
    if range.upperBound > progress.tail {
      let recent = max(range.lowerBound, progress.tail + 1)...range.upperBound
      finding.ids += try newest(in: recent, limit: limit - finding.ids.count)
      guard recent.lowerBound > range.lowerBound, finding.ids.count < limit else { return }
      range = range.lowerBound...recent.lowerBound - 1
    }
    let indexed = needle.unicodeScalars.count >= 3 ? try bySerial(needle, range, limit: limit - finding.ids.count) : nil
    let isNarrow = kinds != nil || query.review != nil
    let walked = indexed == nil || isNarrow ? alongKinds(range, limit: limit - finding.ids.count) : nil
    let ways = [walked, indexed].compactMap(\.self)
    while true {
      for way in ways where try way.go() {
        finding.ids += way.ids
        return
      }
      guard isLate, let best = ways.min(by: { $0.next < $1.next }) else { continue }
      finding.ids += best.ids
      finding.searchedTo = best.next + 1
      return
    }
  }

  /// By the index of serial numbers.
  private func bySerial(_ needle: String, _ range: ClosedRange<Int64>, limit: Int) throws -> LookWalk {
    let rarest = try SerialPieces.rarest(of: needle, db, in: range)
    let phrase = rarest.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " AND ")
    let wanted = kinds.map(Set.init)
    var sql = """
      SELECT l.id, l.kind FROM look_serial s CROSS JOIN look l ON l.id = s.rowid
      WHERE s.look_serial MATCH ? AND s.rowid BETWEEN ? AND ? AND instr(l.serial, ?) > 0
      """
    if query.from != nil { sql += " AND l.time >= ?" }
    if query.until != nil { sql += " AND l.time < ?" }
    if let review = query.review {
      sql +=
        " AND EXISTS (SELECT 1 FROM look_review r WHERE r.state = \(LookTables.state(review))"
        + " AND r.kind = l.kind AND r.id = l.id)"
    }
    let batch = 512
    sql += " ORDER BY s.rowid DESC LIMIT \(batch)"
    let times = times
    return LookWalk(range, width: 1 << 14, limit: limit) { [db] piece, _ in
      let rows = try Row.fetchAll(
        db.cachedStatement(sql: sql),
        arguments: [phrase, piece.lowerBound, piece.upperBound, needle] + times)
      let ids = rows.filter { wanted?.contains($0[1]) ?? true }.map { $0[0] as Int64 }
      return (ids, rows.count == batch ? rows[batch - 1][0] : nil)
    }
  }

  /// Reading the serial numbers of every inspection of the kinds.
  private func alongKinds(_ range: ClosedRange<Int64>, limit: Int) -> LookWalk {
    guard let needle = query.serial, needle.unicodeScalars.count < 3 else {
      return LookWalk(range, width: 4096, limit: limit) { piece, rest in (try newest(in: piece, limit: rest), nil) }
    }
    // Only where a serial number has these characters.
    return LookWalk(range, width: 1 << 16, limit: limit) { [db] piece, rest in
      guard let block = try SerialPieces.highestBlock(of: needle, db, in: piece) else { return ([], nil) }
      let low = max(piece.lowerBound, block.lowerBound)
      return (try newest(in: low...min(piece.upperBound, block.upperBound), limit: rest), low)
    }
  }

  private var times: StatementArguments {
    var arguments: StatementArguments = []
    if let from = query.from { arguments += [from] }
    if let until = query.until { arguments += [until] }
    return arguments
  }

  /// The newest of all kinds in a range.
  private func newest(in range: ClosedRange<Int64>, limit: Int) throws -> [Int64] {
    guard limit > 0 else { return [] }
    let needsRow = query.from != nil || query.until != nil || query.serial != nil
    var conditions = ""
    if query.from != nil { conditions += " AND l.time >= ?" }
    if query.until != nil { conditions += " AND l.time < ?" }
    if query.serial != nil { conditions += " AND instr(l.serial, ?) > 0" }
    let tail: StatementArguments = times + (query.serial.map { [$0] } ?? []) + [limit]
    let order = " ORDER BY 1 DESC LIMIT ?"
    guard let kinds else {
      return try Int64.fetchAll(
        db.cachedStatement(sql: "SELECT id FROM look l WHERE id BETWEEN ? AND ?" + conditions + order),
        arguments: [range.lowerBound, range.upperBound] + tail)
    }
    if query.review == nil, kinds.count > Self.mostKinds {
      let list = kinds.map(String.init).joined(separator: ",")
      return try Int64.fetchAll(
        db, sql: "SELECT id FROM look l WHERE id BETWEEN ? AND ? AND +kind IN (\(list))" + conditions + order,
        arguments: [range.lowerBound, range.upperBound] + tail)
    }
    let source =
      if let review = query.review {
        "SELECT r.id FROM look_review r" + (needsRow ? " CROSS JOIN look l ON l.id = r.id" : "")
          + " WHERE r.state = \(LookTables.state(review)) AND r.kind = ? AND r.id BETWEEN ? AND ?"
      } else { "SELECT l.id FROM look l INDEXED BY look_by_kind WHERE l.kind = ? AND l.id BETWEEN ? AND ?" }
    let statement = try db.cachedStatement(sql: source + conditions + order)
    var (found, low): ([Int64], Int64) = ([], range.lowerBound)
    for kind in kinds {
      found += try Int64.fetchAll(statement, arguments: [kind, low, range.upperBound] + tail)
      guard found.count >= limit else { continue }
      found.sort(by: >)
      found.removeLast(found.count - limit)
      // What is older than all of these is not wanted.
      low = found[limit - 1]
    }
    return found.sorted(by: >)
  }

  /// Inspections of an earlier version that are not in the tables yet: one after another.
  private func lookAtEarlier(_ range: ClosedRange<Int64>, limit: Int, _ finding: inout Finding) throws {
    let walk = EarlierInspections.walk(
      db, query, range, limit: limit - finding.ids.count, onlyVerdicts: onlyVerdicts)
    while try !walk.go() {
      guard isLate else { continue }
      finding.searchedTo = walk.next + 1
      break
    }
    finding.ids += walk.ids
  }
}
