import Foundation
import GRDB
import Synchronization

/// The record of every part: an SQLite database (write-ahead log) with pictures in it, so that one file is the whole truth.
///
/// What ``append(_:)`` has answered with a number survives the process and a loss of power: its group was synchronised
/// to the disk before the answer.
public final class InspectionRecord: Sendable {
  public typealias Outcome = RecordOutcome

  /// How recording goes.
  public struct Health: Sendable, Codable, Equatable {
    /// Since the process began.
    public var recorded = 0
    public var lost = 0
    /// Why the latest could not be written, or the record not be opened; nil once writing works again.
    public var failure: String?
    /// Inspections that hold what does not belong there and are skipped: those come across since the process began.
    public var unreadable: Int?
    /// While a record of an earlier version is looked through; nil otherwise.
    public var indexing: Indexing?
  }

  /// How far a record of an earlier version is looked through, the newest first. Searches reach the rest more slowly.
  public struct Indexing: Sendable, Codable, Equatable {
    public let done: Int64
    public let total: Int64
  }

  struct Notes {
    var health = Health()
    /// At most ``mostUnreadable``.
    var unreadable: Set<Int64> = []
    var indexing: Indexing?
    static let mostUnreadable = 10_000
  }

  public let path: String
  let file: RecordFile
  let readers = RecordReaders()
  let upkeep: RecordUpkeep
  let notes = Mutex(Notes())
  private let commits: GroupCommit<[InspectionEntry], [Outcome]>
  private let migration = LookMigration()

  /// - Parameters:
  ///   - folder: made when it is not there.
  ///   - maximumBytes: the database never becomes larger; above it recording is lost as with a full disk. nil for the
  ///     disk's own limit.
  ///   - indexesInBackground: whether a record of an earlier version is looked through beside everything else; otherwise by
  ///     ``indexEarlier(count:)``.
  public convenience init(
    folder: String, maximumBytes: Int? = nil, indexesInBackground: Bool = true
  ) throws(RecordError) {
    self.init(unopened: folder, maximumBytes)
    try file.open()
    began(indexesInBackground)
  }

  /// As if opened at another time.
  package convenience init(folder: String, at time: RecordClock.Reading) throws(RecordError) {
    self.init(unopened: folder, nil)
    try file.open()
    began(true, at: time)
  }

  /// A record that may be unable to record: then every entry is lost and says why, and it tries again to open every few
  /// seconds unless a later version wrote it.
  /// - Parameter retryTime: between two attempts to open it.
  /// - Throws: what is no record at all.
  public convenience init(
    folder: String, maximumBytes: Int? = nil, toleratingFailure: Void, retryTime: Duration = .seconds(5)
  ) throws(RecordError) {
    self.init(unopened: folder, maximumBytes, retryTime)
    do {
      try file.open()
      began(true)
    } catch {
      guard error.leavesInspectionPossible else { throw error }
      notes.withLock { $0.health.failure = error.description }
    }
  }

  private init(unopened folder: String, _ maximumBytes: Int?, _ retryTime: Duration = .seconds(5)) {
    let file = RecordFile(folder: folder, maximumBytes: maximumBytes, retryTime: retryTime)
    let upkeep = RecordUpkeep(file)
    self.file = file
    self.upkeep = upkeep
    path = file.path
    commits = GroupCommit(
      largestGroup: .init(items: 256, bytes: 16 << 20), capacity: .init(items: 4096, bytes: 256 << 20),
      write: { file.write($0) }, tidy: { upkeep.afterWriting($0) })
  }

  /// Once the database is open.
  private func began(_ indexesInBackground: Bool, at time: RecordClock.Reading = .now) {
    // The first thing written: a disk that takes nothing is known from the start.
    do throws(RecordError) { _ = try upkeep.tick(time) } catch {
      notes.withLock { $0.health.failure = error.description }
    }
    noteIndexing()
    guard indexesInBackground, notes.withLock({ $0.indexing != nil }) else { return }
    let (file, upkeep) = (file, upkeep)
    migration.start(
      warm: { count in try file.reading { try LookIndexer.warm($0, count: count) } },
      step: { [weak self] count in
        let hasMore = try file.writing { try LookIndexer.backfill($0, count: count) }
        self?.noteIndexing()
        upkeep.afterWriting(bytes: count * 400)
        return hasMore
      })
  }

  private func noteIndexing() {
    guard let progress = try? file.reading({ try LookIndexer.Progress($0) }) else { return }
    notes.withLock { notes in
      notes.indexing =
        progress.backfilled > 0
        ? Indexing(done: progress.total - progress.backfilled, total: progress.total) : nil
    }
  }

  /// Looks through the next inspections of an earlier version now.
  /// - Returns: whether there are more.
  package func indexEarlier(count: Int) throws(RecordError) -> Bool {
    defer { noteIndexing() }
    return try file.writing { try LookIndexer.backfill($0, count: count) }
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
    guard !entries.isEmpty else { return finish([]) }
    let bytes = entries.reduce(0) { $0 + $1.loggedBytes }
    let isTaken = commits.add(entries, bytes: bytes, isWaiting: isWaiting) { outcomes in
      self.note(outcomes)
      finish(outcomes)
    }
    guard !isTaken else { return }
    let lost = Outcome.lost("\(path): too many entries wait for the disk; use a faster disk or fewer clients")
    let outcomes = entries.map { _ in lost }
    note(outcomes)
    finish(outcomes)
  }

  private func note(_ outcomes: [Outcome]) {
    let isNew = notes.withLock { notes in
      let failed = notes.health.failure != nil
      for outcome in outcomes {
        switch outcome {
        case .recorded:
          notes.health.recorded += 1
          notes.health.failure = nil
        case .lost(let cause):
          notes.health.lost += 1
          notes.health.failure = cause
        }
      }
      return failed && notes.health.failure == nil
    }
    // It may have been opened just now.
    if isNew { began(true) }
  }

  public var state: Health {
    notes.withLock { notes in
      var health = notes.health
      health.unreadable = notes.unreadable.isEmpty ? nil : notes.unreadable.count
      health.indexing = notes.indexing
      return health
    }
  }

  /// Whether parts are recorded now: nil when they are, why not otherwise.
  public var whyNotOpen: RecordError? { file.failure }

  /// Writes what still waits, and closes the database.
  public func close() {
    commits.finish()
    migration.stop()
    readers.close()
    upkeep.addTail(all: true)
    file.close()
  }

  /// Whether SQLite finds the database whole.
  public func isWhole() throws(RecordError) -> Bool {
    try reading { try String.fetchOne($0, sql: "PRAGMA integrity_check") == "ok" }
  }

  func reading<Value>(_ body: (Database) throws -> Value) throws(RecordError) -> Value { try file.reading(body) }

  func writing<Value>(_ body: (Database) throws -> Value) throws(RecordError) -> Value { try file.writing(body) }

  /// What SQLite says of itself: its journal, and when it synchronises (2 for every commit).
  package func durability() throws(RecordError) -> (journal: String, synchronous: Int) {
    let pool = try file.pool()
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
