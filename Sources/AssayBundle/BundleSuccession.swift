import AssayBase
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
  /// - Parameter path: of the candidate; nil for ``candidate``.
  /// - Throws: ``BundleError`` when the candidate is not whole, or the file system refuses; the bundle stays then.
  public func promote(_ path: String? = nil) throws(BundleError) {
    let candidate = path ?? candidate
    _ = try ModelBundle(path: candidate)
    try exchange(candidate, current)
    // The candidate's name now has the old bundle.
    try keepAsPrevious(candidate)
  }

  /// Keeps a bundle, which is whole, as the previous one.
  public func keepAsPrevious(_ path: String) throws(BundleError) {
    do {
      if FileManager.default.fileExists(atPath: previous) { try FileManager.default.removeItem(atPath: previous) }
      try FileManager.default.moveItem(atPath: path, toPath: previous)
    } catch {
      throw BundleError(
        path: previous, reason: .cannotWrite, cause: "the old bundle could not be kept under this name",
        remedy: "it is in \(path); move it there by hand")
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
      let code = errno
      let isForbidden = [EACCES, EPERM, EROFS].contains(code)
      throw BundleError(
        path: second, reason: .cannotWrite,
        cause: "the bundles cannot change places (\(String(cString: strerror(code))))",
        remedy: isForbidden
          ? "give this user permission to write in \(second.deletingLastPathComponent)"
          : "use a file system that can exchange names (ext4, xfs, btrfs, tmpfs)")
    }
  }
}
