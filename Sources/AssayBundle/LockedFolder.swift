package import Foundation

/// A bundle's folder while its manifest is replaced: one process at a time holds it. Others wait.
package struct LockedFolder: ~Copyable {
  private let descriptor: Int32

  package struct Failure: Error, CustomStringConvertible {
    package let operation: String
    package let code: Int32
    package var description: String { "\(operation): \(String(cString: strerror(code)))" }
  }

  /// Waits until nobody else holds it.
  package init(_ path: String) throws {
    while true {
      let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard opened >= 0 else { throw Failure(operation: "open", code: errno) }
      var outcome = flock(opened, LOCK_EX)
      while outcome != 0, errno == EINTR { outcome = flock(opened, LOCK_EX) }
      guard outcome == 0 else {
        let code = errno
        close(opened)
        throw Failure(operation: "lock", code: code)
      }
      // Another bundle may have taken its place while this one waited.
      var (own, present) = (stat(), stat())
      if fstat(opened, &own) == 0, stat(path, &present) == 0, own.st_dev == present.st_dev, own.st_ino == present.st_ino
      {
        descriptor = opened
        return
      }
      close(opened)
    }
  }

  deinit { close(descriptor) }

  /// nil when there is no such file, or it cannot be read.
  package func contents(_ name: String) -> Data? {
    let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    return try? FileHandle(fileDescriptor: file, closeOnDealloc: true).readToEnd()
  }

  /// The new file takes the old one's place in one step, once it is on disk.
  package func replace(_ name: String, with data: Data) throws {
    let part = ".\(name).\(getpid())-" + String(UInt32.random(in: 0 ... .max), radix: 16)
    let file = openat(descriptor, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw Failure(operation: name, code: errno) }
    do {
      defer { close(file) }
      try Self.write(data, to: file, name)
    } catch {
      unlinkat(descriptor, part, 0)
      throw error
    }
    guard renameat(descriptor, part, descriptor, name) == 0 else {
      let code = errno
      unlinkat(descriptor, part, 0)
      throw Failure(operation: "rename", code: code)
    }
    // Without it a loss of power could bring the old manifest back.
    guard fsync(descriptor) == 0 else { throw Failure(operation: "fsync", code: errno) }
  }

  private static func write(_ data: Data, to file: Int32, _ name: String) throws {
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
}
