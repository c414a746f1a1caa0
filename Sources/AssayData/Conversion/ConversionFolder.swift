import AssayBase
package import Foundation

/// The folder in which something is written before it gets its name, so that nothing half-written has it.
package struct ConversionFolder: Sendable {
  private let path: String

  package init(beside target: String) throws(DataError) {
    path = Self.prefix(target) + "\(getpid())"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw DataError(path: target, cause: "its folder cannot be made", remedy: "check the path and permissions")
    }
  }

  private static func prefix(_ target: String) -> String { target + ".partial-" }

  /// Removes what a killed conversion left: its folder has the number of a process that no longer runs.
  package static func removeAbandoned(beside target: String) {
    let parent = target.deletingLastPathComponent
    let name = prefix(target).lastPathComponent
    // No such folder yet, or one that nobody can write to: making the new one says so.
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where entry.hasPrefix(name) {
      guard let writer = Int32(entry.dropFirst(name.count).prefix { $0 != "-" }),
        writer == getpid() || kill(writer, 0) != 0
      else {
        continue
      }
      // What stays takes room and nothing else.
      try? FileManager.default.removeItem(atPath: parent + "/" + entry)
    }
  }

  /// Links a file, or copies it where links are not possible.
  /// - Parameter bounds: out of which nothing is taken, wherever links have come to lead since the plan was made.
  func place(_ source: String, as name: String, from bounds: inout DatasetBounds) throws(DataError) {
    let target = try made(name)
    // A link to a symbolic link would point nowhere from its new place.
    let file = DatasetBounds.real(source) ?? source
    var status = stat()
    guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, bounds.place(outside: file) == nil else {
      throw DataError(
        path: source, cause: "it is no file in the data set's folder", remedy: "put the photograph itself there")
    }
    if link(file, target) == 0 { return }
    do {
      try FileManager.default.copyItem(atPath: file, toPath: target)
    } catch {
      throw DataError(path: source, cause: "it cannot be copied to \(name)", remedy: "check space and permissions")
    }
  }

  package func write(_ data: Data, as name: String) throws(DataError) {
    let target = try made(name)
    do {
      try data.write(to: URL(fileURLWithPath: target))
    } catch {
      throw DataError(path: name, cause: "it cannot be written", remedy: "check space and permissions")
    }
  }

  /// Gives the folder its name; one that has appeared meanwhile is not overwritten.
  package func move(to target: String) throws(DataError) {
    guard !FileManager.default.fileExists(atPath: target), rename(path, target) == 0 else {
      throw DataError(
        path: target, cause: "the finished folder cannot be renamed to it", remedy: "remove what has this name")
    }
  }

  /// The same in the place of a folder that is there already, which is removed.
  package func replace(_ target: String) throws(DataError) {
    let old = Self.prefix(target) + "\(getpid())-old"
    guard rename(target, old) == 0 else {
      throw DataError(path: target, cause: "it cannot be replaced", remedy: "check the permissions of its folder")
    }
    do throws(DataError) { try move(to: target) } catch {
      _ = rename(old, target)
      throw error
    }
    // A part of it that stays is removed by the next one, as after a crash.
    try? FileManager.default.removeItem(atPath: old)
  }

  package func remove() { try? FileManager.default.removeItem(atPath: path) }

  private func made(_ name: String) throws(DataError) -> String {
    let target = path + "/" + name
    do {
      try FileManager.default.createDirectory(
        atPath: target.deletingLastPathComponent, withIntermediateDirectories: true)
    } catch {
      throw DataError(path: name, cause: "its folder cannot be made", remedy: "check space and permissions")
    }
    return target
  }
}
