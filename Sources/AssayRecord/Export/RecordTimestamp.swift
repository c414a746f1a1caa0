import Foundation

/// Times as texts of ASCII digits, whatever the machine's language.
enum RecordTimestamp {
  /// `2026-11-30 15:00:00` by the clocks of a zone, which spreadsheets take for a date.
  static func local(_ time: Double, _ zone: TimeZone) -> String {
    let seconds = whole(time)
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    return text(seconds + Int64(offset), between: " ")
  }

  /// `2026-11-30T14:00:00.250Z`.
  static func utc(_ time: Double) -> String {
    let seconds = whole(time)
    let thousandths = Int64(min(max((time - Double(seconds)) * 1000, 0), 999).rounded())
    return text(seconds, between: "T") + "." + padded(thousandths, 3) + "Z"
  }

  /// Of the years that four digits can say; another program may have written any number.
  private static func whole(_ time: Double) -> Int64 {
    Int64(min(max(time, -62_167_219_200), 253_402_300_799).rounded(.down))
  }

  private static func text(_ seconds: Int64, between: String) -> String {
    let day = Int64((Double(seconds) / 86_400).rounded(.down))
    let rest = seconds - day * 86_400
    let (year, month, dayOfMonth) = date(day)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))\(between)"
      + "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
  }

  /// The Gregorian date of a day since 1970: years begin in March, so that the leap day is their last.
  private static func date(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (cycle, first) = (146_097 as Int64, 719_468 as Int64)
    let shifted = day + first
    let era = (shifted >= 0 ? shifted : shifted - cycle + 1) / cycle
    let dayOfEra = shifted - era * cycle
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let isLate = month >= 10
    return (
      yearOfEra + era * 400 + (isLate ? 1 : 0), isLate ? month - 9 : month + 3, dayOfYear - (153 * month + 2) / 5 + 1
    )
  }

  private static func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
