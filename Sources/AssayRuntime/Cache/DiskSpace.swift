import AssayBase
import Foundation

/// Room on the disk of a folder.
package enum DiskSpace {
  /// Bytes that this user may still write; nil when the disk does not say.
  package static func free(_ folder: String) -> Int? {
    // A folder that is yet to be made lies on the disk of the nearest one that is there.
    var folder = (folder as NSString).standardizingPath
    while !folder.isEmpty, folder != "/", !FileManager.default.fileExists(atPath: folder) {
      folder = folder.deletingLastPathComponent
    }
    var space = statvfs()
    guard statvfs(folder.isEmpty ? "." : folder, &space) == 0 else { return nil }
    return Int(space.f_bavail) * Int(space.f_frsize)
  }

  package static func text(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? String(format: "%.1f GiB", Double(bytes) / Double(1 << 30)) : "\((bytes + (1 << 20) - 1) >> 20) MiB"
  }
}
