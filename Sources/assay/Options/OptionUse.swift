import ArgumentParser
import AssayWorkflows
import Foundation

/// Which options a command was given, and which of them the way that it goes has read.
///
/// A way reads every option through this object, `use("--folds", folds)`, and reading is what marks an option as used.
/// What was given and not read is an error before any work begins (``check(_:)``). So an option is never ignored in
/// silence: not by a method that is added later, since it reads only what it knows, and not where a default was typed
/// out, since what counts is what was typed.
final class OptionUse {
  private let catalogue: OptionCatalogue
  private let given: [OptionCatalogue.Option]
  private var read: Set<String> = []
  private var reasons: [String: String] = [:]

  /// - Parameter words: the command line behind the program's name.
  init(of command: any ParsableCommand.Type, words: [String]) throws {
    catalogue = try OptionCatalogue(of: command)
    given = catalogue.given(in: words)
  }

  /// Reads an option.
  /// - Parameter name: as it is typed, e.g. `--input-size`.
  func callAsFunction<Value>(_ name: String, _ value: Value) -> Value {
    read.insert(name)
    return value
  }

  func isGiven(_ name: String) -> Bool { given.contains { $0.name == name } }

  /// Says why the way that is gone has no use for some options; only the message needs it.
  func without(_ names: [String], because reason: String) {
    for name in names { reasons[name] = reason }
  }

  /// - Throws: a usage error that names every option which was given and not read, or given twice.
  func check(_ way: String) throws(WorkflowError) {
    var seen: Set<String> = []
    for option in given where !seen.insert(option.name).inserted && option.isSingle {
      throw WorkflowError(.usage, "\(option.name) is given twice, and only one value can be used; give it once")
    }
    var idle: [String] = []
    for option in given where !read.contains(option.name) && !idle.contains(option.name) { idle.append(option.name) }
    guard let first = idle.first else { return }
    let others = idle.dropFirst().map { "; nor has \($0)" + (reasons[$0].map { " (\($0))" } ?? "") }.joined()
    let purpose = catalogue.help(of: first).map { ". \(first) is for: \($0)" } ?? ""
    throw WorkflowError(
      .usage,
      "\(first) has no effect with `assay \(way)`" + (reasons[first].map { ": \($0)" } ?? "") + others
        + "; leave \(idle.count == 1 ? "it" : "them") out\(purpose)")
  }
}
