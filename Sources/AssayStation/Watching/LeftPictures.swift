import AssayData

/// What is named once and left where it is: pictures that cannot be taken, and what only has a picture's name.
struct LeftPictures {
  private enum State: Equatable {
    /// Whatever changes of it, it is no picture.
    case never(FileMark.Kind)
    /// As it is now; when it changes it is tried again.
    case now(FileMark)
  }

  private var states: [ExactName: State] = [:]
  private var unnamable: Set<String> = []
  /// What has not been told yet.
  private var warnings: [String] = []

  mutating func takeWarnings() -> [String] {
    defer { warnings = [] }
    return warnings
  }

  mutating func warn(_ text: String) { warnings.append(text) }

  func contains(_ name: ExactName, _ mark: FileMark) -> Bool {
    switch states[name] {
    case .never(let kind): kind == mark.kind
    case .now(let known): known == mark
    case nil: false
    }
  }

  /// - Parameter path: for people.
  mutating func leave(_ name: ExactName, _ mark: FileMark, path: String, cause: String, remedy: String) {
    guard !contains(name, mark) else { return }
    states[name] = mark.kind == .regular ? .now(mark) : .never(mark.kind)
    warnings.append("\(path): \(cause), so it is left where it is; \(remedy)")
  }

  /// What is no file can be no picture.
  mutating func leave(notAFile name: ExactName, _ mark: FileMark, path: String) {
    switch mark.kind {
    case .folder: leave(name, mark, path: path, cause: "it is a folder with a picture's name", remedy: "rename it")
    case .link:
      leave(name, mark, path: path, cause: "it is a symbolic link", remedy: "put the picture itself there")
    case .other:
      leave(name, mark, path: path, cause: "it is a device, a pipe or a socket", remedy: "put a picture there")
    case .regular: break
    }
  }

  /// Files whose names are not UTF-8: no result could be recorded under them.
  mutating func leave(notUTF8 names: [String], in folder: String) {
    for name in names where !unnamable.contains(name) {
      warnings.append("\(folder)/\(name): its name is not UTF-8, so it is left where it is; rename it")
    }
    unnamable = Set(names)
  }

  /// Forgets what is no longer there.
  mutating func keep(_ isPresent: (ExactName) -> Bool) { states = states.filter { isPresent($0.key) } }
}
