import AssayBase
import Glibc

/// A file of the cache, open and in use: as long as somebody in any process has one of these, no eviction removes the file.
///
/// Being in use is a shared lock (`flock`) on a descriptor of its own; who wants to remove the file asks for an exclusive one.
final class CacheFile: Sendable {
  let path: String
  let descriptor: Int32
  let isWritable: Bool

  private init(path: String, descriptor: Int32, isWritable: Bool) {
    self.path = path
    self.descriptor = descriptor
    self.isWritable = isWritable
  }

  deinit { close(descriptor) }

  /// Opens a file and marks it as in use.
  /// - Parameter creates: makes it when it is missing, and asks for a writable one; else one that can only be read will do.
  /// - Throws: `PlainFile.Refusal`, also when there is no file.
  static func open(_ path: String, creates: Bool) throws(PlainFile.Refusal) -> CacheFile {
    // Between opening and locking, the file may be evicted; then there is another one, or none.
    for _ in 0..<64 {
      let opened = try creates ? writable(path, O_CREAT) : writableOrNot(path)
      try opened.lock(LOCK_SH)
      if opened.isInPlace { return opened }
    }
    throw PlainFile.Refusal(path: path, cause: "it is removed again and again while it is being opened", code: EBUSY)
  }

  private static func writable(_ path: String, _ flags: Int32) throws(PlainFile.Refusal) -> CacheFile {
    CacheFile(path: path, descriptor: try PlainFile.open(path, O_RDWR | flags), isWritable: true)
  }

  private static func writableOrNot(_ path: String) throws(PlainFile.Refusal) -> CacheFile {
    do throws(PlainFile.Refusal) {
      return try writable(path, 0)
    } catch {
      guard [EACCES, EPERM, EROFS].contains(error.code) else { throw error }
      return CacheFile(path: path, descriptor: try PlainFile.open(path, O_RDONLY), isWritable: false)
    }
  }

  /// Whether the path still leads to this file.
  var isInPlace: Bool {
    var (own, there) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && lstat(path, &there) == 0 && own.st_ino == there.st_ino
      && own.st_dev == there.st_dev
  }

  var size: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// The modification time doubles as "last used", for eviction.
  func markUsed() { futimens(descriptor, nil) }

  /// A lock is held by others for moments only; who keeps one for half a minute is stuck, and is not waited for.
  private func lock(_ operation: Int32) throws(PlainFile.Refusal) {
    var waits = 0
    while flock(descriptor, operation | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      guard code == EWOULDBLOCK, waits < 6_000 else {
        let cause = code == EWOULDBLOCK ? "another program holds it locked" : String(cString: strerror(code))
        throw PlainFile.Refusal(path: path, cause: cause, code: code)
      }
      waits += 1
      usleep(5_000)
    }
  }

  /// Removes a file that nobody uses.
  /// - Returns: whether it is gone.
  static func removeUnused(_ path: String) -> Bool {
    guard let file = try? PlainFile.open(path, O_RDWR) else {
      // Whatever cannot be opened as a file of ours is not ours to remove.
      return false
    }
    let opened = CacheFile(path: path, descriptor: file, isWritable: true)
    guard flock(file, LOCK_EX | LOCK_NB) == 0, opened.isInPlace else { return false }
    return unlink(path) == 0
  }
}

extension CacheFile {
  static let lockName = "writing.lock"

  /// One writer at a time in a folder of the cache: waits until it is this one's turn. The lock is a file of its own since the files
  /// that are written to are locked by their users.
  static func whileWriting(
    in folder: String, _ body: () throws(PlainFile.Refusal) -> Void
  ) throws(PlainFile.Refusal) {
    let path = "\(folder)/\(lockName)"
    let file = CacheFile(path: path, descriptor: try PlainFile.open(path, O_RDWR | O_CREAT), isWritable: true)
    try file.lock(LOCK_EX)
    // The lock goes with the descriptor, and that with `file`.
    defer { withExtendedLifetime(file) {} }
    try body()
  }
}
