import AssayBase

/// Named facts in two columns, for a terminal of 100 characters.
struct FactSheet {
  static let width = 100
  private static let margin = 14

  private(set) var lines: [String] = []

  /// - Parameter texts: each begins a line of its own, and goes on below it where it is too long.
  mutating func add(_ name: String, _ texts: [String]) {
    var label = name
    for text in texts {
      for line in Self.wrapped(VisibleText.escaped(text), to: Self.width - Self.margin) {
        lines.append(label + String(repeating: " ", count: max(1, Self.margin - label.count)) + line)
        label = ""
      }
    }
  }

  mutating func add(_ name: String, _ text: String?) { add(name, [text].compactMap { $0 }) }

  /// Words are kept whole where they fit a line.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      var word = String(word)
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      while word.count > width {
        lines.append(String(word.prefix(width)))
        word = String(word.dropFirst(width))
      }
      line += line.isEmpty ? word : " " + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
