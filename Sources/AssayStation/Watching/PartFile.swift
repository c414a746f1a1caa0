import AssayBase
import Foundation

/// A file that is being written and has no name of its own yet. A crash leaves it under a hidden name, which no other
/// watcher takes for abandoned while its writer lives, since that has it locked.
final class PartFile {
  struct Failure: Error { let code: Int32 }

  private static let prefix = ".assay-watch-"
  private static let suffix = ".part"

  private let path: String
  private let descriptor: Int32

  /// Writes all of it to the disk.
  /// - Parameter modified: the time of change that it gets.
  init(in folder: String, _ bytes: [UInt8], modified: FileMark.Time) throws(Failure) {
    path = "\(folder)/\(Self.prefix)\(getpid())-\(UInt64.random(in: 0...UInt64.max))\(Self.suffix)"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    let code = Self.write(bytes, to: descriptor, modified)
    // Whole already: when this throws, deinit takes it away.
    guard code == 0 else { throw Failure(code: code) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    unlink(path)
  }

  /// Gives it its name, unless something has that.
  /// - Returns: `errno`, 0 when it is done.
  func take(name: String) -> Int32 {
    let code = Renaming.withoutReplacing(path, name)
    if code == 0 { FolderSync.sync(name.deletingLastPathComponent) }
    return code
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ modified: FileMark.Time) -> Int32 {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      done += count
    }
    let time = timespec(tv_sec: modified.seconds, tv_nsec: modified.nanoseconds)
    _ = futimens(descriptor, [time, time])
    return fsync(descriptor) == 0 ? 0 : errno
  }

  /// Removes what crashed watchers left in a folder.
  static func removeAbandoned(in folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let descriptor = open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(folder + "/" + name) }
      close(descriptor)
    }
  }
}
