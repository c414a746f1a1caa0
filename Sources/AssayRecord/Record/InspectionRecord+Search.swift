import Foundation
import GRDB
import Synchronization

extension InspectionRecord {
  /// The newest first. Looks as long as it takes; see ``page(_:seconds:)``.
  public func search(_ query: RecordQuery) throws(RecordError) -> [RecordedInspection] {
    try page(query, seconds: nil).records
  }

  /// The newest first. Inspections that hold what does not belong there are skipped and counted.
  /// - Parameter seconds: after which looking stops with what was found; nil for never.
  public func page(_ query: RecordQuery, seconds: Double?) throws(RecordError) -> RecordPage {
    let limit = min(max(1, query.limit), 500)
    var query = query
    return try reading { db in
      var records: [RecordedInspection] = []
      while true {
        let wanted = limit - records.count
        let finding = try LookSearch(db, query, seconds: seconds).run(limit: wanted)
        for id in finding.ids {
          if let record = try inspection(id, db) { records.append(record) }
        }
        // In the place of those that cannot be read, further ones.
        guard records.count < limit, finding.ids.count == wanted, let last = finding.ids.last else {
          return RecordPage(records: records, searchedTo: finding.searchedTo)
        }
        query.before = last
      }
    }
  }

  /// nil when there is none of that number, or it cannot be read.
  private func inspection(_ id: Int64, _ db: Database) throws -> RecordedInspection? {
    let statement = try db.cachedStatement(sql: RecordSchema.selection + " WHERE i.id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
    do throws(RecordError) { return try RecordedInspection(RecordedRow(row: row, path: path)) } catch {
      skip(id)
      return nil
    }
  }

  func skip(_ id: Int64) {
    notes.withLock { notes in
      if notes.unreadable.count < Notes.mostUnreadable { notes.unreadable.insert(id) }
    }
  }

  /// nil when there is none of that number.
  /// - Throws: also when it holds what does not belong there.
  public func inspection(_ id: Int64) throws(RecordError) -> RecordedInspection? {
    try reading { db in
      try Row.fetchOne(db, sql: RecordSchema.selection + " WHERE i.id = ?", arguments: [id]).map {
        do throws(RecordError) { return try RecordedInspection(RecordedRow(row: $0, path: path)) } catch {
          skip(id)
          throw error
        }
      }
    }
  }

  /// The latest inspection of an image under a serial number; nil when there is none.
  public func number(serial: String?, imageHash: String, bundle: String) throws(RecordError) -> Int64? {
    try reading { db in
      let progress = try LookIndexer.Progress(db)
      let beginning = String(imageHash.prefix(16))
      let isSame = "i.serial IS ? AND i.imageHash = ? AND i.bundle = ?"
      let same: StatementArguments = [serial, imageHash, bundle]
      // Those whose images are not in their table yet, then those that are, then those of an earlier version.
      for (source, arguments) in [
        ("SELECT id FROM look WHERE id > ? AND image = ?", [progress.tail, beginning] as StatementArguments),
        ("SELECT id FROM look_image WHERE image = ?", [beginning]),
      ] {
        let sql = "SELECT max(i.id) FROM (\(source)) l CROSS JOIN inspection i ON i.id = l.id WHERE \(isSame)"
        if let id = try Int64.fetchOne(db, sql: sql, arguments: arguments + same) { return id }
      }
      guard progress.backfilled > 0 else { return nil }
      // Serial numbers have an index there, which must not be passed over for the numbers.
      let rest =
        serial == nil ? "id <= ? AND \(isSame)" : "+id <= ? AND \(isSame.replacing("serial IS", with: "serial ="))"
      return try Int64.fetchOne(
        db, sql: "SELECT max(id) FROM inspection i WHERE " + rest, arguments: [progress.backfilled] + same)
    }
  }

  /// Everything that was answered for a part, as JSON.
  public func answer(_ id: Int64) throws(RecordError) -> String? {
    try blob("SELECT answer FROM inspection WHERE id = ?", id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A small JPEG.
  public func thumbnail(_ id: Int64) throws(RecordError) -> [UInt8]? {
    try blob("SELECT thumbnail FROM inspection WHERE id = ?", id)
  }

  /// The image as it came, when it was kept.
  public func image(_ id: Int64) throws(RecordError) -> [UInt8]? {
    try blob("SELECT bytes FROM image WHERE inspection = ?", id)
  }

  /// Bytes of the image, when it was kept; it is not read for this.
  public func imageSize(_ id: Int64) throws(RecordError) -> Int? {
    try reading { try Int.fetchOne($0, sql: "SELECT length(bytes) FROM image WHERE inspection = ?", arguments: [id]) }
  }

  /// Heat that covers the photograph, `[values.count / width, width]`, 0...255.
  public func heat(_ id: Int64) throws(RecordError) -> (width: Int, values: [UInt8])? {
    try reading { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT id, heatWidth, heat FROM inspection WHERE id = ? AND heatWidth > 0", arguments: [id])
      guard let row = row.map({ RecordedRow(row: $0, path: path) }) else { return nil }
      return (width: try row("heatWidth"), values: [UInt8](try row("heat", Data.self)))
    }
  }

  /// A text's bytes are read as they are.
  private func blob(_ sql: String, _ id: Int64) throws(RecordError) -> [UInt8]? {
    try reading { db in
      guard let stored = try DatabaseValue.fetchOne(db, sql: sql, arguments: [id]), !stored.isNull else { return nil }
      return Data.fromDatabaseValue(stored).map { [UInt8]($0) }
    }
  }
}
