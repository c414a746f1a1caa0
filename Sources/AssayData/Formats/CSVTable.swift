/// Comma-separated values as RFC 4180 has them: quoted fields with commas, quotes and line breaks; CR, LF or both; a
/// byte order mark is skipped. Where the first line has no comma, semicolons or tabs divide, as spreadsheets write them.
package struct CSVTable {
  package struct Row {
    /// 1-based line on which the row begins.
    let line: Int
    let fields: [String]
  }

  package private(set) var rows: [Row] = []
  /// The line on which a quote opens that is never closed, and swallows what follows.
  private(set) var unclosedLine: Int?
  /// Whether the last line ends with a line break; without it the file may have been cut.
  private(set) var isEnded = true

  /// - Throws: ``DataError`` for a quote that is not closed.
  package static func checked(_ text: String, path: String) throws(DataError) -> CSVTable {
    let table = CSVTable(text)
    if let line = table.unclosedLine {
      throw DataError(
        path: "\(path):\(line)", cause: "a quote opens and is never closed",
        remedy: "close it, or double it inside a field")
    }
    return table
  }

  init(_ text: String) {
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var line = 1
    var rowLine = 1
    var quoteLine = 1
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    let head = scalars.prefix { $0 != "\n" && $0 != "\r" }
    let separator: Unicode.Scalar =
      head.contains(",") ? "," : head.contains(";") ? ";" : head.contains("\t") ? "\t" : ","
    var index = 0
    func finishRow(_ rows: inout [Row]) {
      rows.append(Row(line: rowLine, fields: fields + [field]))
      fields = []
      field = ""
    }
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      index += 1
      if scalar == "\n" || (scalar == "\r" && next != "\n") { line += 1 }
      if isQuoted {
        if scalar == "\"", next == "\"" {
          field.unicodeScalars.append(scalar)
          index += 1
        } else if scalar == "\"" {
          isQuoted = false
        } else {
          field.unicodeScalars.append(scalar)
        }
      } else if scalar == "\"", field.isEmpty {
        isQuoted = true
        quoteLine = line
      } else if scalar == separator {
        fields.append(field)
        field = ""
      } else if scalar == "\n" || scalar == "\r" {
        if scalar == "\r", next == "\n" { continue }
        finishRow(&rows)
        rowLine = line
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    if isQuoted { unclosedLine = quoteLine }
    isEnded = field.isEmpty && fields.isEmpty && !isQuoted
    if !isEnded { finishRow(&rows) }
  }
}
