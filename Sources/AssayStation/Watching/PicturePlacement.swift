import AssayBase
import AssayData
import CFileSystem
import Foundation

/// Puts a picture where it belongs: whole or not at all, and under a name that nothing has there.
///
/// A move is one renaming, so that a picture is never in two places and never in none. To another file system it is a copy
/// that is written beside its name, put on the disk and renamed, after which the original goes.
final class PicturePlacement {
  enum Outcome: Equatable {
    /// Where it is now.
    case placed(String)
    /// Nothing has its name any more: somebody has taken it away.
    case gone
    /// It cannot be moved and stays; others may be.
    case stays(cause: String, remedy: String)
  }

  let folder: String
  let output: String
  let action: WatchAction
  /// Bytes that a name may have in a folder of the output.
  private var limits: [String: Int] = [:]
  /// The number after which names are free, where the same name comes again and again.
  private var numbers: [String: Int] = [:]

  /// - Parameter output: where the folders of the verdicts are; they are made.
  /// - Throws: `WorkflowError` when pictures could not be put there.
  init(folder: String, output: String, action: WatchAction) throws(WorkflowError) {
    self.folder = folder
    self.output = output
    self.action = action
    for destination in FolderWatcher.Destination.allCases {
      let target = target(destination)
      try make(target)
      guard access(target, W_OK | X_OK) == 0 else { throw Self.failure(target, errno) }
      guard let a = FileMark(path: target + "/."), let b = FileMark(path: folder + "/."), !a.isSameFile(as: b) else {
        throw WorkflowError(
          .usage,
          "\(target): pictures would be put into the folder that is watched, and be inspected for ever; name "
            + "another --output")
      }
      PartFile.removeAbandoned(in: target)
    }
    // What is moved goes from here.
    guard action == .link || access(folder, W_OK | X_OK) == 0 else { throw Self.failure(folder, errno) }
  }

  func target(_ destination: FolderWatcher.Destination) -> String { "\(output)/\(destination.rawValue)" }

  /// - Parameters:
  ///   - mark: of the file that was inspected.
  ///   - isRepeated: it may be there already, since a crash came between placing it and removing the original.
  ///   - bytes: its contents, asked for where it must be copied; nil when they are no longer to be had.
  /// - Throws: `WorkflowError` when nothing can be put there: no space, no right, a disk that fails.
  func place(
    _ entry: FolderWatcher.Entry, _ mark: FileMark, isRepeated: Bool, bytes: () -> [UInt8]?
  ) throws(WorkflowError) -> Outcome {
    let source = folder + "/" + entry.file
    let target = target(entry.destination)
    if isRepeated, let path = placed(entry) { return try finish(source, path, mark) }
    var number = numbers[target + "/" + entry.file] ?? 1
    var remade = 0
    while true {
      let limit = limits[target] ?? FileName.limit(in: target)
      let path = target + "/" + FileName.numbered(entry.file, number, limit: limit)
      let code = put(source, path, mark)
      switch code {
      case 0:
        if number > 1 { numbers[target + "/" + entry.file] = number + 1 }
        return try verify(entry, source, path, mark, bytes)
      case EEXIST: number += 1
      case ENOENT:
        guard FileMark(path: source) != nil else { return .gone }
        // Its folder was taken away while the watcher runs.
        remade += 1
        guard remade < 100 else { throw Self.failure(target, code) }
        try make(target)
      case ENAMETOOLONG where limit > 32: limits[target] = limit > 143 ? 143 : limit / 2
      case EXDEV: return try copy(source, path, mark, bytes, entry)
      case EPERM where action == .link, EOPNOTSUPP where action == .link, EMLINK where action == .link,
        ENOSYS where action == .link:
        return try copy(source, path, mark, bytes, entry)
      case EPERM, EACCES:
        // The folders, or this file alone?
        guard access(target, W_OK | X_OK) == 0 else { throw Self.failure(target, errno) }
        guard action == .link || access(folder, W_OK | X_OK) == 0 else { throw Self.failure(folder, errno) }
        return Self.stay(code)
      case ENAMETOOLONG: return Self.stay(code)
      default: throw Self.failure(path, code)
      }
    }
  }

  private func put(_ source: String, _ path: String, _ mark: FileMark) -> Int32 {
    guard action == .move else { return link(source, path) == 0 ? 0 : errno }
    return Renaming.withoutReplacing(source, path)
  }

