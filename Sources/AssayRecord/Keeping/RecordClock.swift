import Foundation
import GRDB
import Synchronization

/// Watches the clock by which old inspections are removed: kept in the record, so that a restart forgets nothing.
///
/// A clock that is suddenly 200 days ahead makes everything old. After a jump nothing is removed by age until the station
/// has run for ``trustTime`` in all: long enough for somebody to notice, or for the clock to be set back.
package final class RecordClock: Sendable {
  /// What the machine says.
  package struct Reading: Sendable {
    /// Seconds since 1970.
    package var wall: Double
    /// Seconds since the machine started, sleep included; nobody can set it.
    package var uptime: Double
    /// Names the start of the machine.
    package var boot: String

    package init(wall: Double, uptime: Double, boot: String) {
      self.wall = wall
      self.uptime = uptime
      self.boot = boot
    }

    static var now: Reading {
      var time = timespec()
      clock_gettime(CLOCK_BOOTTIME, &time)
      return Reading(
        wall: Date().timeIntervalSince1970, uptime: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9, boot: bootName)
    }

    private static let bootName: String =
      (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }

  /// Seconds that must have been run since a jump.
  static let trustTime = 86_400.0
  /// Seconds by which a clock may be put right without notice.
  private static let tolerance = 600.0
  /// Seconds for which a machine may have been off without notice.
  private static let longestAbsence = 7 * 86_400.0

  /// Uptime at the last tick of this process.
  private let last = Mutex<Double?>(nil)

  /// Compares the clock with what the record knows, and writes it down.
  /// - Returns: seconds still to run before anything is removed by age; nil when the clock can be trusted.
  func tick(_ now: Reading, _ db: Database) throws -> Double? {
    let stored = try Row.fetchOne(db, sql: "SELECT wall, uptime, boot, sinceJump FROM clock")
    var sinceJump = stored?["sinceJump"] as Double?
    let ran = last.withLock { last in
      defer { last = now.uptime }
      // Another process may have counted a part of it.
      return last.map { max(0, now.uptime - max($0, stored?["uptime"] ?? 0)) } ?? 0
    }
    if try hasJumped(now, stored, db) { sinceJump = 0 } else if let since = sinceJump { sinceJump = since + ran }
    if let since = sinceJump, since >= Self.trustTime { sinceJump = nil }
    try db.execute(
      sql: "INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?, ?)",
      arguments: [now.wall, now.uptime, now.boot, sinceJump])
    return sinceJump.map { Self.trustTime - $0 }
  }

  private func hasJumped(_ now: Reading, _ stored: Row?, _ db: Database) throws -> Bool {
    if let stored, stored["boot"] == now.boot, !now.boot.isEmpty {
      let wall: Double = stored["wall"]
      let uptime: Double = stored["uptime"]
      return abs((now.wall - wall) - (now.uptime - uptime)) > Self.tolerance
    }
    // The machine was off, nobody knows how long. A record that has never seen a clock knows its last inspection.
    let known: Double? =
      try stored?["wall"]
      ?? Double.fetchOne(
        db, sql: "SELECT time FROM inspection WHERE typeof(time) = 'real' ORDER BY id DESC LIMIT 1")
    guard let known else { return false }
    return now.wall - known < -Self.tolerance || now.wall - known > Self.longestAbsence
  }
}
