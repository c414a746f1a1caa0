import Foundation
import GRDB
import Synchronization

/// What is done behind the answers: the log is copied into the database and kept short, serial numbers are added to their
/// table, and the size is kept.
final class RecordUpkeep: Sendable {
  private struct State {
    /// Written since the last checkpoint.
    var pendingBytes = 0
    /// Recorded since serial numbers were last added.
    var unlisted = 0
    /// ``RetentionPolicy/bytes``.
    var keptBytes: Int?
    /// When readers may be made to wait again.
    var nextRestart = ContinuousClock.now
  }

  /// Inspections whose serial numbers are added at once. Until then searches read them one by one.
  private static let tailSize = 512
  /// Above it the log is begun anew even if readers have to wait for that.
  private static let longLog = 24 << 20
  /// Above it nothing is pruned, since somebody else keeps the log from being begun anew.
  static let longestLog = 40 << 20

  /// Between two attempts to begin the log anew.
  private static let restartPause = Duration.seconds(5)

  private let file: RecordFile
  let clock = RecordClock()
  private let state = Mutex(State())

  init(_ file: RecordFile) { self.file = file }

  var keptBytes: Int? {
    get { state.withLock(\.keptBytes) }
    set { state.withLock { $0.keptBytes = newValue } }
  }

  func afterWriting(_ groups: [[InspectionEntry]]) {
    let count = groups.reduce(0) { $0 + $1.count }
    afterWriting(bytes: groups.reduce(0) { $0 + $1.reduce(0) { $0 + $1.loggedBytes } })
    let isDue = state.withLock { state in
      state.unlisted += count
      guard state.unlisted >= Self.tailSize else { return false }
      state.unlisted = 0
      return true
    }
    if isDue { addTail(all: false) }
    if let keptBytes {
      // One that fails is made up for by the next.
      _ = try? file.prune(toBytes: keptBytes, self)
    }
  }

  func afterWriting(bytes: Int) {
    let isDue = state.withLock { state in
      state.pendingBytes += bytes
      guard state.pendingBytes >= WriteAheadLog.checkpointSize else { return false }
      state.pendingBytes = 0
      return true
    }
    // One that fails or that a reader holds up is made up for by the next.
    if isDue { checkpoint() }
  }

  /// Adds serial numbers recorded since the last time.
  func addTail(all: Bool) {
    repeat {
      let added = try? file.writing { try LookIndexer.addTail($0, limit: 2 * Self.tailSize) }
      guard all, let added, added > 0 else { return }
    } while true
  }

  /// Seconds still to run before anything is removed by age; nil when the clock can be trusted.
  func tick(_ now: RecordClock.Reading) throws(RecordError) -> Double? {
    try file.writing { try clock.tick(now, $0) }
  }

  /// Copies what is in the log into the database, as far as no reader holds it up, and sees to it that the log can begin anew.
  /// - Returns: bytes in the log, 0 once it begins anew.
  @discardableResult func checkpoint() -> Int {
    guard let pool = try? file.pool() else { return 0 }
    func passive() -> Int {
      guard let log = try? pool.writeWithoutTransaction({ try $0.checkpoint(.passive) }) else { return 0 }
      // Each page with its header.
      return log.walFrameCount * 4120
    }
    var log = passive()
    let isDue = state.withLock { state in
      guard log > Self.longLog, ContinuousClock.now >= state.nextRestart else { return false }
      state.nextRestart = .now + Self.restartPause
      return true
    }
    guard isDue else { return log }
    file.gate.whileShut(patience: 0.5) {
      log = passive()
      if let again = try? pool.writeWithoutTransaction(Self.restart), again { log = 0 }
    }
    return log
  }

  /// - Returns: whether the log is begun anew.
  private static func restart(_ db: Database) throws -> Bool {
    // Not as long as usual: everybody waits.
    try db.execute(sql: "PRAGMA busy_timeout = 200")
    defer { try? db.execute(sql: "PRAGMA busy_timeout = 5000") }
    let log = try db.checkpoint(.restart)
    return log.walFrameCount == log.checkpointedFrameCount
  }
}
