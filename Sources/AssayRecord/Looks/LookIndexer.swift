import Foundation
import GRDB
import Synchronization

/// Brings the tables that looks read up to date: what was recorded since the last time, and the inspections of a record of
/// an earlier version, the newest first.
///
/// Each step is one transaction that says how far it came, so that a kill costs nothing, and is short, so that parts wait for
/// milliseconds; the disk is read before it, outside.
enum LookIndexer {
  struct Progress: Sendable, Equatable {
    /// Numbers up to this one are not looked through yet.
    var backfilled: Int64
    /// Serial numbers and images up to this one are in their tables.
    var tail: Int64
    /// Where the record of an earlier version ended.
    var total: Int64

    init(_ db: Database) throws {
      let row = try Row.fetchOne(db, sql: "SELECT total, backfilled, tail FROM look_progress")
      backfilled = row?["backfilled"] ?? 0
      tail = row?["tail"] ?? 0
      total = row?["total"] ?? 0
    }
  }

  /// Adds serial numbers and images recorded since the last time.
  /// - Returns: how many inspections were seen.
  static func addTail(_ db: Database, limit: Int) throws -> Int {
    let tail = try Progress(db).tail
    let last = try Int64.fetchOne(
      db, sql: "SELECT max(id) FROM (SELECT id FROM look WHERE id > ? ORDER BY id LIMIT ?)", arguments: [tail, limit])
    guard let last else { return 0 }
    try addScattered(db, from: tail + 1, through: last)
    try db.execute(sql: "UPDATE look_progress SET tail = ?", arguments: [last])
    return Int(last - tail)
  }

  private static func addScattered(_ db: Database, from first: Int64, through last: Int64) throws {
    try db.execute(
      sql: """
        INSERT INTO look_serial(rowid, serial)
          SELECT id, serial FROM look WHERE id BETWEEN ? AND ? AND serial IS NOT NULL ORDER BY id
        """, arguments: [first, last])
    try db.execute(
      sql: "INSERT OR IGNORE INTO look_image SELECT image, id FROM look WHERE id BETWEEN ? AND ? AND image IS NOT NULL",
      arguments: [first, last])
    try SerialPieces.add(db, from: first, through: last)
  }

  /// Reads from the disk what the next step needs, without keeping anybody from writing.
  static func warm(_ db: Database, count: Int) throws {
    let border = try Progress(db).backfilled
    guard border > 0 else { return }
    _ = try Int.fetchOne(
      db, sql: "SELECT sum(length(imageHash)) FROM inspection WHERE id <= ? AND id > ?",
      arguments: [border, border - Int64(count)])
  }

  /// Looks through the next inspections of an earlier version.
  /// - Returns: whether there are more.
  static func backfill(_ db: Database, count: Int) throws -> Bool {
    let border = try Progress(db).backfilled
    guard border > 0 else { return false }
    let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM inspection WHERE id <= ?", arguments: [border])
    guard let newest else {
      try db.execute(sql: "UPDATE look_progress SET backfilled = 0")
      return false
    }
    let before = max(0, newest - Int64(count))
    let kind =
      "k.bundle = i.bundle AND k.verdict = i.verdict AND k.class = i.class AND k.isTrial = (i.isTrial IS NOT 0)"
    try db.execute(
      sql: """
        INSERT INTO look_kind (bundle, verdict, class, isTrial)
          SELECT DISTINCT bundle, verdict, class, isTrial IS NOT 0 FROM inspection i
          WHERE id > ? AND id <= ? AND NOT EXISTS (SELECT 1 FROM look_kind k WHERE \(kind))
        """, arguments: [before, newest])
    try db.execute(
      sql: """
        INSERT INTO look SELECT i.id, k.id, i.time, i.serial, substr(i.imageHash, 1, 16)
          FROM inspection i CROSS JOIN look_kind k ON \(kind) WHERE i.id > ? AND i.id <= ? ORDER BY i.id
        """, arguments: [before, newest])
    try db.execute(sql: LookTables.review("l.id > ? AND l.id <= ?"), arguments: [before, newest])
    try addSpans(db, after: before, through: newest)
    try addScattered(db, from: before + 1, through: newest)
    try db.execute(sql: "UPDATE look_progress SET backfilled = ?", arguments: [before])
    return before > 0
  }

  private static func addSpans(_ db: Database, after before: Int64, through newest: Int64) throws {
    var spans: [(first: Int64, quarter: Int64)] = []
    let rows = try Row.fetchCursor(
      db, sql: "SELECT id, \(LookTables.quarter("time")) FROM look WHERE id > ? AND id <= ? ORDER BY id",
      arguments: [before, newest])
    while let row = try rows.next() {
      let quarter: Int64 = row[1]
      if spans.last?.quarter != quarter { spans.append((row[0], quarter)) }
    }
    let next = try Row.fetchOne(
      db, sql: "SELECT first, quarter FROM look_span WHERE first > ? ORDER BY first LIMIT 1", arguments: [newest])
    if let next, let last = spans.last, next["quarter"] == last.quarter {
      try db.execute(sql: "DELETE FROM look_span WHERE first = ?", arguments: [next["first"] as Int64])
    }
    for span in spans {
      try db.execute(
        sql: "INSERT OR REPLACE INTO look_span VALUES (?, ?)", arguments: [span.first, span.quarter])
    }
  }
}

/// Works through what is to be done, beside everything else, until it is done or told to stop.
final class LookMigration: Sendable {
  private struct State {
    var isStopped = false
    var isRunning = false
  }

  /// How long a step may keep others from writing, in seconds.
  private static let stepTime = 0.01
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - warm: reads what the next step of that many inspections needs.
  ///   - step: takes that many inspections; returns whether there are more.
  func start(
    warm: @escaping @Sendable (Int) throws -> Void, step: @escaping @Sendable (Int) throws -> Bool
  ) {
    let isFirst = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning && !state.isStopped
    }
    guard isFirst else { return }
    let thread = Thread { [self] in
      ThreadCourtesy.yieldToOthers()
      var count = 128
      var (hasMore, failures) = (true, 0)
      while hasMore, !state.withLock(\.isStopped) {
        var seconds = 0.0
        do {
          try warm(count)
          let start = ContinuousClock.now
          hasMore = try step(count)
          seconds = (ContinuousClock.now - start) / .seconds(1)
          failures = 0
          if seconds < Self.stepTime / 2 { count = min(4096, count * 2) }
          if seconds > Self.stepTime { count = max(128, count / 2) }
        } catch {
          // A full disk: later perhaps.
          failures += 1
          seconds = min(30, Double(failures))
        }
        pause(seconds)
      }
      state.withLock { $0.isRunning = false }
      ended.signal()
    }
    thread.name = "assay.looks"
    thread.start()
  }

  /// In short pieces, so that an end need not wait.
  private func pause(_ seconds: Double) {
    var rest = seconds
    while rest > 0, !state.withLock(\.isStopped) {
      Thread.sleep(forTimeInterval: min(rest, 0.05))
      rest -= 0.05
    }
  }

  /// Blocks until the step under way is done.
  func stop() {
    let isRunning = state.withLock { state in
      state.isStopped = true
      return state.isRunning
    }
    if isRunning { ended.wait() }
  }
}
