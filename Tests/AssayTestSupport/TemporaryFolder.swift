import Foundation

/// A folder that disappears with the test.
package final class TemporaryFolder: Sendable {
  package let path = NSTemporaryDirectory() + "assay-test-" + UUID().uuidString

  package init() { try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, in folders that are made for it.
  package func write(_ name: String, _ bytes: [UInt8]) {
    let file = path + "/" + name
    try! FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try! Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  package func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  package func link(_ name: String, to target: String) {
    try! FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
  }

  /// What lies in a folder of it, sorted; nothing when there is no such folder. Hidden files are left out.
  package func names(in folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? [])
      .filter { !$0.hasPrefix(".") }.sorted()
  }
}
