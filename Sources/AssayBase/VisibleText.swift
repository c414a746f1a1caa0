/// Names and texts from outside, as a person may be shown them.
///
/// A file, a class, a serial number or an error may hold line breaks, escape sequences of terminals, or marks that turn the
/// direction of writing, so that a line says what nobody wrote: `a\npart-1.png: GOOD.png` is two lines on a terminal, the
/// second of them a lie. Everything that is shown to people passes through here; documents for programs (JSON, CSV) keep
/// names as they are.
package enum VisibleText {
  /// The text on one line, with everything escaped that is not seen, that breaks a line or that changes what stands beside
  /// it: `a\x0Apart-1.png`, `\x1B[2J`, `\u{202E}gnp.exe`.
  ///
  /// What is escaped already stays as it is.
  package static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    return text.unicodeScalars.reduce(into: "") { shown, scalar in
      if isHidden(scalar) { shown += escape(scalar) } else { shown.unicodeScalars.append(scalar) }
    }
  }

  /// The same for a text of several lines, whose breaks are meant: `\n` stays.
  package static func escapedLines(_ text: String) -> String {
    text.split(separator: "\n" as Character, omittingEmptySubsequences: false).map { escaped(String($0)) }
      .joined(separator: "\n")
  }

  /// Whether a scalar is escaped: by the Unicode Standard's general categories control (C0, C1, DEL), format (marks of
  /// direction, zero-width characters, tags), line and paragraph separator, and whatever else is not drawn by default, save
  /// the selectors of a variant, which change the look of the character before them only.
  package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value < 0x20 }
    if scalar.value < 0xA0 { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return scalar.properties.isDefaultIgnorableCodePoint && !scalar.properties.isVariationSelector
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return scalar.value < 0x100 ? "\\x" + (digits.count == 1 ? "0" : "") + digits : "\\u{\(digits)}"
  }
}
