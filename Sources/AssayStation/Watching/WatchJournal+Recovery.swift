import AssayBase
import AssayData
import Foundation

extension WatchJournal {
  /// What a journal says of the pictures that are there now.
  struct Recovery {
    /// Results by name of the file.
    var results: [ExactName: Result] = [:]
    /// Those that could not be moved.
    var staying: Set<ExactName> = []
    /// Numbers of lines that are not understood, from 1.
    var damaged: [Int] = []
  }

  /// Reads what concerns the pictures that are there. A line that a crash has cut short is cut off: its picture has not
  /// been sorted.
  /// - Parameters:
  ///   - isAll: every result counts, since pictures stay where they are; else the last one, whose picture a crash may have
  ///     kept from being moved, and those of pictures that could not be moved.
  ///   - present: names in the folder.
  func recover(isAll: Bool, present: Set<ExactName>) throws(WorkflowError) -> Recovery {
    let data: Data
    // Mapped: a journal of years is larger than what is needed of it.
    do { data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
      throw WorkflowError(.inputOutput, "\(path): the journal cannot be read (\(error)); check permissions")
    }
    let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if end < data.count, !cut(to: end) {
      throw WorkflowError(.inputOutput, "\(path): the journal cannot be repaired; check permissions")
    }
    var found = Recovery()
    let decoder = JSONDecoder()
    var last: (number: Int, line: Data)?
    func keep(_ number: Int, _ line: Data, of names: Set<ExactName>) {
      guard let result = try? decoder.decode(Result.self, from: line) else {
        if found.damaged.last != number { found.damaged.append(number) }
        return
      }
      let name = ExactName(result.entry.file)
      if names.contains(name) { found.results[name] = result }
    }
    try Self.forEachLine(data[..<end]) { (number, line) throws(WorkflowError) in
      if line.range(of: Self.formKey) != nil { try refuse(line, decoder) }
      if line.range(of: Self.staysKey) != nil, let stay = try? decoder.decode(Stay.self, from: line) {
        if stay.stays { found.staying.insert(ExactName(stay.file)) } else { found.staying.remove(ExactName(stay.file)) }
      } else if line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}"), line.range(of: Self.fileKey) != nil {
        if isAll { keep(number, line, of: present) }
        last = (number, line)
      } else {
        found.damaged.append(number)
      }
    }
    guard !isAll else { return found }
    found.staying.formIntersection(present)
    let staying = found.staying
    if !staying.isEmpty {
      try Self.forEachLine(data[..<end]) { (number, line) throws(WorkflowError) in
        if line.range(of: Self.staysKey) == nil, line.range(of: Self.fileKey) != nil { keep(number, line, of: staying) }
      }
    }
    if let last { keep(last.number, last.line, of: present) }
    return found
  }

  // Quotes within a name are escaped, so that no name holds these.
  private static let fileKey = Data("\"file\":".utf8)
  private static let staysKey = Data("\"stays\":".utf8)
  private static let formKey = Data("\"form\":".utf8)

  private static func forEachLine(
    _ data: Data, _ body: (Int, Data) throws(WorkflowError) -> Void
  ) throws(WorkflowError) {
    var number = 0
    var start = data.startIndex
    while start < data.endIndex, let stop = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
      number += 1
      if stop > start { try body(number, data[start..<stop]) }
      start = stop + 1
    }
  }

  private struct Form: Decodable { let form: Int }

  /// Lines of this version have no form; a later one that changes what a line means gives them one.
  private func refuse(_ line: Data, _ decoder: JSONDecoder) throws(WorkflowError) {
    guard let form = try? decoder.decode(Form.self, from: line).form, form > 1 else { return }
    throw WorkflowError(
      .badData,
      "\(path): its lines have form \(form), and this version of Assay knows form 1; use the version that wrote it, or "
        + "move the journal away, after which the pictures that are there are inspected anew")
  }
}
