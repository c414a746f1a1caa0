import AssayRecord
import Foundation
import Testing

@Suite struct RecordCSVTests {
  /// Reads a table as RFC 4180 says: fields between separators, quoted ones with doubled quotes, CRLF behind each line.
  private static func read(_ bytes: [UInt8], separator: Character = ",") throws -> [[String]] {
    var text = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(Character.init)[...]
    try #require(text.first == "\u{FEFF}")
    text = text.dropFirst()
    var (rows, row, field): ([[String]], [String], String) = ([], [], "")
    while let character = text.popFirst() {
      if character == "\"", field.isEmpty {
        while let inner = text.popFirst() {
          if inner == "\"" {
            guard text.first == "\"" else { break }
            text = text.dropFirst()
          }
          field.append(inner)
        }
      } else if character == separator {
        row.append(field)
        field = ""
      } else if character == "\r", text.first == "\n" {
        text = text.dropFirst()
        rows.append(row + [field])
        (row, field) = ([], "")
      } else {
        field.append(character)
      }
    }
    #expect(row.isEmpty && field.isEmpty, "the last line ends")
    return rows
  }

  private static func table(
    _ entries: [InspectionEntry], _ csv: RecordCSV, corrections: [(Int64, Correction)] = []
  ) async throws -> [UInt8] {
    let fixture = Fixture()
    let record = try InspectionRecord(folder: fixture.folder)
    for entry in entries { _ = await record.append(entry) }
    for (id, correction) in corrections { #expect(try record.correct(id, correction)) }
    let records = try record.search(RecordQuery())
    record.close()
    return csv.opening + csv.lines(records.reversed())
  }

  private static let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt

  /// Whatever a text holds comes back; what a spreadsheet would calculate has an apostrophe before it.
  @Test func textsComeBack() async throws {
    let serials = [
      "plain", "a,b", "a;b", "say \"x\"", "two\r\nlines", "prüf 7 ✓", " blank", "", "'quoted",
      "=1+1", "+49", "-5", "@SUM(A1)", "\t=1", "\r=1", "\u{FF1D}1", "\u{FF0B}1", "\u{FF0D}1", "\u{FF20}1",
      "=HYPERLINK(\"http://evil.example\",\"x\")",
    ]
    let entries = serials.enumerated().map { index, serial in
      var entry = Fixture.entry(index)
      entry.serial = serial
      return entry
    }
    for separator in RecordCSV.Separator.allCases {
      let bytes = try await Self.table(entries, RecordCSV(zone: .gmt, separator: separator))
      let rows = try Self.read(bytes, separator: separator == .comma ? "," : ";")
      let column = try #require(rows[0].firstIndex(of: "serial"))
      #expect(rows.dropFirst().map { $0[column] } == serials.enumerated().map { $0 < 9 ? $1 : "'" + $1 })
      #expect(rows.allSatisfy { $0.count == rows[0].count })
    }
  }

  /// Numbers and times as they are: the time by the clocks of the zone, summer and winter, and in UTC.
  @Test func numbersAndTimes() async throws {
    // GNU date: `date -d @1796047200.25 -u`, and with TZ=Europe/Berlin; the other is in July.
    var (winter, summer) = (Fixture.entry(1), Fixture.entry(2))
    (winter.time, winter.score, winter.featureDistance) = (1_796_047_200.25, -1.5e-7, nil)
    (summer.time, summer.isTrial, summer.image) = (1_783_000_799.999, true, [1])
    let note = Correction(time: 1_796_047_260, verdict: nil, class: "scratch", note: "-dust, \"old\"")
    for separator in RecordCSV.Separator.allCases {
      let bytes = try await Self.table(
        [winter, summer], RecordCSV(zone: Self.berlin, separator: separator), corrections: [(1, note)])
      let rows = try Self.read(bytes, separator: separator == .comma ? "," : ";")
      func field(_ row: Int, _ name: String) throws -> String { rows[row][try #require(rows[0].firstIndex(of: name))] }
      #expect(try field(1, "time") == "2026-11-30 15:00:00" && field(1, "timeUTC") == "2026-11-30T14:00:00.250Z")
      #expect(try field(2, "time") == "2026-07-02 15:59:59" && field(2, "timeUTC") == "2026-07-02T13:59:59.999Z")
      #expect(try field(1, "score") == (separator == .comma ? "-1.5e-07" : "-1,5e-07"))
      #expect(try field(1, "featureDistance") == "" && field(1, "id") == "1" && field(2, "id") == "2")
      #expect(try field(1, "isTrial") == "false" && field(2, "isTrial") == "true" && field(2, "hasImage") == "true")
      #expect(try field(1, "correctionTime") == "2026-11-30 15:01:00" && field(1, "correctionVerdict") == "")
      #expect(try field(1, "correctionNote") == "'-dust, \"old\"" && field(2, "correctionClass") == "")
    }
    #expect(RecordCSV.fileTime(1_796_047_200, Self.berlin) == "2026-11-30-1500")
  }

  /// Days of 800 years, leap days among them, against the calendar.
  @Test func datesAreThoseOfTheCalendar() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    for time in stride(from: -11_676_096_000.0, to: 13_569_465_600, by: 86_400 * 37) {
      let parts = calendar.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: time))
      let expected = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
      #expect(RecordCSV.fileTime(time, .gmt).hasPrefix(expected), "\(time)")
    }
    #expect(RecordCSV(zone: .gmt).opening.starts(with: [0xEF, 0xBB, 0xBF]))
  }
}
