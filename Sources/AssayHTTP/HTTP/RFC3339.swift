import Foundation

/// Times as texts: `2026-11-30T14:00:00Z`, with parts of a second or another offset if wanted (RFC 3339). Without an offset
/// a time says nothing, so it is not read.
package enum RFC3339 {
  /// Seconds since 1970 of the years that four digits can say.
  static let span = -62_167_219_200.0...253_402_300_799.999_9

  /// nil when the text is no such time.
  package static func seconds(_ text: String) -> Double? {
    var rest = Array(text.utf8)[...]
    func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
      guard rest.count >= digits, rest.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      let value = rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
      rest = rest.dropFirst(digits)
      return range.contains(value) ? value : nil
    }
    func skip(_ characters: String) -> Bool {
      guard let next = rest.first, characters.utf8.contains(next) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4, 0...9999), skip("-"), let month = number(2, 1...12), skip("-"),
      let day = number(2, 1...31), day <= days(in: month, of: year), skip("Tt "), let hour = number(2, 0...23),
      skip(":"),
      let minute = number(2, 0...59), skip(":"), let second = number(2, 0...59)
    else { return nil }
    var fraction = 0.0
    if skip(".") {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty, let value = Double("0." + String(decoding: digits, as: UTF8.self)) else { return nil }
      fraction = value
      rest = rest.dropFirst(digits.count)
    }
    var offset = 0
    if !skip("Zz") {
      // A plus that was sent as it is has become a space.
      let isBehind = rest.first == UInt8(ascii: "-")
      guard skip("+- "), let hours = number(2, 0...23), skip(":"), let minutes = number(2, 0...59) else { return nil }
      offset = (hours * 60 + minutes) * (isBehind ? -60 : 60)
    }
    guard rest.isEmpty else { return nil }
    let days = days(before: year, month) + day - 1
    return Double(days * 86_400 + hour * 3600 + minute * 60 + second - offset) + fraction
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 to the first of a month in the Gregorian calendar.
  private static func days(before year: Int, _ month: Int) -> Int {
    let years = year - 1
    // Leap days of all years before this one, less those before 1970.
    func floor(_ value: Int, _ divisor: Int) -> Int {
      value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }
    let leaps = floor(years, 4) - floor(years, 100) + floor(years, 400) - 477
    return (year - 1970) * 365 + leaps + (1..<month).reduce(0) { $0 + days(in: $1, of: year) }
  }
}
