import AssayBase
import Testing

@Suite struct TextColumnsTests {
  /// Unicode Standard Annex 11: W and F take two columns, all others one; marks and finals take none.
  /// `unicodedata.east_asian_width(c)` of Python 3.11 says W or F of the first list, and something else of the second.
  @Test func columns() {
    for character in "部品傷한글あカー。、（Ａ￥𠮷㈠⌚🀄🟢✅⭐" { #expect(TextColumns.count(character) == 2, "\(character)") }
    for character in "aé·█…±ﾊﾝｶｸ¥—“☎←░Жא" { #expect(TextColumns.count(character) == 1, "\(character)") }
    #expect(TextColumns.count("e\u{301}") == 1 && TextColumns.count("\u{301}") == 0)
    // What a Macintosh writes for 한: three letters that join.
    #expect(TextColumns.count("\u{1112}\u{1161}\u{11AB}") == 2)
    #expect(TextColumns.count("⚙\u{FE0F}") == 2 && TextColumns.count("🇩🇪") == 2)
    #expect(TextColumns.count("部品-3.png") == 10 && TextColumns.count("") == 0)
  }

  @Test func whatDoesNotFitIsCut() {
    #expect(TextColumns.cut("scratch", to: 7) == "scratch" && TextColumns.cut("scratch", to: 6) == "scrat…")
    #expect(TextColumns.cut("部品三", to: 6) == "部品三" && TextColumns.cut("部品三", to: 5) == "部品…")
    // A character of two columns is not halved.
    #expect(TextColumns.cut("部品三", to: 4) == "部…" && TextColumns.cut("部品", to: 1) == "…")
    #expect(TextColumns.cut("a", to: 0) == "")
    #expect(TextColumns.padded("部品", to: 6) == "部品  " && TextColumns.padded("scratch", to: 3) == "scratch")
  }
}

@Suite struct ProgressLineTests {
  private static let notes = [
    nil, "", "epoch 3/12, loss 0.1042, validation 98.21 %, 61 images/s", "很长的名字-wide-resnet50-2: features 1200 of 2624",
    String(repeating: "n", count: 300),
  ]

  /// Whatever is shown, in whatever terminal: never as many columns as there are, so that no terminal begins another row.
  @Test func theLineFits() {
    for name in ["head", "augmentation", "pixels 划痕划痕划痕", String(repeating: "x", count: 250)] {
      for note in Self.notes {
        for columns in 1...220 {
          let line = ProgressLine(name: name, done: 1234, total: 2624, time: "12 s left", note: note).text(
            columns: columns)
          #expect(TextColumns.count(line) <= max(1, columns - 1), "\(columns): \(line)")
          #expect(!line.contains("\n"))
        }
      }
    }
  }

  @Test func whatIsShown() {
    var line = ProgressLine(name: "features", done: 656, total: 2624, time: "12 s left")
    #expect(line.text(columns: 80) == "features    ███████····················· 656/2624  12 s left")
    #expect(line.text(columns: 50) == "features    ████············ 656/2624  12 s left")
    #expect(line.text(columns: 36) == "features    656/2624  12 s left")
    #expect(line.text(columns: 25) == "fea… 656/2624  12 s left")
    // A name is whole wherever it fits.
    line.name = "augmentation"
    #expect(
      line.text(columns: 80).hasPrefix("augmentation ███") && line.fitsName(columns: 33) && !line.fitsName(columns: 32))
    // The bar makes room for the note.
    line = ProgressLine(name: "fold 2", done: 96, total: 240, time: "4 min left", note: "epoch 3/12, loss 0.1042")
    #expect(
      line.text(columns: 100) == "fold 2      ███████████················· 96/240  4 min left  epoch 3/12, loss 0.1042")
    #expect(line.text(columns: 70) == "fold 2      ████········ 96/240  4 min left  epoch 3/12, loss 0.1042")
    #expect(line.text(columns: 50) == "fold 2      96/240  4 min left  epoch 3/12, loss…")
  }

  @Test func elapsed() {
    let texts = [0.04, 9.94, 9.96, 119, 120, 192, 3599, 3600, 7500, 90_000].map { ElapsedTime.text(seconds: $0) }
    #expect(
      texts == ["0.0 s", "9.9 s", "10 s", "119 s", "2 min", "3 min 12 s", "59 min 59 s", "1 h", "2 h 5 min", "25 h"])
  }
}
