import Foundation
import GRDB
import Synchronization

/// The database: open, or not yet and why.
final class RecordFile: Sendable {
  private struct State {
    var pool: DatabasePool?
    var failure: RecordError?
    var lastTry = ContinuousClock.now
    var isClosed = false
  }

  let folder: String
  let path: String
  let gate = ReadGate()
  private let maximumBytes: Int?
  private let retryTime: Duration
  private let state = Mutex(State())

  /// - Parameter retryTime: between two attempts to open what could not be opened.
  init(folder: String, maximumBytes: Int?, retryTime: Duration) {
    self.retryTime = retryTime
    self.folder = folder
    self.maximumBytes = maximumBytes
    path = folder + "/record.sqlite"
  }

  /// Opens it now.
  func open() throws(RecordError) {
    state.withLock { $0.lastTry = .now }
    do {
      let pool = try Self.open(folder: folder, path: path, maximumBytes: maximumBytes)
      state.withLock { state in
        state.pool = pool
        state.failure = nil
      }
    } catch {
      state.withLock { $0.failure = error }
      throw error
    }
  }

  /// What is open now.
  func pool() throws(RecordError) -> DatabasePool {
    let (pool, failure) = state.withLock { ($0.pool, $0.failure) }
    if let pool { return pool }
    throw failure ?? RecordError(path: path, cause: "the record is closed", remedy: "open it first")
  }

  /// What is open now; tries again to open it when the last attempt is a while ago.
  func poolForWriting() throws(RecordError) -> DatabasePool {
    let isDue = state.withLock { state in
      guard state.pool == nil, !state.isClosed, state.failure?.reason != .newer,
        ContinuousClock.now - state.lastTry >= retryTime
      else { return false }
      state.lastTry = .now
      return true
    }
    if isDue { try open() }
    return try pool()
  }

  var failure: RecordError? { state.withLock { $0.pool == nil ? $0.failure : nil } }

  func close() {
    let pool = state.withLock { state in
      defer { state.pool = nil }
      state.isClosed = true
      state.failure = RecordError(path: path, cause: "the record is closed", remedy: "open it again")
      return state.pool
    }
    try? pool?.close()
  }

  func reading<Value>(_ body: (Database) throws -> Value) throws(RecordError) -> Value {
    let pool = try pool()
    gate.enter()
    defer { gate.leave() }
    do { return try pool.read(body) } catch { throw RecordError(error, path: path) }
  }

  func writing<Value>(_ body: (Database) throws -> Value) throws(RecordError) -> Value {
    let pool = try poolForWriting()
    do { return try pool.write(body) } catch { throw RecordError(error, path: path) }
  }

  private static func open(folder: String, path: String, maximumBytes: Int?) throws(RecordError) -> DatabasePool {
    try makeFolder(folder)
    do {
      var configuration = Configuration()
      configuration.label = "assay.record"
      configuration.maximumReaderCount = 4
      configuration.busyMode = .timeout(5)
      configuration.prepareDatabase { db in
        // Must be said before there are tables; later it is ignored.
        if !db.configuration.readonly { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
      }
      let pool = try DatabasePool(path: path, configuration: configuration)
      if try pool.read(RecordSchema.isNewer) {
        throw RecordError(
          path: path, cause: "a later version of Assay wrote this record",
          remedy: "use that version, or name another folder with --record-folder", reason: .newer)
      }
      try pool.writeWithoutTransaction { db in
        // GRDB opens write-ahead logs with NORMAL, which may lose the last commits with the power.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        // Debian's SQLite fills what is deleted with zeros, page by page through the log: pruning an image of 30 MB would
        // write 30 MB. FAST does so only where the page is written anyway.
        _ = try Row.fetchAll(db, sql: "PRAGMA secure_delete = FAST")
        // Checkpoints come between groups, when everyone has an answer.
        _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = 0")
        // A log that once had to grow is cut again.
        _ = try Int.fetchOne(db, sql: "PRAGMA journal_size_limit = \(WriteAheadLog.size)")
        if let maximumBytes {
          let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
          _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(max(1, maximumBytes / size))")
        }
      }
      try RecordSchema.migrator.migrate(pool)
      WriteAheadLog.prepare(database: path)
      return pool
    } catch {
      throw RecordError(error, path: path)
    }
  }

  private static func makeFolder(_ folder: String) throws(RecordError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      let (cause, reason): (String, RecordError.Reason) =
        switch (error as? CocoaError)?.code {
        case .fileWriteOutOfSpace?: ("the disk is full", .full)
        case .fileWriteVolumeReadOnly?: ("the disk is read-only", .unwritable)
        case .fileWriteNoPermission?: ("the folder may not be made", .unwritable)
        default: ("\(error.localizedDescription)", .other)
        }
      throw RecordError(
        path: folder, cause: "the record's folder cannot be made: \(cause)",
        remedy: "check path and permissions, or name another with --record-folder", reason: reason)
    }
  }
}
