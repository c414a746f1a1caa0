import Glibc

/// Opens what the program itself has written or keeps: plain files, and nothing that waits, answers or leads elsewhere.
///
/// A FIFO in a file's place would be waited for, a link would be followed to a file of somebody's; both are refused by name.
package enum PlainFile {
  /// Why a path cannot be opened as a plain file.
  package struct Refusal: Error, Hashable, CustomStringConvertible {
    package let path: String
    /// What was found, as a clause.
    package let cause: String
    /// `errno`; 0 when it is not the system that refused.
    package let code: Int32

    package init(path: String, cause: String, code: Int32 = 0) {
      self.path = path
      self.cause = cause
      self.code = code
    }

    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    package var description: String { "\(path): \(cause)" }
  }

  /// Whether a symbolic link in the file's own place leads on. Links among its folders always do: whole caches lie behind them.
  package enum Links: Sendable {
    case refused
    case followed
  }

  /// Opens a file without ever waiting.
  /// - Parameters:
  ///   - flags: of `open`; `O_CLOEXEC` and `O_NONBLOCK` are added.
  ///   - links: those of files that people put there themselves (weights on another disk) are followed.
  /// - Returns: a descriptor of a regular file, the caller's to close.
  package static func open(_ path: String, _ flags: Int32, links: Links = .refused) throws(Refusal) -> Int32 {
    let file = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK | (links == .refused ? O_NOFOLLOW : 0), 0o644)
    guard file >= 0 else {
      let code = errno
      let cause =
        code == ELOOP ? "it is a symbolic link, which is not followed here" : String(cString: strerror(code))
      throw Refusal(path: path, cause: cause, code: code)
    }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      let code = errno
      close(file)
      throw Refusal(path: path, cause: String(cString: strerror(code)), code: code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw Refusal(path: path, cause: "it is \(kind(status.st_mode)), not a file")
    }
    // A second name of a file that belongs elsewhere: writing here would change it there.
    guard links == .followed || flags & O_ACCMODE == O_RDONLY || status.st_nlink <= 1 else {
      close(file)
      throw Refusal(path: path, cause: "it is a hard link, a second name of another file")
    }
    return file
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a FIFO (named pipe)"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// All bytes of a file.
  package static func contents(_ path: String, links: Links = .refused) throws(Refusal) -> [UInt8] {
    let file = try open(path, O_RDONLY, links: links)
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Refusal(path: path, cause: "its size is not known", code: errno) }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = read(file, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard bytes.count == size else {
      throw Refusal(path: path, cause: "only \(bytes.count) of its \(size) bytes can be read", code: EIO)
    }
    return bytes
  }

  /// Reads until the buffer is full, the file ends or the disk fails.
  /// - Returns: bytes read.
  package static func read(_ file: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(file, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    return done
  }

  /// - Returns: `errno`; nil when everything is written.
  package static func write(_ file: Int32, at offset: Int, _ bytes: UnsafeRawBufferPointer) -> Int32? {
    var done = 0
    while done < bytes.count {
      let count = pwrite(file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      done += count
    }
    return nil
  }
}
