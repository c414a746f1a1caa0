import AssayTestSupport
import Foundation
import Testing

/// A document as it is written today, kept in `Goldens/KIND/NAME.json`.
///
/// The documents are an interface: programs of others read them. A change of one is a change of the interface, seen in the
/// diff of its file. To write all of them anew, then look at `git diff` before you commit:
///
///     ASSAY_WRITE_GOLDENS=1 make test FILTER=GoldenTests
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens"
  static let isWriting = ProcessInfo.processInfo.environment["ASSAY_WRITE_GOLDENS"] == "1"

  /// Compares a document with the one kept, or writes it.
  /// - Parameter folders: paths that differ from run to run, and the names that stand for them.
  static func check(
    _ document: JSONValue, _ name: String, _ kind: BundleKind, folders: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = GoldenForm(folders: folders).normalised(document).formatted + "\n"
    let path = "\(folder)/\(kind.rawValue)/\(name).json"
    if isWriting {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(kind.rawValue)", withIntermediateDirectories: true)
      return try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let kept = try String(contentsOfFile: path, encoding: .utf8)
    guard kept != text else { return }
    Issue.record("\(path) differs:\n\(difference(kept, text))", sourceLocation: sourceLocation)
  }

  /// Lines that were there (-) and lines that came (+).
  private static func difference(_ old: String, _ new: String) -> String {
    let (old, new) = (old.components(separatedBy: "\n"), new.components(separatedBy: "\n"))
    let changes = new.difference(from: old).map { change -> (Int, String) in
      switch change {
      case .remove(let offset, let line, _): (offset, "- \(line)")
      case .insert(let offset, let line, _): (offset, "+ \(line)")
      }
    }
    return changes.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(60).map(\.1).joined(separator: "\n")
  }
}

/// What differs from run to run and from machine to machine is replaced by a word, once it is seen to have the right form:
/// times, durations, hashes, versions, paths. Numbers keep six digits: a library's exponential function may give another
/// seventh on another processor.
struct GoldenForm {
  let folders: [String: String]

  func normalised(_ value: JSONValue, key: String? = nil) -> JSONValue {
    switch value {
    case .null, .bool, .integer: return fixed(value, key) ?? value
    case .number(let number):
      return fixed(value, key) ?? .number(Double(String(format: "%.6g", number)) ?? number)
    case .text(let text): return fixed(value, key) ?? .text(normalised(text))
    case .array(let elements): return .array(elements.map { normalised($0, key: key) })
    case .object(let members):
      if key == "versions" { return .object(members.mapValues { _ in .text("VERSION") }) }
      // Whose clock and zone it is, differs from machine to machine.
      if key == "station" { return .object(members.mapValues { _ in .text("STATION") }) }
      var result: [String: JSONValue] = [:]
      for (name, member) in members { result[normalised(name)] = normalised(member, key: name) }
      return .object(result)
    }
  }

  /// nil for what is the same in every run.
  private func fixed(_ value: JSONValue, _ key: String?) -> JSONValue? {
    switch key {
    case "milliseconds", "loadedAt", "startedAt", "duration":
      value.number.map { $0 >= 0 } == true ? .text("NUMBER FROM 0") : nil
    case "processor": .text("PROCESSOR")
    case "time":
      // Seconds in the record, a text in answers.
      value.number.map { $0 > 1.7e9 } == true ? .text("SECONDS SINCE 1970") : nil
    case "version", "model_version", "versions":
      value.text.map { Self.isHash($0, length: 12) } == true ? .text("12 DIGITS") : nil
    default: nil
    }
  }

  private func normalised(_ text: String) -> String {
    if Self.isHash(text, length: 64) { return "SHA-256" }
    var text = text
    for (path, name) in folders.sorted(by: { $0.key.count > $1.key.count }) {
      text = text.replacing(path, with: name)
    }
    return text.replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z?)/#) { match in
      match.output.1.isEmpty ? "TIME WITHOUT ZONE" : "TIME"
    }
  }

  private static func isHash(_ text: String, length: Int) -> Bool {
    text.utf8.count == length && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
