import Foundation
import GRDB
import Synchronization

/// The record of every part: an SQLite database (write-ahead log) with pictures in it, so that one file is the whole truth.
///
/// What ``append(_:)`` has answered with a number survives the process and a loss of power: its group was synchronised
/// to the disk before the answer.
public final class InspectionRecord: Sendable {
  public enum Outcome: Sendable, Equatable {
    case recorded(Int64)
    /// It could not be written; inspection goes on.
    case lost(String)
  }

  /// How recording goes.
  public struct Health: Sendable, Codable, Equatable {
    /// Since the process began.
    public var recorded = 0
    public var lost = 0
    /// Why the latest could not be written; nil once writing works again.
    public var failure: String?
  }

  public let path: String
  let pool: DatabasePool
  private let health = Mutex(Health())
  /// Of entries that belong together.
  private let commits: GroupCommit<[InspectionEntry], [Outcome]>

  /// - Parameters:
  ///   - folder: made when it is not there.
  ///   - maximumBytes: the database never becomes larger; above it recording is lost as with a full disk. nil for the
  ///     disk's own limit.
  public init(folder: String, maximumBytes: Int? = nil) throws(RecordError) {
    let path = folder + "/record.sqlite"
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw RecordError(
        path: folder, cause: "the record's folder cannot be made",
        remedy: "check path and permissions, or name another with --record-folder")
    }
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
      try pool.writeWithoutTransaction { db in
        // GRDB opens write-ahead logs with NORMAL, which may lose the last commits with the power.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        // Checkpoints come between groups, when everyone has an answer.
        _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = 0")
        if let maximumBytes {
          let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
          _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(max(1, maximumBytes / size))")
        }
      }
      try RecordSchema.migrator.migrate(pool)
      self.pool = pool
    } catch {
      throw RecordError(error, path: path)
    }
    WriteAheadLog.prepare(database: path)
    let pool = pool
    let pending = Mutex(0)
    let write: @Sendable ([[InspectionEntry]]) -> [[Outcome]] = { groups in
      do {
        return try pool.write { db in
          let insert = try db.cachedStatement(sql: RecordSchema.insert)
          let keep = try db.cachedStatement(sql: "INSERT INTO image (inspection, bytes) VALUES (?, ?)")
          return try groups.map { entries in
            try entries.map { entry in
              try insert.execute(arguments: entry.arguments)
              let id = db.lastInsertedRowID
              if let image = entry.image { try keep.execute(arguments: [id, Data(image)]) }
              return .recorded(id)
            }
          }
        }
      } catch {
        let outcome = Outcome.lost(RecordError(error, path: path).description)
        return groups.map { $0.map { _ in outcome } }
      }
    }
    commits = GroupCommit(
      largestGroup: 256, capacity: 4096, write: write,
      tidy: { groups in
        let isDue = pending.withLock { bytes in
          bytes += groups.joined().reduce(0) { $0 + $1.loggedBytes }
          guard bytes >= WriteAheadLog.checkpointSize else { return false }
          bytes = 0
          return true
        }
        // One that fails or that a reader holds up is made up for by the next.
        if isDue { Self.checkpoint(pool) }
      })
  }

  /// Answers when the entry is on disk, or cannot be put there.
  public func append(_ entry: InspectionEntry) async -> Outcome {
    await withCheckedContinuation { continuation in
      appendLater(entry) { continuation.resume(returning: $0) }
    }
  }

  /// Does not wait. What has not been written when the process dies is lost: the entries of the last moments.
  /// - Parameter finish: called when it is on disk or lost.
  public func appendLater(_ entry: InspectionEntry, finish: @escaping @Sendable (Outcome) -> Void = { _ in }) {
    append(together: [entry], isWaiting: false) { finish($0[0]) }
  }

  /// Blocks while it writes this entry, and those of other threads that come meanwhile; returns at once when another thread
  /// is about to write it.
  /// - Parameter finish: called when it is on disk or lost.
  public func append(_ entry: InspectionEntry, finish: @escaping @Sendable (Outcome) -> Void) {
    append(together: [entry], isWaiting: true) { finish($0[0]) }
  }

  /// Entries of one transaction: all of them are on disk, or none.
  /// - Parameters:
  ///   - isWaiting: the calling thread may write.
  ///   - finish: called when they are on disk or lost, with one outcome for each.
  public func append(
    together entries: [InspectionEntry], isWaiting: Bool, finish: @escaping @Sendable ([Outcome]) -> Void
  ) {
    let isTaken = commits.add(entries, isWaiting: isWaiting) { outcomes in
      for outcome in outcomes { self.note(outcome) }
      finish(outcomes)
    }
    guard !isTaken else { return }
    let outcome = Outcome.lost("\(path): too many entries wait for the disk; use a faster disk or fewer clients")
    for _ in entries { note(outcome) }
    finish(entries.map { _ in outcome })
  }

  private func note(_ outcome: Outcome) {
    health.withLock { health in
      switch outcome {
      case .recorded:
        health.recorded += 1
        health.failure = nil
      case .lost(let cause):
        health.lost += 1
        health.failure = cause
      }
    }
  }

  public var state: Health { health.withLock { $0 } }

  /// Writes what still waits, and closes the database.
  public func close() {
    commits.finish()
    try? pool.close()
  }

  /// Whether SQLite finds the database whole.
  public func isWhole() throws(RecordError) -> Bool {
    try reading { try String.fetchOne($0, sql: "PRAGMA integrity_check") == "ok" }
  }

  /// Copies what is in the log into the database, as far as no reader holds it up.
  func checkpoint() { Self.checkpoint(pool) }

  private static func checkpoint(_ pool: DatabasePool) {
    _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
  }

  func reading<Value>(_ body: (Database) throws -> Value) throws(RecordError) -> Value {
    do { return try pool.read(body) } catch { throw RecordError(error, path: path) }
  }

  func writing<Value>(_ body: (Database) throws -> Value) throws(RecordError) -> Value {
    do { return try pool.write(body) } catch { throw RecordError(error, path: path) }
  }
}

extension InspectionEntry {
  /// About what it adds to the log: its own pages and those of the tables and indices that it changes.
  fileprivate var loggedBytes: Int { answer.utf8.count + heat.count + thumbnail.count + (image?.count ?? 0) + 40_960 }

  fileprivate var arguments: StatementArguments {
    [
      time, serial, bundle, bundleHash, verdict, `class`, score, threshold, probability, milliseconds, isUncertain,
      featureDistance, imageHash, width, height, heatWidth, answer, Data(heat), Data(thumbnail), isTrial,
    ]
  }
}

extension InspectionRecord {
  /// What SQLite says of itself: its journal, and when it synchronises (2 for every commit).
  package func durability() throws(RecordError) -> (journal: String, synchronous: Int) {
    do {
      return try pool.writeWithoutTransaction { db in
        (
          journal: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
          synchronous: try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
        )
      }
    } catch { throw RecordError(error, path: path) }
  }
}
