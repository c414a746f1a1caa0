/// How many columns of a terminal a text takes: what is written in Chinese, Japanese or Korean takes two for each character.
package enum TextColumns {
  /// Columns of a text on one line, as ``VisibleText/escaped(_:)`` gives it.
  package static func count(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + count($1) } }

  /// Columns of one character: 2 for East Asian Width wide and fullwidth (Unicode Standard Annex 11) and for pictures, 0 for
  /// marks above or below another character, else 1. Where terminals differ (marks that follow, selectors of a picture) it is
  /// what the wider ones take, so that a line is never longer than it was taken for.
  package static func count(_ character: Character) -> Int {
    let scalars = character.unicodeScalars
    let sum = scalars.reduce(0) { $0 + count($1) }
    return scalars.contains("\u{FE0F}") ? max(2, sum) : sum
  }

  /// The text, or what fits of it with `…` in the place of the rest.
  package static func cut(_ text: String, to columns: Int) -> String {
    guard count(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var (kept, used) = ("", 0)
    for character in text {
      let width = count(character)
      guard used + width <= columns - 1 else { break }
      kept.append(character)
      used += width
    }
    return kept + "…"
  }

  /// The text with spaces behind it.
  package static func padded(_ text: String, to columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - count(text)))
  }

  private static func count(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    // Of the two halves of a flag each counts one.
    if (0x1F1E6...0x1F1FF).contains(scalar.value) { return 1 }
    // Vowels and finals that join a Korean syllable.
    if (0x1160...0x11FF).contains(scalar.value) { return 0 }
    return scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// Wide and fullwidth without pictures, blocks as a whole:
  /// `[c for c in range(0x110000) if unicodedata.east_asian_width(chr(c)) in "WF"]`.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6,
    0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD,
  ]
}
