import Foundation

/// Files of this repository that are seeds.
enum SeedFolder {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// Files of a folder below `Tests` with one of these extensions, sorted by name.
  static func files(_ folder: String, ending extensions: Set<String>) throws -> [[UInt8]] {
    let folder = tests.appendingPathComponent(folder)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { extensions.contains(($0 as NSString).pathExtension.lowercased()) }
      .map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
  }
}
