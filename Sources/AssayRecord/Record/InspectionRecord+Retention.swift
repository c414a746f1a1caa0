import Foundation
import GRDB
import Synchronization

/// How long the record is kept, and how large it may become.
public struct RetentionPolicy: Sendable, Equatable {
  /// Older inspections are removed, unless an operator corrected them; nil for never.
  public var days: Double?
  /// Above this the oldest images go first, then the oldest inspections, corrected ones last; nil for no limit.
  public var bytes: Int?

  public init(days: Double? = nil, bytes: Int? = nil) {
    self.days = days
    self.bytes = bytes
  }
}

extension InspectionRecord {
  /// What was removed.
  public struct Pruned: Sendable, Equatable {
    public var inspections = 0
    public var images = 0
    /// Seconds that the station must still run before anything is removed by age, since its clock has jumped; nil when it
    /// can be trusted.
    public var waitsForClock: Double?

    public init() {}

    mutating func add(_ other: Pruned) {
      inspections += other.inspections
      images += other.images
    }
  }

  /// From now on the size is kept at every moment: what is too much goes as soon as it is written.
  public func keep(bytes: Int?) { upkeep.keptBytes = bytes }

  /// Bytes that the record needs: what is free inside the file does not count.
  public func usedBytes() throws(RecordError) -> Int { try reading(RecordFile.usedBytes) }

  /// Removes what the policy no longer keeps; by age only when the clock can be trusted. To be called every minute: it also
  /// counts how long the station has run.
  public func tidyUp(_ policy: RetentionPolicy) throws(RecordError) -> Pruned { try tidyUp(policy, at: .now) }

  package func tidyUp(_ policy: RetentionPolicy, at now: RecordClock.Reading) throws(RecordError) -> Pruned {
    let waits = try upkeep.tick(now)
    // It can be written, perhaps again.
    notes.withLock { $0.health.failure = nil }
    var allowed = policy
    if waits != nil { allowed.days = nil }
    var pruned = try prune(allowed, now: now.wall)
    pruned.waitsForClock = waits
    return pruned
  }

  /// Removes what the policy no longer keeps, in small steps between which inspections are recorded. Believes the clock.
  /// - Parameter now: seconds since 1970.
  public func prune(_ policy: RetentionPolicy, now: Double) throws(RecordError) -> Pruned {
    var pruned = Pruned()
    if let days = policy.days { pruned.add(try file.prune(before: now - days * 86_400, upkeep)) }
    if let bytes = policy.bytes { pruned.add(try file.prune(toBytes: bytes, upkeep)) }
    return pruned
  }
}

extension RecordFile {
  /// Inspections in one transaction.
  private static let step = 200
  /// Pages moved at once when the file is made shorter.
  private static let vacuumStep = 1000
  /// Free pages that are left in the file: they are soon used again.
  private static let freePages = 512

  static func usedBytes(_ db: Database) throws -> Int {
    let size = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_size")) ?? 0
    let pages = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA page_count")) ?? 0
    let free = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
    return (pages - free) * size
  }

  func prune(before oldest: Double, _ upkeep: RecordUpkeep) throws(RecordError) -> InspectionRecord.Pruned {
    var pruned = InspectionRecord.Pruned()
    while true {
      // What is no number sorts above every time, and is never old.
      let count = try remove(
        """
        DELETE FROM inspection WHERE id IN (SELECT id FROM inspection WHERE time < \(oldest)
          AND NOT EXISTS (SELECT 1 FROM correction WHERE correction.inspection = inspection.id) LIMIT \(Self.step))
        """, upkeep)
      pruned.inspections += count
      if count < Self.step { break }
    }
    if pruned.inspections > 0 {
      try giveBack(upkeep)
      try forget()
    }
    return pruned
  }

  func prune(toBytes bytes: Int, _ upkeep: RecordUpkeep) throws(RecordError) -> InspectionRecord.Pruned {
    var pruned = InspectionRecord.Pruned()
    guard try isAbove(bytes) else { return pruned }
    let corrected = "EXISTS (SELECT 1 FROM correction WHERE correction.inspection = "
    let step = Self.step / 10
    pruned.images += try shrink(
      to: bytes,
      """
      DELETE FROM image WHERE inspection IN (SELECT inspection FROM image
        WHERE NOT \(corrected)image.inspection) ORDER BY inspection LIMIT \(step))
      """, upkeep)
    pruned.inspections += try shrink(
      to: bytes,
      """
      DELETE FROM inspection WHERE id IN (SELECT id FROM inspection
        WHERE NOT \(corrected)inspection.id) ORDER BY id LIMIT \(step))
      """, upkeep)
    pruned.inspections += try shrink(
      to: bytes, "DELETE FROM inspection WHERE id IN (SELECT id FROM inspection ORDER BY id LIMIT \(step))", upkeep)
    if pruned.inspections > 0 { try forget() }
    try giveBack(upkeep)
    return pruned
  }

  /// Times and characters of which no inspection is left.
  private func forget() throws(RecordError) {
    try writing { db in
      guard let first = try Int64.fetchOne(db, sql: "SELECT min(id) FROM inspection") else { return }
      try db.execute(
        sql: "DELETE FROM look_span WHERE first < (SELECT max(first) FROM look_span WHERE first <= ?)",
        arguments: [first])
      try db.execute(sql: "DELETE FROM look_piece WHERE block < ?", arguments: [first / 4096])
    }
  }

  private func isAbove(_ bytes: Int) throws(RecordError) -> Bool {
    let pool = try pool()
    do { return try pool.writeWithoutTransaction(Self.usedBytes) > bytes } catch {
      throw RecordError(error, path: path)
    }
  }

  private func shrink(to bytes: Int, _ sql: String, _ upkeep: RecordUpkeep) throws(RecordError) -> Int {
    var total = 0
    while try isAbove(bytes) {
      let count = try remove(sql, upkeep)
      total += count
      if count == 0 { break }
    }
    return total
  }

  private func remove(_ sql: String, _ upkeep: RecordUpkeep) throws(RecordError) -> Int {
    let count = try writing { db in
      let statement = try db.cachedStatement(sql: sql)
      try statement.execute()
      return db.changesCount
    }
    if count > 0 {
      try shorten()
      try checkLog(upkeep)
    }
    return count
  }

  /// Gives what is free back to the disk.
  private func giveBack(_ upkeep: RecordUpkeep) throws(RecordError) {
    while try shorten() {
      try checkLog(upkeep)
    }
  }

  /// - Returns: whether there is more to give back.
  @discardableResult private func shorten() throws(RecordError) -> Bool {
    try writing { db in
      let before = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
      guard before > Self.freePages else { return false }
      _ = try Row.fetchAll(db.cachedStatement(sql: "PRAGMA incremental_vacuum(\(Self.vacuumStep))"))
      let after = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
      return after > Self.freePages && after < before
    }
  }

  private func checkLog(_ upkeep: RecordUpkeep) throws(RecordError) {
    guard upkeep.checkpoint() > RecordUpkeep.longestLog else { return }
    throw RecordError(
      path: path,
      cause: "nothing more is removed now: another program reads the record, so that the log cannot begin anew",
      remedy: "end what reads it (an open transaction of an SQLite program); it goes on in a minute", reason: .busy)
  }
}
