import AssayStation
import Foundation
import Hummingbird

/// A request's query, read as browsers and scripts write it (`application/x-www-form-urlencoded`: a plus is a space), each
/// value within its range. What is wrong is 400 with the parameter's name, what was found and what is expected.
struct QueryParameters {
  private let pairs: [(name: String, value: String)]

  /// - Throws: ``HTTPFailure`` 400 when it is not UTF-8 in percent encoding, or names a parameter twice.
  init(_ request: Request) throws(HTTPFailure) { try self.init(request.uri.query ?? "") }

  init(_ query: String) throws(HTTPFailure) {
    var pairs: [(name: String, value: String)] = []
    for item in query.split(separator: "&") {
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        $0.replacing("+", with: " ").removingPercentEncoding
      }
      guard let name = sides[0], let value = sides.count > 1 ? sides[1] : "" else {
        throw HTTPFailure(.badRequest, "the query is not UTF-8 in percent encoding; write % itself as %25")
      }
      guard !pairs.contains(where: { $0.name == name }) else {
        throw HTTPFailure(.badRequest, "the query parameter \(Self.quoted(name)) is given twice")
      }
      pairs.append((name, value))
    }
    self.pairs = pairs
  }

  /// - Throws: ``HTTPFailure`` 400 for a parameter that is not known.
  func check(known: [String]) throws(HTTPFailure) {
    guard let unknown = pairs.first(where: { !known.contains($0.name) }) else { return }
    let list = known.isEmpty ? "this address knows none" : "known are \(known.joined(separator: ", "))"
    throw HTTPFailure(.badRequest, "there is no query parameter \(Self.quoted(unknown.name)); \(list)")
  }

  subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

  /// nil when it is not given, or empty as forms send it.
  func text(_ name: String, bytes: Int = 200) throws(HTTPFailure) -> String? {
    guard let value = self[name], !value.isEmpty else { return nil }
    guard value.utf8.count <= bytes, !value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw HTTPFailure(.badRequest, "\(name) has at most \(bytes) bytes and no control characters")
    }
    return value
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Choice.Type
  ) throws(HTTPFailure) -> Choice? where Choice.RawValue == String {
    guard let value = self[name], !value.isEmpty else { return nil }
    guard let choice = Choice(rawValue: value) else {
      throw wrong(name, value, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// `?map` alone is true.
  func flag(_ name: String) throws(HTTPFailure) -> Bool? {
    guard let value = self[name] else { return nil }
    switch value {
    case "", "1", "true": return true
    case "0", "false": return false
    default: throw wrong(name, value, "true or false, 1 or 0")
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int64>) throws(HTTPFailure) -> Int64? {
    guard let value = self[name] else { return nil }
    guard let number = Int64(value), range.contains(number) else {
      let limits = range.upperBound == .max ? "from \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      throw wrong(name, value, "a whole number, \(limits)")
    }
    return number
  }

  /// Seconds since 1970, from a number or from `2026-11-30T14:00:00Z`, with parts of a second or another offset if wanted.
  func time(_ name: String) throws(HTTPFailure) -> Double? {
    guard let value = self[name] else { return nil }
    guard let seconds = Double(value) ?? RFC3339.seconds(value), RFC3339.span.contains(seconds) else {
      throw wrong(
        name, value, "seconds since 1970, or a date, a time and an offset like 2026-11-30T14:00:00Z (a + as %2B)")
    }
    return seconds
  }

  /// As ``time(_:)``, or a day or a minute by the station's clocks.
  /// - Parameter isEnd: a day alone is meant whole, so that its end counts.
  func time(_ name: String, by zone: TimeZone, isEnd: Bool) throws(HTTPFailure) -> Double? {
    guard let value = self[name], let date = StationDate(value, in: zone) else { return try time(name) }
    return isEnd ? date.end : date.start
  }

  /// Several values with commas between them.
  func choices<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Choice.Type
  ) throws(HTTPFailure) -> [Choice]? where Choice.RawValue == String {
    guard let value = self[name], !value.isEmpty else { return nil }
    var choices: [Choice] = []
    for text in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let choice = Choice(rawValue: String(text)) else {
        throw wrong(
          name, value, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), or several with commas")
      }
      choices.append(choice)
    }
    return choices
  }

  private func wrong(_ name: String, _ value: String, _ expected: String) -> HTTPFailure {
    HTTPFailure(.badRequest, "\(name) is \(Self.quoted(value)), expected \(expected)")
  }

  private static func quoted(_ text: String) -> String {
    "\"" + String(text.unicodeScalars.prefix(60).map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) }) + "\""
  }
}
