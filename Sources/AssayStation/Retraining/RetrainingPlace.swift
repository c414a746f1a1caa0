import AssayBase
package import AssayBundle
import AssayInspection
import Foundation
import Synchronization

/// The folder beside a bundle in which a retraining works: `part.retraining`, with the corrected parts, the candidate and all
/// that is half done.
///
/// It is locked by its process for as long as the retraining lives, whoever started it (the page of this or another station,
/// `assay retrain`), so there is one at a time; and it is one folder, so nothing is left when that is removed. What a killed
/// process left is removed, or ended where it changed the bundles' places, by whoever comes next.
package final class RetrainingPlace: Sendable {
  /// The bundle's folder is being retrained by somebody else.
  package struct Taken: Error, CustomStringConvertible {
    package let folder: String
    package var description: String {
      "a retraining of this bundle is under way (\(folder) is locked); wait until it has ended"
    }
  }

  package struct Failure: Error, CustomStringConvertible {
    package let folder: String
    package let code: Int32
    package var description: String {
      "\(folder): the folder of the retraining cannot be made (\(String(cString: strerror(code)))); check space and "
        + "permissions of the folder that the bundle is in"
    }
  }

  package let folder: String
  private let succession: BundleSuccession
  private let lock: Int32
  /// Held while the bundles change places, which must be ended once it is begun; true when all is over.
  private let isEnded = Mutex(false)

  /// The bundle that is being made.
  package var candidate: String { Self.candidate(folder, succession) }

  private static let promisedName = "promoting"

  /// By the bundle's own name, which reports show.
  private static func candidate(_ folder: String, _ succession: BundleSuccession) -> String {
    folder + "/" + succession.current.lastPathComponent
  }

  private static func folder(of succession: BundleSuccession) -> String {
    let path = succession.current
    return (path.hasSuffix(".assay") ? String(path.dropLast(6)) : path) + ".retraining"
  }

  /// - Throws: ``Taken``, or ``Failure`` when the folder cannot be made.
  package init(_ succession: BundleSuccession) throws {
    // Who abandons waits for a folder that is being made, and then removes it.
    Self.making.lock()
    defer { Self.making.unlock() }
    self.succession = succession
    folder = Self.folder(of: succession)
    lock = try Self.locked(folder)
    do {
      try Self.recover(folder, succession)
      for entry in try FileManager.default.contentsOfDirectory(atPath: folder) {
        try FileManager.default.removeItem(atPath: folder + "/" + entry)
      }
    } catch {
      close(lock)
      throw error
    }
    Self.present.withLock { $0 = self }
  }

  private static func locked(_ folder: String) throws -> Int32 {
    while true {
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Failure(folder: folder, code: errno) }
      let opened = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard opened >= 0 else {
        if errno == ENOENT { continue }
        throw Failure(folder: folder, code: errno)
      }
      guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(opened)
        throw code == EWOULDBLOCK ? Taken(folder: folder) : Failure(folder: folder, code: code)
      }
      // Whoever held it may have removed it in the meantime.
      var (own, present) = (stat(), stat())
      if fstat(opened, &own) == 0, stat(folder, &present) == 0, own.st_dev == present.st_dev,
        own.st_ino == present.st_ino
      {
        return opened
      }
      close(opened)
    }
  }

  /// Whether somebody is retraining the bundle now.
  package static func isTaken(_ succession: BundleSuccession) -> Bool {
    let opened = open(folder(of: succession), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard opened >= 0 else { return false }
    defer { close(opened) }
    return flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Removes what a retraining left that was killed; nothing when there is nothing, or one is under way.
  package static func clear(_ succession: BundleSuccession) {
    guard FileManager.default.fileExists(atPath: folder(of: succession)) else { return }
    // Where it cannot be removed, the next retraining says why.
    if let place = try? RetrainingPlace(succession) { place.remove() }
  }

  /// The candidate takes the bundle's place, and the bundle becomes the previous one.
  package func promote() throws {
    try isEnded.withLock { _ in
      let promised = try ModelBundle(path: candidate).identity
      // Were the process killed between the two steps below, the old bundle would have the candidate's name.
      try Data(promised.utf8).write(to: URL(fileURLWithPath: folder + "/" + Self.promisedName), options: .atomic)
      try succession.promote(candidate)
      try FileManager.default.removeItem(atPath: folder + "/" + Self.promisedName)
    }
  }

  private static func recover(_ folder: String, _ succession: BundleSuccession) throws {
    guard let text = try? String(contentsOfFile: folder + "/" + promisedName, encoding: .utf8) else { return }
    let candidate = candidate(folder, succession)
    guard FileManager.default.fileExists(atPath: candidate), try ModelBundle(path: succession.current).identity == text
    else { return }
    try succession.keepAsPrevious(candidate)
  }

  /// Puts the candidate where a person looks for it, `part.candidate.assay`.
  package func publish() throws {
    let target = succession.candidate
    if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
    try FileManager.default.moveItem(atPath: candidate, toPath: target)
  }

  /// Ends the retraining: nothing is left of it. Waits while the bundles change places; done twice, it does nothing.
  package func remove() {
    isEnded.withLock { isEnded in
      guard !isEnded else { return }
      isEnded = true
      // Other threads may still be writing into it, and whoever writes a bundle makes the folder for it anew.
      for _ in 0..<20 where FileManager.default.fileExists(atPath: folder) {
        try? FileManager.default.removeItem(atPath: folder)
        usleep(20_000)
      }
      close(lock)
    }
    Self.present.withLock { if $0 === self { $0 = nil } }
  }

  // MARK: The process' own

  private static let present = Mutex<RetrainingPlace?>(nil)
  /// Held from before the folder is there until it is known here.
  private static let making = NSLock()

  /// Removes the place of the retraining that this process is doing, if any: before it ends on a signal. No other is made by
  /// this process afterwards: whoever wants one waits for the process' end.
  package static func abandon() {
    making.lock()
    present.withLock { $0 }?.remove()
  }
}
