public import Foundation

/// Inspections as comma-separated values (RFC 4180): a header, one record a line, CRLF behind each, UTF-8 with a mark at
/// the beginning, by which Excel knows the encoding.
///
/// A text that a spreadsheet would take for a formula (OWASP, "CSV Injection") has an apostrophe before it; numbers are
/// written as they are. Nothing is rounded.
public struct RecordCSV: Sendable {
  /// What stands between two fields.
  public enum Separator: String, Sendable, CaseIterable {
    /// With decimal points.
    case comma
    /// With decimal commas, as Excel expects both where a comma is the decimal mark.
    case semicolon
  }

  private let separator: Separator
  private let zone: TimeZone

  /// - Parameter zone: of the column `time`; `timeUTC` is in UTC.
  public init(zone: TimeZone, separator: Separator = .comma) {
    self.zone = zone
    self.separator = separator
  }

  private static let columns = [
    "id", "time", "timeUTC", "serial", "bundle", "bundleHash", "verdict", "class", "score", "threshold", "probability",
    "milliseconds", "isUncertain", "featureDistance", "imageHash", "width", "height", "hasImage", "isTrial",
    "correctionTime", "correctionVerdict", "correctionClass", "correctionNote",
    "brightness",
  ]

  /// The mark of UTF-8 and the names of the columns.
  public var opening: [UInt8] { Array("\u{FEFF}".utf8) + line(Self.columns.map(Field.text)) }

  /// A line for each record, in their order.
  public func lines(_ records: [RecordedInspection]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(records.count * 300)
    for record in records { bytes += line(fields(record)) }
    return bytes
  }

  /// `2026-11-30-1500`, for a file's name.
  public static func fileTime(_ time: Double, _ zone: TimeZone) -> String {
    let text = String(RecordTimestamp.local(time, zone).prefix(16))
    return text.replacing(" ", with: "-").replacing(":", with: "")
  }

  private enum Field {
    case text(String?)
    case number(Double?)
    case integer(Int64)
    case flag(Bool)
    /// Digits and marks of our own.
    case plain(String)
  }

  private func fields(_ record: RecordedInspection) -> [Field] {
    let correction = record.correction
    return [
      .integer(record.id), .plain(RecordTimestamp.local(record.time, zone)), .plain(RecordTimestamp.utc(record.time)),
      .text(record.serial), .text(record.bundle), .text(record.bundleHash), .text(record.verdict),
      .text(record.class), .number(record.score), .number(record.threshold), .number(record.probability),
      .number(record.milliseconds), .flag(record.isUncertain), .number(record.featureDistance),
      .text(record.imageHash), .integer(Int64(record.width)), .integer(Int64(record.height)),
      .flag(record.hasImage), .flag(record.isTrial),
      .plain(correction.map { RecordTimestamp.local($0.time, zone) } ?? ""), .text(correction?.verdict),
      .text(correction?.class), .text(correction?.note),
      .number(record.brightness),
    ]
  }

  private func line(_ fields: [Field]) -> [UInt8] {
    var text = ""
    for (index, field) in fields.enumerated() {
      if index > 0 { text += separator == .comma ? "," : ";" }
      text += written(field)
    }
    return Array((text + "\r\n").utf8)
  }

  private func written(_ field: Field) -> String {
    switch field {
    case .plain(let text): text
    case .integer(let value): String(value)
    case .flag(let value): value ? "true" : "false"
    case .number(let value):
      value.map { separator == .comma ? "\($0)" : "\($0)".replacing(".", with: ",") } ?? ""
    case .text(let text): text.map(Self.quoted) ?? ""
    }
  }

  /// Characters with which a spreadsheet begins a formula, and the full-width ones that some take for them.
  private static let formulaic: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
  ]

  private static func quoted(_ text: String) -> String {
    let isFormula = text.unicodeScalars.first.map(formulaic.contains) ?? false
    let text = isFormula ? "'" + text : text
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""), 0..<32: false
      default: true
      }
    }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