  /// Between the last look and the move another file may have taken the name: that one goes back, and what was inspected is
  /// written from memory.
  private func verify(
    _ entry: FolderWatcher.Entry, _ source: String, _ path: String, _ mark: FileMark, _ bytes: () -> [UInt8]?
  ) throws(WorkflowError) -> Outcome {
    // The number of an inode does not tell them apart: a file that is deleted leaves it to the next.
    guard let placed = FileMark(path: path), !placed.hasSameContents(as: mark), !Self.holds(path, placed, entry.hash)
    else { return try finish(source, path, mark) }
    if action == .link { unlink(path) } else { putBack(path, as: source) }
    guard let bytes = bytes() else { return .gone }
    return try write(bytes, mark, beside: path)
  }

  private func putBack(_ path: String, as source: String) {
    let name = source.lastPathComponent
    var number = 1
    while Renaming.withoutReplacing(path, folder + "/" + FileName.numbered(name, number, limit: 255)) == EEXIST {
      number += 1
    }
  }

  /// What has been placed is on the disk, and the original of a copy goes.
  private func finish(_ source: String, _ path: String, _ mark: FileMark) throws(WorkflowError) -> Outcome {
    guard action == .move else { return .placed(path) }
    FolderSync.sync(path.deletingLastPathComponent)
    // A renaming has taken the name away already; what is there under it is another picture then.
    if let left = FileMark(path: source), left.hasSameContents(as: mark) {
      guard unlink(source) == 0 || errno == ENOENT else { return Self.stay(errno) }
      FolderSync.sync(folder)
    }
    return .placed(path)
  }

  private func copy(
    _ source: String, _ path: String, _ mark: FileMark, _ bytes: () -> [UInt8]?, _ entry: FolderWatcher.Entry
  ) throws(WorkflowError) -> Outcome {
    guard let bytes = bytes() else { return .gone }
    let outcome = try write(bytes, mark, beside: path)
    guard action == .move, case .placed(let copy) = outcome, let left = FileMark(path: source),
      left.hasSameContents(as: mark), unlink(source) != 0, errno != ENOENT
    else {
      if action == .move { FolderSync.sync(folder) }
      return outcome
    }
    // One place, not two.
    let code = errno
    unlink(copy)
    return Self.stay(code)
  }

  private func write(_ bytes: [UInt8], _ mark: FileMark, beside path: String) throws(WorkflowError) -> Outcome {
    let target = path.deletingLastPathComponent
    let name = path.lastPathComponent
    let limit = limits[target] ?? FileName.limit(in: target)
    do {
      let part = try PartFile(in: target, bytes, modified: mark.modified)
      var number = 1
      while true {
        let path = target + "/" + FileName.numbered(name, number, limit: limit)
        let code = part.take(name: path)
        if code == 0 { return .placed(path) }
        guard code == EEXIST else { throw Self.failure(path, code) }
        number += 1
      }
    } catch let error as PartFile.Failure {
      throw Self.failure(target, error.code)
    } catch {
      throw WorkflowError(error)
    }
  }

  private func make(_ target: String) throws(WorkflowError) {
    do {
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    } catch {
      throw WorkflowError(
        .inputOutput, "\(target): the folder cannot be made; check permissions, and whether a file has its name")
    }
  }

  /// Where a picture is already, under its own name or one with a number.
  private func placed(_ entry: FolderWatcher.Entry) -> String? {
    let target = target(entry.destination)
    let limit = FileName.limit(in: target)
    guard let own = FileMark(path: folder + "/" + entry.file) else { return nil }
    var number = 1
    while true {
      let path = target + "/" + FileName.numbered(entry.file, number, limit: limit)
      guard let there = FileMark(path: path) else { return nil }
      if there.isSameFile(as: own) { return path }
      if there.size == own.size, Self.holds(path, there, entry.hash) { return path }
      number += 1
    }
  }

  private static func holds(_ path: String, _ mark: FileMark, _ hash: String) -> Bool {
    guard case .bytes(let bytes) = SettledFile.read(path, as: mark, atMost: mark.size) else { return false }
    return ContentHash.of(bytes) == hash
  }

  private static func stay(_ code: Int32) -> Outcome {
    .stays(
      cause: "it was inspected, and cannot be moved (\(String(cString: strerror(code))))",
      remedy: "give this user the right to move it; it is not inspected again")
  }

  private static func failure(_ path: String, _ code: Int32) -> WorkflowError {
    WorkflowError(
      .inputOutput,
      "\(path): pictures cannot be put there (\(String(cString: strerror(code)))); check space and permissions, then start "
        + "again: a picture that was inspected is moved and not inspected again")
  }
}
