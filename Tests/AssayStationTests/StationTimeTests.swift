import AssayStation
import Foundation
import Testing

@Suite struct StationTimeTests {
  /// Beginning and end of a day, by Python 3.13's zoneinfo:
  /// `datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()`, the same of the day after, noon's too, and
  /// noon's `utcoffset()`. Two days have 23 hours, one 25; in Santiago the missing hour is the first of the day.
  @Test(arguments: [
    ("Europe/Berlin", 1_774_738_800.0, 1_774_821_600.0, 1_774_778_400.0, 7200),
    ("Europe/Berlin", 1_792_879_200, 1_792_969_200, 1_792_926_000, 3600),
    ("Asia/Kolkata", 1_795_977_000, 1_796_063_400, 1_796_020_200, 19_800),
    ("America/Santiago", 1_788_667_200, 1_788_750_000, 1_788_706_800, -10_800),
    ("Pacific/Auckland", 1_795_950_000, 1_796_036_400, 1_795_993_200, 46_800),
  ]) func theDay(_ name: String, _ start: Double, _ end: Double, _ noon: Double, _ offset: Int) throws {
    let zone = try #require(TimeZone(identifier: name))
    for moment in [start, noon, end - 1] {
      let time = StationTime(Date(timeIntervalSince1970: moment), in: zone)
      #expect(time.dayStart == start && time.dayEnd == end, "\(name) \(moment): \(time)")
      #expect(time.zone == name && time.time == moment)
    }
    #expect(StationTime(Date(timeIntervalSince1970: noon), in: zone).offset == offset)
    #expect(StationTime(Date(timeIntervalSince1970: end), in: zone).dayStart == end)
  }
}
