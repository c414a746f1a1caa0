import GRDB

/// Looks at inspections of a record of an earlier version that ``LookIndexer`` has not reached: one after another, as that
/// version did.
enum EarlierInspections {
  static func walk(
    _ db: Database, _ query: RecordQuery, _ range: ClosedRange<Int64>, limit: Int, onlyVerdicts: Bool
  ) -> LookWalk {
    let (condition, arguments) = condition(query, onlyVerdicts: onlyVerdicts)
    let sql = """
      SELECT i.id FROM inspection i
      LEFT JOIN correction c ON c.id = (SELECT max(id) FROM correction WHERE inspection = i.id)
      WHERE i.id BETWEEN ? AND ?\(condition) ORDER BY i.id DESC LIMIT ?
      """
    return LookWalk(range, width: 256, limit: limit) { [db] piece, rest in
      let ids = try Int64.fetchAll(
        db.cachedStatement(sql: sql), arguments: [piece.lowerBound, piece.upperBound] + arguments + [rest])
      return (ids, nil)
    }
  }

  private static func condition(_ query: RecordQuery, onlyVerdicts: Bool) -> (String, StatementArguments) {
    var (sql, arguments): (String, StatementArguments) = ("", [])
    func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      sql += " AND " + condition
      arguments += [value]
    }
    add("i.bundle = ?", query.bundle)
    add("i.time >= ?", query.from)
    add("i.time < ?", query.until)
    if let verdicts = query.verdicts {
      sql += " AND i.verdict IN (\(databaseQuestionMarks(count: verdicts.count)))"
      arguments += StatementArguments(verdicts)
    }
    add("i.class = ?", query.class)
    add("i.isTrial = ?", query.isTrial)
    // INSTR and not LIKE: what was typed has no wildcards.
    add("instr(i.serial, ?) > 0", query.serial)
    if onlyVerdicts { add("i.verdict <> ?", InspectionEntry.errorVerdict) }
    switch query.review {
    case .open: sql += " AND i.isUncertain AND c.id IS NULL AND NOT i.isTrial"
    case .corrected: sql += " AND c.id IS NOT NULL"
    case .disagreed: sql += " AND c.id IS NOT NULL AND (c.class <> i.class OR c.verdict <> i.verdict)"
    case nil: break
    }
    return (sql, arguments)
  }
}
