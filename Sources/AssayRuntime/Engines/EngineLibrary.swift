import Foundation

/// Where the library of an engine is looked for.
struct EngineLibrary {
  /// As its makers write it.
  let title: String
  /// Names of the file, the preferred one first.
  let names: [String]
  /// A variable of the environment with its folder or file; nothing else is looked at when it is set.
  let variable: String
  /// The folder that the build knows; empty when it knows none.
  let folder: String

  /// What to hand to the loader: a path, or a name that it looks for in the system's folders.
  /// - Throws: ``RuntimeError`` when the variable names nothing that is there.
  func file(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(RuntimeError) -> String {
    if let named = environment[variable], !named.isEmpty {
      guard let found = Self.find(names, in: named) else {
        throw RuntimeError(
          operation: "open \(title)", cause: "\(variable) is \(named), where there is no \(names[0])",
          remedy: "let it name the library's file or folder, or unset it")
      }
      return found
    }
    return folder.isEmpty ? names[0] : Self.find(names, in: folder) ?? names[0]
  }

  private static func find(_ names: [String], in place: String) -> String? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else { return nil }
    guard isFolder.boolValue else { return place }
    return names.map { "\(place)/\($0)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Opens the library.
  /// - Parameter load: gives its functions, or null and a reason.
  func open<Calls>(
    _ load: (UnsafePointer<CChar>, UnsafeMutablePointer<UnsafePointer<CChar>?>) -> UnsafePointer<Calls>?
  ) throws(RuntimeError) -> Calls {
    let file = try file()
    var message: UnsafePointer<CChar>?
    guard let calls = load(file, &message) else {
      let reason = message.map { String(cString: $0) } ?? "it cannot be opened"
      throw RuntimeError(
        operation: "open \(title)", cause: reason.contains(file) ? reason : "\(file): \(reason)",
        remedy: "run `make setup`, or let \(variable) name the folder that has \(names[0])")
    }
    return calls.pointee
  }
}
