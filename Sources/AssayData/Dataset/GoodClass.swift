import Foundation

/// Names by which good parts are known in data sets and on shop floors.
///
/// Only what is safe is recognised: a name that is negated (`not_ok`, `不合格`, `non conforme`) never is, and where two
/// names could both mean good, neither does.
enum GoodClass {
  /// What images are called on which nothing is marked.
  static let standard = "good"

  /// Which of some classes is good.
  enum Finding: Equatable {
    case found(String)
    /// As a clause that says why.
    case unknown(String)
  }

  static func find(in classes: [String]) -> String? {
    if case .found(let name) = finding(in: classes) { name } else { nil }
  }

  static func finding(in classes: [String]) -> Finding {
    let good = classes.filter(isGood)
    if good.count == 1 { return .found(good[0]) }
    guard good.isEmpty else { return .unknown("\(good.joined(separator: " and ")) could both mean good") }
    guard !classes.isEmpty else { return .unknown("there are no classes") }
    if classes.allSatisfy({ Double($0.trimmingCharacters(in: .whitespaces)) != nil }) {
      return .unknown("the classes are numbers, which do not say what is good")
    }
    return .unknown("none of \(Wording.list(classes, first: 8)) is a name that is known to mean good")
  }

  static func isGood(_ name: String) -> Bool {
    let words = words(name)
    guard !words.isEmpty else { return false }
    if GoodWords.phrases.contains(words.joined(separator: "_")) { return true }
    let telling = words.filter { !GoodWords.neutral.contains($0) && Int($0) == nil }
    if GoodWords.phrases.contains(telling.joined(separator: "_")) { return true }
    return isWithoutDefect(telling)
  }

  /// `no_defect`, `crack-free`, `ohne Fehler`.
  private static func isWithoutDefect(_ words: [String]) -> Bool {
    guard words.count >= 2 else { return false }
    let rest = words.filter { !["of", "from", "de", "any", "a"].contains($0) }
    guard rest.count == 2 else { return false }
    if GoodWords.without.contains(rest[0]), GoodWords.defects.contains(rest[1]) { return true }
    if GoodWords.free.contains(rest[1]), GoodWords.defects.contains(rest[0]) { return true }
    return GoodWords.free.contains(rest[0]) && GoodWords.defects.contains(rest[1])
  }

  /// Lower case, divided at what is no letter or digit, and at capitals inside (`NoDefect`).
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previous: Character?
    for character in name.precomposedStringWithCompatibilityMapping {
      // A mark that is left alone belongs to the letter before it.
      guard character.isLetter || character.isNumber else {
        if !word.isEmpty { words.append(word) }
        word = ""
        previous = nil
        continue
      }
      if let last = previous, last.isLowercase, character.isUppercase, !word.isEmpty {
        words.append(word)
        word = ""
      }
      word += character.lowercased()
      previous = character
    }
    return word.isEmpty ? words : words + [word]
  }
}
