/// What the command line asks for: `MODE DATA [DRAWS [IMAGES...]]`.
struct Arguments {
  enum Mode: String { case alarms, trained, detect }

  let mode: Mode
  let data: String
  let draws: Int
  let sizes: [Int]

  static let usage = "usage: DriftBenchmark alarms|trained|detect DATA [DRAWS [IMAGES...]]"

  init?(_ words: [String]) {
    guard words.count >= 2, let mode = Mode(rawValue: words[0]) else { return nil }
    self.mode = mode
    data = words[1]
    let numbers = words.dropFirst(2).compactMap(Int.init)
    guard numbers.count == words.count - 2, numbers.allSatisfy({ $0 > 0 }) else { return nil }
    draws = numbers.first ?? (mode == .alarms ? 5000 : 10)
    sizes = numbers.count > 1 ? Array(numbers.dropFirst()) : mode == .alarms ? [60, 100, 300] : [60, 100]
  }
}
