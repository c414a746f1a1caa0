import AssayBase
import AssayData
import AssayTestSupport
import Testing

@Suite struct VisibleTextTests {
  /// C0, DEL, C1, U+2028/9, the marks, embeddings, overrides and isolates of the Bidirectional Algorithm (UAX #9, table 1),
  /// and characters without width: none of them reaches a terminal.
  @Test(arguments: [
    Array(0...0x1F), [0x7F], Array(0x80...0x9F), [0x2028, 0x2029], [0x061C, 0x200E, 0x200F], Array(0x202A...0x202E),
    Array(0x2066...0x2069), [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x180E], [0x115F, 0x3164, 0xE0041],
  ])
  func whatIsNotSeenIsEscaped(_ values: [Int]) {
    for scalar in values.compactMap({ Unicode.Scalar(UInt32($0)) }) {
      let shown = VisibleText.escaped("a\(Character(scalar))b")
      #expect(shown.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) }, "\(scalar.value)")
      #expect(shown.hasPrefix("a\\") && shown.hasSuffix("b"))
    }
  }

  @Test func theForms() {
    #expect(VisibleText.escaped("a\npart-1.png: GOOD.png") == "a\\x0Apart-1.png: GOOD.png")
    #expect(VisibleText.escaped("\u{1B}[2J\u{9B}m") == "\\x1B[2J\\x9Bm")
    #expect(VisibleText.escaped("part\u{202E}gnp.exe") == "part\\u{202E}gnp.exe")
    #expect(VisibleText.escaped("a\r\nb") == "a\\x0D\\x0Ab", "which Swift takes for one character")
    #expect(VisibleText.escapedLines("one\ntwo\r\nthree\u{85}") == "one\ntwo\\x0D\\x0Athree\\x85")
  }

  /// What people write stays as it is, in every script, and what is escaped already does.
  @Test(arguments: ["Prüfling 7.png", "部品-3.png", "חלק.png", "деталь", "é", "⚙️ 7", "a\\x0Ab", "\\", ""])
  func whatIsSeenStays(_ text: String) { #expect(VisibleText.escaped(text) == text) }

  /// Classes are folders, which are called as somebody liked.
  @Test func aSurveyHasNoLinesOfItsOwn() throws {
    let folder = TemporaryFolder()
    folder.picture("good/1.png", seed: 1)
    folder.picture("bad\nWarnings:\n  none\u{1B}[2J/2.png", seed: 2)
    let text = DataSurvey.run(try DatasetReader.read(folder.path)).text
    #expect(!text.contains("\u{1B}") && text.split(separator: "\n").count { $0.hasPrefix("Warnings:") } <= 1)
    #expect(text.contains("bad\\x0AWarnings:\\x0A  none\\x1B[2J"))
  }
}
