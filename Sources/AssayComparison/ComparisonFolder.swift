import Foundation

/// A folder for bundles that are only tested and timed.
package enum ComparisonFolder {
  /// - Parameter body: is given the folder, which is gone when it returns.
  package static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = NSTemporaryDirectory() + "assay-compare-\(getpid())-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // What cannot be removed is of no use to anybody; the system empties the folder for temporary files.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}
