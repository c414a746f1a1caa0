import AssayRuntime
import Foundation
import Testing

/// The programs of `Examples`, run as they say.
@Suite struct ExampleTests {
  private static func run(
    _ name: String, _ words: [String], cache: String = Workshop.shared.cache
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: (AssayProgram.path as NSString).deletingLastPathComponent + "/" + name)
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": cache]) { $1 }
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, FileHandle.nullDevice)
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test func inspectPart() throws {
    _ = Workshop.outcomes
    let drawing = Workshop.shared.folder + "/example.png"
    for kind in [Workshop.Kind.classifier, .anomaly, .values] {
      let outcome = try Self.run("InspectPart", [kind.path, Workshop.shared.classes + "/scratch/0.pgm", drawing])
      #expect(outcome.status == 0 && outcome.output.contains("an empty belt: "), "\(outcome)")
      #expect(FileManager.default.contents(atPath: drawing)?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
    }
    #expect(try Self.run("InspectPart", []).status == 64)
  }

  /// With the backbone that `make setup` brings, and a cache of its own.
  @Test func trainLine() throws {
    let shop = Workshop.shared
    let place = shop.folder + "/line"
    try FileManager.default.createDirectory(atPath: place + "/assay/weights", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: FeatureCache.defaultFolder + "/weights/efficientnet-lite0",
      toPath: place + "/assay/weights/efficientnet-lite0")
    let outcome = try Self.run(
      "TrainLine", [shop.classes, place + "/part.assay", place + "/part.onnx"], cache: place)
    #expect(outcome.status == 0 && outcome.output.contains("number 1 in the record"), "\(outcome)")
    #expect(FileManager.default.fileExists(atPath: place + "/part.onnx"))
    #expect(FileManager.default.fileExists(atPath: place + "/part.assay/manifest.json"))
  }
}
