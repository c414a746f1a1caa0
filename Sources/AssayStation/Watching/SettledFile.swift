import Foundation

/// Reads a file that is still the one that was looked at.
package enum SettledFile {
  package enum Reading: Sendable {
    case bytes([UInt8])
    /// It is gone, or it is another by now.
    case changed
    /// It is there and cannot be read, and why.
    case refused(cause: String, remedy: String)
  }

  /// Nothing but a regular file is opened, no link is followed, and no more memory is taken than the limit says.
  /// - Parameters:
  ///   - mark: of the look.
  ///   - limit: bytes.
  package static func read(_ path: String, as mark: FileMark, atMost limit: Int) -> Reading {
    // Without O_NONBLOCK a pipe that has taken the file's place would be waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return refusal(errno) }
    defer { close(descriptor) }
    guard FileMark(descriptor: descriptor) == mark, mark.kind == .regular else { return .changed }
    guard mark.size <= limit else {
      return .refused(
        cause: "it has \(mark.size) bytes, more than the \(limit) of the largest picture that is read",
        remedy: "take it out of the folder, or raise --max-pixels if it is a picture")
    }
    var failure: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: mark.size) { buffer, count in
      while count < buffer.count {
        let got = Foundation.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        guard got > 0 else { break }
        count += got
      }
    }
    if let failure { return refusal(failure) }
    // Whoever was still writing has changed it meanwhile.
    guard bytes.count == mark.size, FileMark(descriptor: descriptor) == mark else { return .changed }
    return .bytes(bytes)
  }

  private static func refusal(_ code: Int32) -> Reading {
    switch code {
    // ELOOP: a symbolic link has taken its place; the next look sees it.
    case ENOENT, ENOTDIR, ELOOP: .changed
    case EACCES, EPERM:
      .refused(cause: "reading it is not permitted", remedy: "give this user the right to read it")
    default:
      .refused(
        cause: "it cannot be read (\(String(cString: strerror(code))))", remedy: "check the disk or the network share")
    }
  }
}
