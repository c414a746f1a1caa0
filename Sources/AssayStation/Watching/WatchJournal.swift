import AssayBase
import Foundation

/// What a watcher has found, line by line, on the disk before a picture is moved.
///
/// A line is a result (``FolderWatcher/Entry`` with the file's size and time of change), or, of a picture that could not be
/// moved, that it has stayed and later that it has gone. So after a restart it is known of every picture that is still there
/// whether it has been inspected.
final class WatchJournal {
  /// A result, and which file it is of.
  struct Result: Codable {
    let entry: FolderWatcher.Entry
    /// Bytes; nil in journals of earlier versions, as the next.
    let size: Int?
    /// Seconds and nanoseconds since 1970.
    let modified: [Int]?

    private enum CodingKeys: String, CodingKey { case size, modified }

    init(_ entry: FolderWatcher.Entry, _ mark: FileMark) {
      self.entry = entry
      size = mark.size
      modified = [mark.modified.seconds, mark.modified.nanoseconds]
    }

    init(from decoder: any Decoder) throws {
      entry = try FolderWatcher.Entry(from: decoder)
      let container = try decoder.container(keyedBy: CodingKeys.self)
      size = try container.decodeIfPresent(Int.self, forKey: .size)
      modified = try container.decodeIfPresent([Int].self, forKey: .modified)
    }

    func encode(to encoder: any Encoder) throws {
      try entry.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(size, forKey: .size)
      try container.encodeIfPresent(modified, forKey: .modified)
    }

    func isOf(_ mark: FileMark) -> Bool {
      (size ?? mark.size) == mark.size
        && (modified ?? [mark.modified.seconds, mark.modified.nanoseconds])
          == [mark.modified.seconds, mark.modified.nanoseconds]
    }
  }

  /// That a picture could not be moved, or was after all.
  struct Stay: Codable {
    let time: String
    let file: String
    let hash: String
    /// Whether it is still where it arrived.
    let stays: Bool
    let cause: String?
  }

  let path: String
  private let descriptor: Int32
  private let encoder: JSONEncoder

  /// Opens it, or makes it, for this watcher alone.
  /// - Throws: `WorkflowError` when it cannot be written, or another watcher has it.
  init(folder: String) throws(WorkflowError) {
    path = folder + "/" + FolderWatcher.journalName
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o644)
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard descriptor >= 0 else {
      throw WorkflowError(
        .inputOutput, "\(path): the journal cannot be written (\(String(cString: strerror(errno)))); check permissions")
    }
    // Two watchers would sort the same pictures.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw WorkflowError(.unavailable, "\(folder): another `assay watch` is watching it; stop that one first")
    }
    guard FileMark(descriptor: descriptor)?.kind == .regular else {
      throw WorkflowError(.inputOutput, "\(path): the journal is no file; take away what has its name")
    }
    FolderSync.sync(folder)
  }

  /// Cuts off what comes after so many bytes.
  func cut(to length: Int) -> Bool { ftruncate(descriptor, off_t(length)) == 0 }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The journal must be the file of its name, or results go where nobody finds them.
  func check() throws(WorkflowError) {
    guard let own = FileMark(descriptor: descriptor), let named = FileMark(path: path), named.isSameFile(as: own) else {
      throw WorkflowError(
        .inputOutput, "\(path): the journal was taken away while it is being written; start `assay watch` again")
    }
  }

  /// Puts a result on the disk.
  func append(_ result: Result) throws(WorkflowError) { try write(result) }

  func append(_ stay: Stay) throws(WorkflowError) { try write(stay) }

  private func write(_ line: some Encodable) throws(WorkflowError) {
    try check()
    let length = lseek(descriptor, 0, SEEK_END)
    var code = EIO
    do {
      let bytes = Array(try encoder.encode(line)) + [UInt8(ascii: "\n")]
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        code = errno
      } else if count < bytes.count {
        code = ENOSPC
      } else if fsync(descriptor) == 0 {
        return
      }
    } catch {
      throw WorkflowError(.inputOutput, "\(path): a result cannot be written as JSON (\(error))")
    }
    // Half a line would be in the way of the next.
    if length >= 0 { _ = ftruncate(descriptor, length) }
    throw WorkflowError(
      .inputOutput, "\(path): the journal cannot be written (\(String(cString: strerror(code)))); make room")
  }
}
