package import Foundation

/// A moment as the people at the line read it off: by the station's time zone.
package struct StationTime: Sendable, Encodable, Equatable {
  /// Whole seconds since 1970, UTC.
  package let time: Double
  /// Name in the IANA's list, `Europe/Berlin`.
  package let zone: String
  /// Seconds by which the zone's clocks are ahead of UTC at that moment.
  package let offset: Int
  /// Seconds since 1970: the day at the station, from midnight (or when its clocks first show the day) up to but not
  /// including the next.
  package let dayStart: Double
  package let dayEnd: Double

  package init(_ date: Date = Date(), in zone: TimeZone) {
    time = date.timeIntervalSince1970.rounded(.down)
    self.zone = zone.identifier
    offset = zone.secondsFromGMT(for: date)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    if let day = calendar.dateInterval(of: .day, for: date) {
      dayStart = day.start.timeIntervalSince1970
      dayEnd = day.end.timeIntervalSince1970
    } else {
      // A day that the calendar does not know has 24 hours.
      let local = (time + Double(offset)) / 86_400
      dayStart = local.rounded(.down) * 86_400 - Double(offset)
      dayEnd = dayStart + 86_400
    }
  }
}
