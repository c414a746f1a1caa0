import AssayMetrics
import AssayStation
import Foundation

/// What came of a stream of parts.
struct Alarms {
  /// Looks at drift, and those with an alarm.
  var looks = 0
  var alarms = 0
  /// Parts at the first alarm; nil for none.
  var first: Int?

  mutating func add(_ isAlarm: Bool, at parts: Int) {
    looks += 1
    guard isAlarm else { return }
    alarms += 1
    first = first ?? parts
  }

  /// As of now: all parts up to each look.
  static func now(_ count: Int, _ look: (Range<Int>) -> Bool) -> Alarms {
    var result = Alarms()
    for end in stride(from: DriftRule.few, through: count, by: DriftRule.step) {
      result.add(look(max(0, end - DriftMonitor.capacity)..<end), at: end)
    }
    return result
  }

  /// As it was: the latest 2,000, p below 0.001 and a statistic of 0.15, asked as often.
  static func before(_ values: [Double], _ reference: [Double]) -> Alarms {
    now(values.count) { range in
      guard let test = KolmogorovSmirnov(Array(values[range]), reference) else { return false }
      return test.pValue < 0.001 && test.statistic >= 0.15
    }
  }
}

/// Over many draws.
struct AlarmTable {
  private(set) var draws = 0
  private(set) var alarmed = 0
  private(set) var looks = 0
  private(set) var alarms = 0

  mutating func add(_ found: Alarms) {
    draws += 1
    if found.first != nil { alarmed += 1 }
    looks += found.looks
    alarms += found.alarms
  }

  mutating func add(_ other: AlarmTable) {
    draws += other.draws
    alarmed += other.alarmed
    looks += other.looks
    alarms += other.alarms
  }

  /// `share of the draws with an alarm (95 % interval), share of the looks`.
  var text: String {
    let share = Proportion.wilson(alarmed, of: draws)
    func percent(_ value: Double) -> String {
      (100 * value).formatted(.number.precision(.fractionLength(2)).locale(.init(identifier: "en")))
    }
    return "\(alarmed) of \(draws) = \(percent(Double(alarmed) / Double(max(1, draws)))) % "
      + "(\(percent(share?.low ?? 0)) ... \(percent(share?.high ?? 1)) %); "
      + "of \(looks) looks \(percent(Double(alarms) / Double(max(1, looks)))) %"
  }
}
