/// What a terminal shows of what was written to it, by the rules of ECMA-48 as terminals have them that break lines anew when
/// their width changes: a logical line takes as many rows as it needs, and the cursor stays at its character.
///
/// There are no bounds above and below, and it knows only what `assay` may use: carriage return, line feed, erase to the end of
/// line or screen, and colours, which it takes away.
struct ScreenModel {
  private(set) var lines: [[Character]] = [[]]
  /// Cursor: a logical line, and columns from its beginning.
  private var line = 0
  private var column = 0
  var width: Int
  /// Commands that it does not know.
  private(set) var strange: [String] = []
  /// How often a line was erased, which is how often one was drawn in place.
  private(set) var erasures = 0
  private var pending = ""

  init(width: Int) { self.width = width }

  var text: [String] { lines.map { String($0.filter { $0 != Self.second }) } }

  /// The second column of a character that takes two.
  private static let second: Character = "\u{0}"

  mutating func write(_ text: String) {
    for scalar in text.unicodeScalars {
      if !pending.isEmpty || scalar == "\u{1B}" {
        pending.unicodeScalars.append(scalar)
        if pending.count > 2, ("@"..."~").contains(scalar) {
          command(pending)
          pending = ""
        }
        continue
      }
      switch scalar {
      case "\r": column -= column % width
      case "\n": feed()
      default: put(Character(scalar))
      }
    }
  }

  private mutating func feed() {
    let next = column - column % width + width
    if next < lines[line].count {
      column = next
    } else {
      if line + 1 == lines.count { lines.append([]) }
      line += 1
      column = 0
    }
  }

  private mutating func put(_ character: Character) {
    // Of what these tests write: everything from the Korean letters on is wide, and the bar is not.
    let isWide =
      character.unicodeScalars.first.map { $0.value >= 0x1100 && !(0x2000...0x2E7F).contains($0.value) } ?? false
    while lines[line].count < column + (isWide ? 2 : 1) { lines[line].append(" ") }
    lines[line][column] = character
    if isWide { lines[line][column + 1] = Self.second }
    column += isWide ? 2 : 1
  }

  private mutating func command(_ sequence: String) {
    switch sequence {
    case "\u{1B}[J":
      erasures += 1
      lines[line].removeLast(max(0, lines[line].count - column))
      lines.removeLast(lines.count - line - 1)
    case "\u{1B}[K": lines[line].removeLast(max(0, lines[line].count - column))
    default: if sequence.last != "m" { strange.append(sequence) }
    }
  }
}
