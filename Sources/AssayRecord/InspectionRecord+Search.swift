import Foundation
import GRDB

/// What is looked for in the record; nil for any.
public struct RecordQuery: Sendable, Equatable {
  public enum Review: String, Sendable, CaseIterable {
    /// Uncertain, and nobody has looked at it yet.
    case open
    case corrected
    /// Corrected, and the operator disagreed.
    case disagreed
  }

  public var bundle: String?
  /// Seconds since 1970: from, and up to but not including.
  public var from: Double?
  public var until: Double?
  public var verdict: String?
  public var `class`: String?
  /// Any part of the serial number.
  public var serial: String?
  public var review: Review?
  /// Only what was shown to try the station, or only what was made on the line.
  public var isTrial: Bool?
  /// Only those recorded before, or after, this number.
  public var before: Int64?
  public var after: Int64?
  /// At most this many, the newest first; 1...500.
  public var limit = 50

  public init() {}

  fileprivate var condition: (sql: String, arguments: StatementArguments) {
    var parts: [String] = []
    var arguments: StatementArguments = []
    func add(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      parts.append(sql)
      arguments += [value]
    }
    add("i.bundle = ?", bundle)
    add("i.time >= ?", from)
    add("i.time < ?", until)
    add("i.verdict = ?", verdict)
    add("i.class = ?", `class`)
    add("i.isTrial = ?", isTrial)
    // INSTR and not LIKE: what was typed has no wildcards.
    add("instr(i.serial, ?) > 0", serial)
    add("i.id < ?", before)
    add("i.id > ?", after)
    switch review {
    case .open: parts.append("i.isUncertain AND c.id IS NULL AND NOT i.isTrial")
    case .corrected: parts.append("c.id IS NOT NULL")
    case .disagreed: parts.append("c.id IS NOT NULL AND (c.class <> i.class OR c.verdict <> i.verdict)")
    case nil: break
    }
    return (parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND "), arguments)
  }
}

extension InspectionRecord {
  /// The newest first.
  public func search(_ query: RecordQuery) throws(RecordError) -> [RecordedInspection] {
    let (condition, arguments) = query.condition
    let limit = min(max(1, query.limit), 500)
    return try reading { db in
      try Row.fetchAll(
        db, sql: RecordSchema.selection + condition + " ORDER BY i.id DESC LIMIT \(limit)", arguments: arguments
      ).map(RecordedInspection.init)
    }
  }

  /// The latest inspection of an image under a serial number; nil when there is none.
  public func number(serial: String?, imageHash: String, bundle: String) throws(RecordError) -> Int64? {
    try reading { db in
      try Int64.fetchOne(
        db, sql: "SELECT max(id) FROM inspection WHERE serial IS ? AND imageHash = ? AND bundle = ?",
        arguments: [serial, imageHash, bundle])
    }
  }

  /// nil when there is none of that number.
  public func inspection(_ id: Int64) throws(RecordError) -> RecordedInspection? {
    try reading { db in
      try Row.fetchOne(db, sql: RecordSchema.selection + " WHERE i.id = ?", arguments: [id])
        .map(RecordedInspection.init)
    }
  }

  /// Everything that was answered for a part, as JSON.
  public func answer(_ id: Int64) throws(RecordError) -> String? {
    try reading { try String.fetchOne($0, sql: "SELECT answer FROM inspection WHERE id = ?", arguments: [id]) }
  }

  /// A small JPEG.
  public func thumbnail(_ id: Int64) throws(RecordError) -> [UInt8]? {
    try blob("SELECT thumbnail FROM inspection WHERE id = ?", id)
  }

  /// The image as it came, when it was kept.
  public func image(_ id: Int64) throws(RecordError) -> [UInt8]? {
    try blob("SELECT bytes FROM image WHERE inspection = ?", id)
  }

  /// Heat that covers the photograph, `[values.count / width, width]`, 0...255.
  public func heat(_ id: Int64) throws(RecordError) -> (width: Int, values: [UInt8])? {
    try reading { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT heatWidth, heat FROM inspection WHERE id = ? AND heatWidth > 0", arguments: [id])
      return row.map { (width: $0["heatWidth"], values: [UInt8]($0["heat"] as Data)) }
    }
  }

  private func blob(_ sql: String, _ id: Int64) throws(RecordError) -> [UInt8]? {
    try reading { try Data.fetchOne($0, sql: sql, arguments: [id]).map { [UInt8]($0) } }
  }

  /// Parts of each verdict and class since a time; trials and what has no verdict do not count.
  public struct Count: Sendable, Codable, Equatable {
    public let verdict: String
    public let `class`: String
    public let count: Int
  }

  public func counts(bundle: String?, since time: Double) throws(RecordError) -> [Count] {
    try reading { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT verdict, class, count(*) AS n FROM inspection
          WHERE time >= ? AND (? IS NULL OR bundle = ?) AND NOT isTrial AND verdict <> 'error'
          GROUP BY verdict, class ORDER BY n DESC
          """, arguments: [time, bundle, bundle]
      ).map { Count(verdict: $0["verdict"], class: $0["class"], count: $0["n"]) }
    }
  }

  /// Scores and feature distances of a bundle's latest parts, the newest first. Where no class is good, the score is what is
  /// missing from certainty.
  public func observations(
    bundle: String, since time: Double, limit: Int
  ) throws(RecordError) -> [(verdict: String, score: Double?, featureDistance: Double?)] {
    try reading { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT verdict, coalesce(score, 1 - probability) AS score, featureDistance FROM inspection
          WHERE bundle = ? AND time >= ? AND NOT isTrial AND verdict <> 'error' ORDER BY id DESC LIMIT ?
          """, arguments: [bundle, time, limit]
      ).map { (verdict: $0["verdict"], score: $0["score"], featureDistance: $0["featureDistance"]) }
    }
  }

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
        Correction(time: $0["time"], verdict: $0["verdict"], class: $0["class"], note: $0["note"])
      }
    }
  }
}
