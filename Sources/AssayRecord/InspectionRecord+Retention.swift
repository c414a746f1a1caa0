import Foundation
import GRDB

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
  /// What ``prune(_:now:)`` has removed.
  public struct Pruned: Sendable, Equatable {
    public var inspections = 0
    public var images = 0

    public init() {}
  }

  /// Bytes that the record needs: what is free inside the file does not count.
  public func usedBytes() throws(RecordError) -> Int {
    try reading { try Self.usedBytes($0) }
  }

  private static func usedBytes(_ db: Database) throws -> Int {
    let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
    let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    return (pages - free) * size
  }

  /// Removes what the policy no longer keeps, in small steps between which inspections are recorded.
  /// - Parameter now: seconds since 1970.
  public func prune(_ policy: RetentionPolicy, now: Double) throws(RecordError) -> Pruned {
    var pruned = Pruned()
    if let days = policy.days {
      let oldest = now - days * 86_400
      pruned.inspections += try repeatedly {
        """
        DELETE FROM inspection WHERE id IN (SELECT id FROM inspection WHERE time < \(oldest)
          AND NOT EXISTS (SELECT 1 FROM correction WHERE correction.inspection = inspection.id) LIMIT \($0))
        """
      }
    }
    guard let bytes = policy.bytes else { return pruned }
    let corrected = "EXISTS (SELECT 1 FROM correction WHERE correction.inspection = "
    pruned.images += try shrink(to: bytes) {
      """
      DELETE FROM image WHERE inspection IN (SELECT inspection FROM image
        WHERE NOT \(corrected)image.inspection) ORDER BY inspection LIMIT \($0))
      """
    }
    pruned.inspections += try shrink(to: bytes) {
      """
      DELETE FROM inspection WHERE id IN (SELECT id FROM inspection
        WHERE NOT \(corrected)inspection.id) ORDER BY id LIMIT \($0))
      """
    }
    pruned.inspections += try shrink(to: bytes) {
      "DELETE FROM inspection WHERE id IN (SELECT id FROM inspection ORDER BY id LIMIT \($0))"
    }
    return pruned
  }

  private static let step = 200

  private func repeatedly(_ sql: (Int) -> String) throws(RecordError) -> Int {
    var total = 0
    while true {
      let count = try remove(sql(Self.step))
      total += count
      if count < Self.step { return total }
    }
  }

  private func shrink(to bytes: Int, _ sql: (Int) -> String) throws(RecordError) -> Int {
    var total = 0
    while try usedBytes() > bytes {
      let count = try remove(sql(Self.step / 10))
      total += count
      if count == 0 { break }
    }
    return total
  }

  private func remove(_ sql: String) throws(RecordError) -> Int {
    let count = try writing { db in
      try db.execute(sql: sql)
      return db.changesCount
    }
    if count > 0 {
      try writing { db in
        let statement = try db.cachedStatement(sql: "PRAGMA incremental_vacuum(2000)")
        _ = try Row.fetchAll(statement)
      }
      checkpoint()
    }
    return count
  }
}
