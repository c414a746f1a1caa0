/// Rows of cells as aligned columns, for a terminal.
package enum TextTable {
  /// - Parameters:
  ///   - rows: of the same number of cells.
  ///   - right: columns aligned to the right; the others are to the left.
  package static func lines(_ rows: [[String]], right: Set<Int> = []) -> [String] {
    let rows = rows.map { $0.map(VisibleText.escaped) }
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return right.contains(column) ? space + cell : cell + space
      }.joined(separator: "  ")
    }
  }
}
