import AssayBase
import CFileSystem
package import Foundation

/// A folder beside a bundle's final name, locked by its writer for as long as it lives.
package struct StagingFolder: ~Copyable {
  private let path: String
  private let lock: Int32

  package struct Failure: Error, CustomStringConvertible {
    package let operation: String
    package let code: Int32
    package var description: String { "\(operation): \(String(cString: strerror(code)))" }
  }

  private static func prefix(_ target: String) -> String { target + ".partial-" }

  package init(beside target: String) throws {
    let folder = Self.prefix(target) + "\(getpid())-" + String(UInt32.random(in: 0 ... .max), radix: 16)
    guard mkdir(folder, 0o777) == 0 else { throw Failure(operation: "mkdir", code: errno) }
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(operation: "lock", code: errno)
    }
    path = folder
    lock = descriptor
  }

  deinit {
    // After a successful move the folder no longer has this name.
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }

  package func write(_ data: Data, as name: String) throws {
    let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw Failure(operation: name, code: errno) }
    defer { close(file) }
    var written = 0
    try data.withUnsafeBytes { bytes in
      while written < bytes.count {
        let count = Foundation.write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Failure(operation: name, code: errno) }
        written += count
      }
    }
    guard fsync(file) == 0 else { throw Failure(operation: name, code: errno) }
  }

  /// Renames the folder to its final name; an existing bundle changes places with it and is then removed.
  package func move(to target: String) throws {
    fsync(lock)
    let exists = access(target, F_OK) == 0
    if renameat2(AT_FDCWD, path, AT_FDCWD, target, exists ? ASSAY_RENAME_EXCHANGE : 0) != 0 {
      // A file system without exchange: the old bundle steps aside first.
      guard exists, errno == EINVAL || errno == ENOSYS else { throw Failure(operation: "rename", code: errno) }
      let aside = path + "-old"
      guard rename(target, aside) == 0, rename(path, target) == 0 else {
        throw Failure(operation: "rename", code: errno)
      }
      try? FileManager.default.removeItem(atPath: aside)
    }
    let parent = target.deletingLastPathComponent
    let folder = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Removes what killed writers left: a folder whose lock nobody holds and whose writer no longer runs. (A writer that
  /// has made its folder but not yet locked it is told by its process number.)
  package static func removeAbandoned(beside target: String) {
    let parent = target.deletingLastPathComponent
    let name = prefix(target).lastPathComponent
    let folder = parent.isEmpty ? "." : parent
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where entry.hasPrefix(name) {
      let path = folder + "/" + entry
      let writer = entry.dropFirst(name.count).prefix { $0 != "-" }
      if let writer = Int32(writer), writer != getpid(), kill(writer, 0) == 0 { continue }
      let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
      close(descriptor)
    }
  }
}
