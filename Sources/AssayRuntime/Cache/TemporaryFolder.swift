import Foundation

/// A folder of this user alone that is removed with its last user.
final class TemporaryFolder: Sendable {
  let path: String

  /// - Throws: ``RuntimeError`` when none can be made.
  init() throws(RuntimeError) {
    // Made anew or not at all, whatever lies there.
    var name = Array((NSTemporaryDirectory() + "assay-patches-XXXXXX").utf8CString)
    guard mkdtemp(&name) != nil else {
      throw RuntimeError(
        operation: "make a folder for patches in \(NSTemporaryDirectory())", cause: String(cString: strerror(errno)),
        remedy: "free room there, or name a folder with --cache")
    }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // Nobody can be told any more; the system empties the folder for temporary files.
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
