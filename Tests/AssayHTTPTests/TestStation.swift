import AssayHTTP
import AssayMethods
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation

/// A data set of brushed metal, on the bad parts a dark scratch, and a bundle that has learned from it.
enum TestParts {
  /// A part as a camera of 12 bits leaves it in 16, without a word of it.
  static func deep(_ part: [UInt8]) -> [UInt8] {
    Array("P5 64 64 65535\n".utf8)
      + part.dropFirst(13).flatMap { [UInt8(Int($0) * 16 >> 8), UInt8(Int($0) * 16 & 0xFF)] }
  }

  /// Learned from once; tests copy it.
  static let data: String = {
    let folder = NSTemporaryDirectory() + "assay-station-data-\(getpid())"
    for index in 0..<32 {
      for (name, isScratched) in [("good", false), ("scratch", true)] {
        let path = "\(folder)/\(name)"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try! Data(Pictures.brushedMetal(seed: index + (isScratched ? 1000 : 0), isScratched: isScratched)).write(
          to: URL(fileURLWithPath: "\(path)/\(index).pgm"))
      }
    }
    return folder
  }()

  private static let trained: String = {
    let path = NSTemporaryDirectory() + "assay-station-\(getpid())/part.assay"
    _ = try! Trainer.train(
      data, output: path, options: TrainingOptions(features: FeatureOptions(inputSize: 96, cache: nil)))
    return path
  }()

  /// A bundle of its own for a test.
  static func bundle(in folder: String, name: String = "part") throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(name).assay"
    try FileManager.default.copyItem(atPath: trained, toPath: path)
    return path
  }
}

extension TestStation {
  /// Before a bundle of its own, called `part`, that knows good and scratched parts.
  static func run(
    change: (inout TestOptions) -> Void = { _ in }, links: (Station) throws -> Void = { _ in },
    _ body: @escaping @Sendable (TestStation) async throws -> Void
  ) async throws {
    try await run(
      { try TestParts.bundle(in: $0 + "/bundles") }, change: change, links: links, body)
  }

  func inspect(_ seed: Int, isScratched: Bool, query: String = "") async throws -> Wire.Reply {
    try await call(
      "POST", "/v1/inspect/part" + query, body: Pictures.brushedMetal(seed: seed, isScratched: isScratched))
  }
}
