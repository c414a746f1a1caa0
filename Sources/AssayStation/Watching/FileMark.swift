import Foundation

/// The state of a file: two looks that give the same mark have seen the same file unchanged.
///
/// Times are compared for equality only, never with a clock: a camera's may be hours off, and the station's own may be set.
package struct FileMark: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case regular, folder, link, other
  }

  package struct Time: Sendable, Hashable, Comparable {
    package let seconds: Int
    package let nanoseconds: Int

    package static func < (a: Time, b: Time) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }

    fileprivate init(_ time: timespec) {
      seconds = Int(time.tv_sec)
      nanoseconds = Int(time.tv_nsec)
    }
  }

  package let kind: Kind
  package let device: UInt
  package let inode: UInt
  /// Bytes.
  package let size: Int
  /// Of its contents; whoever writes it may set it to anything.
  package let modified: Time
  /// Of contents, names or rights, by the clock of the file system.
  package let changed: Time

  /// Of what has this name, links not followed; nil when nothing has.
  package init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Of an open file.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: kind = .other
    }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    modified = Time(status.st_mtim)
    changed = Time(status.st_ctim)
  }

  /// The same file, wherever its name has gone.
  package func isSameFile(as other: FileMark) -> Bool { device == other.device && inode == other.inode }

  /// The same file with the same contents; new names and rights do not count.
  package func hasSameContents(as other: FileMark) -> Bool {
    isSameFile(as: other) && size == other.size && modified == other.modified
  }
}
