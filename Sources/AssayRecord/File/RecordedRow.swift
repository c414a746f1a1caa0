import Foundation
import GRDB

/// Reads a row whose columns may hold anything: SQLite keeps a text where a number belongs, and other programs write too.
struct RecordedRow {
  let row: Row
  let path: String

  func optional<Value: DatabaseValueConvertible>(_ column: String, _ type: Value.Type = Value.self) throws(RecordError)
    -> Value?
  {
    let stored: DatabaseValue = row[column] ?? .null
    if stored.isNull { return nil }
    guard let value = Value.fromDatabaseValue(stored), (value as? Double)?.isFinite ?? true else {
      let number = (row["id"] as DatabaseValue?).map { " \($0)" } ?? ""
      throw RecordError(
        path: path, cause: "inspection\(number): \(column) is \(stored.description.prefix(60)), not a \(Value.self)",
        remedy: "another program has written it; restore it from a copy, or leave it: it is skipped",
        reason: .unreadableRow)
    }
    return value
  }

  func callAsFunction<Value: DatabaseValueConvertible>(_ column: String, _ type: Value.Type = Value.self)
    throws(RecordError) -> Value
  {
    guard let value = try optional(column, type) else {
      throw RecordError(
        path: path, cause: "inspection \(row["id"] as DatabaseValue? ?? .null): \(column) is empty",
        remedy: "another program has written it; restore it from a copy, or leave it: it is skipped",
        reason: .unreadableRow)
    }
    return value
  }
}

extension RecordedInspection {
  init(_ row: RecordedRow) throws(RecordError) {
    id = try row("id")
    time = try row("time")
    serial = try row.optional("serial")
    bundle = try row("bundle")
    bundleHash = try row("bundleHash")
    verdict = try row("verdict")
    `class` = try row("class")
    score = try row.optional("score")
    threshold = try row.optional("threshold")
    probability = try row.optional("probability")
    milliseconds = try row("milliseconds")
    isUncertain = try row("isUncertain")
    featureDistance = try row.optional("featureDistance")
    brightness = try row.optional("brightness")
    imageHash = try row("imageHash")
    width = try row("width")
    height = try row("height")
    hasHeat = try row("heatWidth", Int.self) > 0
    hasImage = try row("hasImage")
    isTrial = try row("isTrial")
    correction =
      try row.optional("correctionNumber", Int64.self) == nil ? nil : Correction(row, prefix: "correction")
  }
}

extension Correction {
  /// - Parameter prefix: of the columns' names, which go on with a capital; empty for the table's own.
  init(_ row: RecordedRow, prefix: String = "") throws(RecordError) {
    func name(_ column: String) -> String { prefix.isEmpty ? column : prefix + column.capitalized }
    self.init(
      time: try row(name("time")), verdict: try row.optional(name("verdict")), class: try row(name("class")),
      note: try row.optional(name("note")))
  }
}
