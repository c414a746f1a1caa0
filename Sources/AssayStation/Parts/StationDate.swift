package import Foundation

/// A day, or a minute of it, as people write it: `2026-11-30`, `2026-11-30T06:00`, by the clocks of the station.
package struct StationDate: Sendable, Equatable {
  /// Seconds since 1970.
  package let start: Double
  /// Seconds since 1970, not included: the next day's beginning; as ``start`` where a time is given.
  package let end: Double

  /// nil for what is no such text, and for a day that the calendar does not have.
  package init?(_ text: String, in zone: TimeZone) {
    var rest = Substring(text)
    func number(_ digits: Int) -> Int? {
      let head = rest.utf8.prefix(digits)
      guard head.count == digits, head.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      defer { rest = rest.dropFirst(digits) }
      return Int(rest.prefix(digits))
    }
    func skip(_ characters: String) -> Bool {
      guard let next = rest.first, characters.contains(next) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4), year > 0, skip("-"), let month = number(2), skip("-"), let day = number(2) else {
      return nil
    }
    var (hour, minute, second) = (0, 0, 0)
    let hasTime = !rest.isEmpty
    if hasTime {
      guard skip("T "), let given = number(2), (0...23).contains(given), skip(":"), let minutes = number(2),
        (0...59).contains(minutes)
      else { return nil }
      (hour, minute) = (given, minutes)
      if skip(":") {
        guard let seconds = number(2), (0...59).contains(seconds) else { return nil }
        second = seconds
      }
      guard rest.isEmpty else { return nil }
    }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let noon = DateComponents(year: year, month: month, day: day, hour: 12)
    guard let middle = calendar.date(from: noon),
      calendar.dateComponents([.year, .month, .day], from: middle)
        == DateComponents(year: year, month: month, day: day)
    else { return nil }
    guard hasTime else {
      let time = StationTime(middle, in: zone)
      (start, end) = (time.dayStart, time.dayEnd)
      return
    }
    // An hour that the clocks skip is read as the one after it.
    let components = DateComponents(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard let date = calendar.date(from: components) else { return nil }
    start = date.timeIntervalSince1970
    end = start
  }
}
