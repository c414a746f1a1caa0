import AssayStation
import Foundation
import Testing

@Suite struct StationDateTests {
  /// By Python 3.13's zoneinfo: `datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()` and so on.
  @Test(arguments: [
    ("2026-11-30", 1_795_993_200.0, 1_796_079_600.0), ("2026-03-29", 1_774_738_800, 1_774_821_600),
    ("2026-11-30T06:00", 1_796_014_800, 1_796_014_800), ("2026-11-30 06:00:07", 1_796_014_807, 1_796_014_807),
    ("2026-07-01T00:00", 1_782_856_800, 1_782_856_800), ("2024-02-29", 1_709_161_200, 1_709_247_600),
  ]) func daysAndMinutes(_ text: String, _ start: Double, _ end: Double) throws {
    let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
    let date = try #require(StationDate(text, in: zone), "\(text)")
    #expect(date.start == start && date.end == end, "\(text): \(date)")
  }

  @Test func whatIsNoDate() {
    for text in [
      "", "2026", "2026-11", "2026-11-31", "2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "2026-11-30T",
      "2026-11-30T24:00", "2026-11-30T06", "2026-11-30T06:60", "2026-11-30T06:00Z", "2026-11-30T06:00:00+01:00",
      "2026-11-30x", "26-11-30", "２０２６-11-30", "1796014800",
    ] { #expect(StationDate(text, in: .gmt) == nil, "\(text)") }
  }
}
