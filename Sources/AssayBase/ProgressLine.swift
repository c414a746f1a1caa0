/// A step of work as one line of a terminal, drawn over and over in the same place.
///
/// ```
/// features    ████████████················ 1120/2624  12 s left
/// fold 2      ████████···· 96/240  4 min left  epoch 3/12, loss 0.1042, validation 98.21 %, 61 images/s
/// ```
///
/// A line that is longer than the terminal is wide goes on in the next row, and is drawn anew below instead of in its place.
/// So it is laid out for the columns that there are: the bar becomes shorter first, then the note, then the name.
package struct ProgressLine: Sendable {
  package var name: String
  package var done: Int
  /// 1 or more.
  package var total: Int
  /// How long it will take yet, or has taken.
  package var time: String
  package var note: String?

  package init(name: String, done: Int, total: Int, time: String, note: String? = nil) {
    self.name = name
    self.done = done
    self.total = total
    self.time = time
    self.note = note
  }

  private static let longestBar = 28
  /// The bar's length is a multiple of it, so that it does not tremble with the note.
  private static let barStep = 4
  private static let nameColumns = 11

  private var count: String { "\(done)/\(total)  \(time)" }

  /// Whether a terminal shows the name whole.
  /// - Parameter columns: of the terminal.
  package func fitsName(columns: Int) -> Bool { TextColumns.count(name) + 1 + TextColumns.count(count) < columns }

  /// The line in at most `columns - 1` columns: with the last one some terminals begin the next row.
  package func text(columns: Int) -> String {
    let room = max(1, columns - 1)
    let nameRoom = room - 1 - TextColumns.count(count)
    guard nameRoom > 0 else { return TextColumns.cut(count, to: room) }
    let name = TextColumns.cut(name, to: nameRoom)
    let padded = TextColumns.padded(name, to: min(Self.nameColumns, nameRoom)) + " "
    let rest = room - TextColumns.count(padded) - TextColumns.count(count)
    let noteColumns = note.map { TextColumns.count($0) + 2 } ?? 0
    let bar = bar(columns: rest - noteColumns)
    let note = note.flatMap { note -> String? in
      let columns = rest - TextColumns.count(bar) - 2
      return columns < min(8, TextColumns.count(note)) ? nil : "  " + TextColumns.cut(note, to: columns)
    }
    return padded + bar + count + (note ?? "")
  }

  /// With a space behind it; empty when there is no room for one.
  private func bar(columns: Int) -> String {
    let length = min(Self.longestBar, (columns - 1) / Self.barStep * Self.barStep)
    guard length > 0 else { return "" }
    let filled = Int((Double(length) * min(1, max(0, Double(done) / Double(max(1, total))))).rounded(.down))
    return String(repeating: "█", count: filled) + String(repeating: "·", count: length - filled) + " "
  }
}
