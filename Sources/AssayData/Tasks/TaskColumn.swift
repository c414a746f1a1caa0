import Foundation

/// A column of a CSV manifest that holds the targets of one task: `label:NAME`, `level:NAME` or `score:NAME`. A plain
/// `label` beside such columns is a classification called `label`.
struct TaskColumn {
  let index: Int
  let name: String
  let kind: TaskDescription.Kind

  private static let prefixes: [(text: String, kind: TaskDescription.Kind)] = [
    ("label:", .classification), ("level:", .ordinal), ("score:", .real),
  ]

  /// Whether a title (in lower case) names a task.
  static func isTask(_ title: String) -> Bool { prefixes.contains { title.hasPrefix($0.text) } }

  /// The tasks of a header, in its order; empty when it has plain labels only.
  /// - Throws: ``DataError`` when a name cannot be used or occurs twice.
  static func find(in header: [String], file: String) throws(DataError) -> [TaskColumn] {
    var columns: [TaskColumn] = []
    var hasNamed = false
    for (index, field) in header.enumerated() {
      let title = field.trimmingCharacters(in: .whitespaces)
      guard let prefix = prefixes.first(where: { title.lowercased().hasPrefix($0.text) }) else {
        if title.lowercased() == "label" {
          columns.append(TaskColumn(index: index, name: "label", kind: .classification))
        }
        continue
      }
      let name = title.dropFirst(prefix.text.count).trimmingCharacters(in: .whitespaces)
      guard TaskDescription.isUsable(name: name) else {
        throw DataError(
          path: file, cause: "the column \(title) names its task \(name.isEmpty ? "not at all" : "\"\(name)\"")",
          remedy: "name it with letters, digits, _ and -, e.g. \(prefix.text)defect")
      }
      columns.append(TaskColumn(index: index, name: name, kind: prefix.kind))
      hasNamed = true
    }
    for (position, column) in columns.enumerated()
    where columns[..<position].contains(where: { $0.name == column.name }) {
      throw DataError(
        path: file, cause: "two columns are about the task \(column.name)", remedy: "give each task a name of its own")
    }
    return hasNamed ? columns : []
  }

  /// - Returns: nil for a number that cannot be read.
  func target(_ text: String) -> TaskTarget? {
    guard kind != .classification else { return .label(text) }
    guard let value = Double(text), value.isFinite else { return nil }
    return .value(value)
  }
}
