import GRDB

extension InspectionRecord {
  /// Keeps what an operator said, beside the verdict and all earlier corrections.
  /// - Returns: false when there is no inspection of that number.
  public func correct(_ id: Int64, _ correction: Correction) throws(RecordError) -> Bool {
    try writing { db in
      guard try Bool.fetchOne(db, sql: "SELECT 1 FROM inspection WHERE id = ?", arguments: [id]) != nil else {
        return false
      }
      try db.execute(
        sql: "INSERT INTO correction (inspection, time, verdict, class, note) VALUES (?, ?, ?, ?, ?)",
        arguments: [id, correction.time, correction.verdict, correction.class, correction.note])
      return true
    }
  }

  /// All that was said of a part, the earliest first.
  public func corrections(_ id: Int64) throws(RecordError) -> [Correction] {
    try reading { db in
      try Row.fetchAll(db, sql: "SELECT * FROM correction WHERE inspection = ? ORDER BY id", arguments: [id]).map {
        try Correction(RecordedRow(row: $0, path: path))
      }
    }
  }
}
