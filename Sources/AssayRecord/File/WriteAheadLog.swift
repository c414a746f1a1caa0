import Foundation

/// The write-ahead log's file, grown in advance.
///
/// Synchronising a file that has become longer makes the file system write its own journal too: 4 ms where overwriting
/// takes 0.1 (ext4 on a virtual disk; `benchmarks/serve.sh` says what it is here). SQLite overwrites its log from the start
/// after each checkpoint, so growing it once is enough.
enum WriteAheadLog {
  /// Bytes between two checkpoints.
  static let checkpointSize = 4 << 20
  /// Bytes that the file has from the beginning: a checkpoint that a reader holds up finds room for one more round.
  static let size = 2 * checkpointSize

  /// A disk with less room is left alone.
  private static let sparedSpace = 256 << 20

  /// Appends zeros that SQLite takes for what an earlier round left behind: no frame begins with them, and its own count of
  /// frames says where the log ends. Appending is atomic, so another process that writes the same log loses nothing.
  ///
  /// Does nothing when the file cannot be opened or the disk is nearly full: commits are slower then.
  static func prepare(database path: String) {
    let file = open(path + "-wal", O_WRONLY | O_APPEND | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    var status = stat()
    var space = statvfs()
    guard fstat(file, &status) == 0, fstatvfs(file, &space) == 0,
      UInt64(space.f_bavail) * UInt64(space.f_frsize) >= UInt64(sparedSpace)
    else { return }
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    var missing = size - Int(status.st_size)
    while missing > 0 {
      let written = zeros.withUnsafeBytes { write(file, $0.baseAddress, min($0.count, missing)) }
      guard written > 0 else { return }
      missing -= written
    }
    _ = fdatasync(file)
  }
}
