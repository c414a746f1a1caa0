import CFileSystem
import Foundation

/// A bundle, the one before it, and the one that may follow: `part.assay`, `part.previous.assay`, `part.candidate.assay`.
///
/// Each change of places is one step of the file system, so that a server that watches the bundle sees a whole one at
/// every moment.
public struct BundleSuccession: Sendable {
  /// The bundle's own folder, after symbolic links.
  public let current: String

  public init(_ path: String) {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    current = resolved.count > 1 && resolved.hasSuffix("/") ? String(resolved.dropLast()) : resolved
  }

  private var stem: String { current.hasSuffix(".assay") ? String(current.dropLast(6)) : current }
  public var previous: String { stem + ".previous.assay" }
  public var candidate: String { stem + ".candidate.assay" }

  public var hasPrevious: Bool { FileManager.default.fileExists(atPath: previous + "/" + ModelBundle.manifestName) }

  /// The candidate takes the bundle's place, and the bundle becomes the previous one.
  /// - Throws: ``BundleError`` when the candidate is not whole, or the file system refuses; the bundle stays then.
  public func promote() throws(BundleError) {
    _ = try ModelBundle(path: candidate)
    try exchange(candidate, current)
    // The candidate's name now has the old bundle.
    do {
      if FileManager.default.fileExists(atPath: previous) { try FileManager.default.removeItem(atPath: previous) }
      try FileManager.default.moveItem(atPath: candidate, toPath: previous)
    } catch {
      throw BundleError(
        path: previous, reason: .cannotWrite, cause: "the old bundle could not be kept under this name",
        remedy: "it is in \(candidate); move it there by hand")
    }
  }

  /// The previous bundle and the current one change places; done twice, all is as before.
  /// - Throws: ``BundleError`` when there is no previous one, or it is not whole.
  public func rollBack() throws(BundleError) {
    guard hasPrevious else {
      throw BundleError(
        path: previous, reason: .notFound, cause: "there is no earlier bundle", remedy: "only a promotion leaves one")
    }
    _ = try ModelBundle(path: previous)
    try exchange(previous, current)
  }

  private func exchange(_ first: String, _ second: String) throws(BundleError) {
    guard renameat2(AT_FDCWD, first, AT_FDCWD, second, ASSAY_RENAME_EXCHANGE) == 0 else {
      throw BundleError(
        path: second, reason: .cannotWrite,
        cause: "the bundles cannot change places (\(String(cString: strerror(errno))))",
        remedy: "use a file system that can exchange names (ext4, xfs, btrfs, tmpfs), and check permissions")
    }
  }
}
