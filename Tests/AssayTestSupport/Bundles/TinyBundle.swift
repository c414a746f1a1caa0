import Crypto
import Foundation

/// A bundle of any kind on disk in milliseconds, without training: files as the first schema has them, and a ``TinyGraph``
/// that finds black parts good and white ones bad.
///
/// | kind | black | white |
/// | --- | --- | --- |
/// | classifiers | good 1 | dent 0.25, scratch 0.75; defective from 0.25 on |
/// | without a good class | bolt 1 | nut 0.25, screw 0.75 |
/// | multi-label | nothing | scratch 1 (from 0.25), stain 0.75 (from 0.75), dent 0.25 (from 0.5: not found) |
/// | tasks | surface good 1, wear 0, width 2 | surface rough 1 (from 0.25), wear 2.5, width 4 |
/// | anomaly | score 0 | score 2, defective from 1 on |
package struct TinyBundle {
  package let kind: BundleKind
  /// `manifest.json` without `files`, which are added when it is written.
  package var manifest: [String: Any]
  package var files: [String: [UInt8]]
  private let outputs: [TinyGraph.Output]

  package init(_ kind: BundleKind) {
    self.kind = kind
    let contents = TinyContents(kind)
    manifest = contents.manifest
    files = contents.files
    outputs = contents.outputs
  }

  /// Writes the bundle's folder; what was there before goes.
  package func write(to path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var complete = manifest
    var hashes: [String: Any] = [:]
    for (name, bytes) in files {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
      hashes[name] = ["sha256": Self.sha256(bytes), "size": bytes.count] as [String: Any]
    }
    complete["files"] = hashes
    let json = try JSONSerialization.data(
      withJSONObject: complete, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    try json.write(to: URL(fileURLWithPath: path + "/manifest.json"))
  }

  /// Writes a bundle `NAME.assay`.
  /// - Parameter change: made to it before.
  /// - Returns: its path.
  package static func write(
    _ kind: BundleKind, in folder: String, name: String = "part", change: (inout TinyBundle) -> Void = { _ in }
  ) throws -> String {
    var bundle = TinyBundle(kind)
    change(&bundle)
    let path = "\(folder)/\(name).assay"
    try bundle.write(to: path)
    return path
  }

  /// The same graph, but what it answers of pictures brighter than a level, 0...1, is no number.
  package mutating func fail(above level: Float) {
    files["model.onnx"] = TinyGraph(outputs, failsAbove: level).onnx()
  }

  /// The graph with other outputs.
  package mutating func replaceGraph(_ outputs: [TinyGraph.Output]) {
    files["model.onnx"] = TinyGraph(outputs).onnx()
  }

  /// Hexadecimal.
  package static func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
  }
}
