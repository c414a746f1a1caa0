import AssayRecord
import Foundation

/// What a record should find, by going through a list: the definition of every question.
struct Model {
  var parts: [Int64: InspectionEntry] = [:]
  var corrections: [Int64: Correction] = [:]

  func search(_ query: RecordQuery) -> [Int64] {
    let found = parts.filter { id, part in
      let correction = corrections[id]
      let isReviewed =
        switch query.review {
        case nil: true
        case .open: part.isUncertain && correction == nil && !part.isTrial
        case .corrected: correction != nil
        case .disagreed:
          correction.map { $0.class != part.class || $0.verdict.map { $0 != part.verdict } ?? false } ?? false
        }
      return isReviewed
        && query.bundle.map { $0 == part.bundle } ?? true && query.verdicts.map { $0.contains(part.verdict) } ?? true
        && query.class.map { $0 == part.class } ?? true && query.isTrial.map { $0 == part.isTrial } ?? true
        && query.from.map { part.time >= $0 } ?? true && query.until.map { part.time < $0 } ?? true
        && query.before.map { id < $0 } ?? true && query.after.map { id > $0 } ?? true
        && query.serial.map { part.serial?.contains($0) ?? false } ?? true
    }
    return Array(found.keys.sorted(by: >).prefix(query.limit))
  }

  func counts(bundle: String?, since time: Double) -> [String: Int] {
    var counts: [String: Int] = [:]
    for part in parts.values
    where part.time >= time && bundle.map({ $0 == part.bundle }) ?? true && !part.isTrial && part.verdict != "error" {
      counts[part.verdict + " " + part.class, default: 0] += 1
    }
    return counts
  }

  /// Parts of all sorts, a minute apart; the clock is set twice.
  static func part(_ number: Int, _ random: inout some RandomNumberGenerator) -> InspectionEntry {
    let serials = ["A7-\(1000 + number)", "B9-\(number)", "prüf \(number)\"x", nil, "7", "A7-%\(number)"]
    let verdict = ["good", "good", "defect", "error"].randomElement(using: &random) ?? ""
    let jump = number < 200 ? 0.0 : number < 260 ? -3_000_000 : number < 300 ? 17_000_000 : 100_000
    var part = Fixture.entry(number, time: 1_760_000_000 + Double(number) * 59 + jump, verdict: verdict)
    part.serial = serials.randomElement(using: &random) ?? nil
    part.bundle = ["lid", "housing"].randomElement(using: &random) ?? ""
    part.class =
      ["good": "good", "error": ""][verdict] ?? ["scratch", "dent", "rare"].randomElement(using: &random) ?? ""
    part.isUncertain = Int.random(in: 0..<4, using: &random) == 0
    part.isTrial = Int.random(in: 0..<6, using: &random) == 0
    return part
  }

  /// A question of some of the fields.
  func question(_ random: inout some RandomNumberGenerator) -> RecordQuery {
    func perhaps<Value>(_ value: Value?) -> Value? { Int.random(in: 0..<3, using: &random) == 0 ? value : nil }
    var query = RecordQuery()
    query.bundle = perhaps(["lid", "housing", "none"].randomElement(using: &random))
    query.verdicts = perhaps(
      [["good"], ["defect"], ["error"], ["defect", "error"], ["never", "good"], []].randomElement(using: &random))
    query.class = perhaps(["good", "scratch", "rare", "never"].randomElement(using: &random))
    query.isTrial = perhaps(Bool.random(using: &random))
    query.serial = perhaps(
      ["A7-", "A7-11", "99", "7", "üf 1", "\"x", "%", "B9-1", "zzz", "a7-"].randomElement(using: &random))
    query.review = perhaps([.open, .corrected, .disagreed].randomElement(using: &random))
    let times = parts.values.map(\.time).sorted()
    query.from = perhaps(times.randomElement(using: &random))
    query.until = perhaps(times.randomElement(using: &random).map { $0 + 100 })
    query.before = perhaps(parts.keys.sorted().randomElement(using: &random))
    query.after = perhaps(parts.keys.sorted().randomElement(using: &random))
    query.limit = [1, 12, 500].randomElement(using: &random) ?? 1
    return query
  }
}

/// The same numbers on every machine: SplitMix64 (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
