import AssayBundle
import AssayGraph
import AssayImage
import Foundation
import Testing

@Suite struct BundleTests {
  let folder = NSTemporaryDirectory() + "assay-bundle-" + UUID().uuidString

  private var manifest: Manifest {
    Manifest(
      kind: .classifier(
        ClassifierSpec(
          classes: ["bad", "good"], goodClass: "good",
          threshold: .init(
            value: 0.25, rule: "best-f1", rate: nil, explanation: "why", escapes: 1, defects: 4, overkills: 0, goods: 9)
        )),
      preprocessing: Preprocessing(width: 224, height: 224),
      network: .init(
        backbone: .init(name: "net", nativeSize: 224, licence: "Apache-2.0", source: "here"), weightsSHA256: "ab",
        features: .init(taps: ["head"], width: 224, height: 224), temperature: 1.5, mapScale: 3),
      training: .init(
        method: .linear, recipe: Recipe(solver: ["optimizer": "lbfgs"]), seed: 7, layout: "class folders",
        counts: ["good": 9, "bad": 4],
        images: ["00", "11"], unreadable: 0),
      metrics: [.init(name: "accuracy", value: 0.9, low: 0.8, high: 1, count: 13, on: "held-out test")],
      versions: ["assay": "x"])
  }

  private var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

  @Test func writeOpenReplace() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/deep/part.assay"
    let first = try ModelBundle.write(to: path, manifest: manifest, files: ["model.onnx": [1, 2], "report.html": [3]])
    #expect(first.manifest.classes == ["bad", "good"] && first.manifest.threshold?.value == 0.25)
    #expect(try first.contents("model.onnx") == [1, 2])
    _ = try ModelBundle.write(to: path + "/", manifest: manifest, files: ["model.onnx": [9], "report.html": [3]])
    #expect(try ModelBundle(path: path).contents("model.onnx") == [9])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/deep") == ["part.assay"])
  }

  @Test func changedThresholdLeavesTheRest() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var bundle = try ModelBundle.write(to: folder + "/p.assay", manifest: manifest, files: ["model.onnx": [1]])
    try bundle.replaceManifest { $0.kind.spec.decision.threshold?.value = 0.75 }
    let reopened = try ModelBundle(path: folder + "/p.assay")
    #expect(reopened.manifest.threshold?.value == 0.75)
    #expect(try reopened.contents("model.onnx") == [1])
  }

  /// What a killed writer leaves is cleared by the next one; a stranger's folder is not touched.
  @Test func leftoversAreCleared() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dead = folder + "/p.assay.partial-999999999-abc"
    try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: dead + "/model.onnx"))
    try FileManager.default.createDirectory(atPath: folder + "/q.assay.partial-1-x", withIntermediateDirectories: true)
    _ = try ModelBundle.write(to: folder + "/p.assay", manifest: manifest, files: ["model.onnx": [1]])
    #expect(names == ["p.assay", "q.assay.partial-1-x"])
  }

  @Test func whatIsNoBundleIsNotReplaced() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/holiday", withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: folder + "/holiday/photo.jpg"))
    #expect(throws: BundleError.self) {
      try ModelBundle.write(to: folder + "/holiday", manifest: manifest, files: ["model.onnx": [1]])
    }
    #expect(FileManager.default.fileExists(atPath: folder + "/holiday/photo.jpg"))
    #expect(names == ["holiday"])
  }

  @Test func damageIsNoticed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/p.assay"
    func reason() -> BundleError.Reason? {
      do throws(BundleError) {
        _ = try ModelBundle(path: path)
        return nil
      } catch {
        #expect(error.path == path && !error.remedy.isEmpty)
        return error.reason
      }
    }
    #expect(reason() == .notFound)
    func fresh() throws {
      try? FileManager.default.removeItem(atPath: path)
      _ = try ModelBundle.write(to: path, manifest: manifest, files: ["model.onnx": [1, 2, 3]])
    }
    try fresh()
    try Data([1, 2, 4]).write(to: URL(fileURLWithPath: path + "/model.onnx"))
    #expect(reason() == .damaged)
    try fresh()
    try FileManager.default.removeItem(atPath: path + "/model.onnx")
    #expect(reason() == .damaged)
    try fresh()
    try Data("{\"schema\": 99}".utf8).write(to: URL(fileURLWithPath: path + "/manifest.json"))
    #expect(reason() == .newerSchema)
    try Data("{\"schema\": 1}".utf8).write(to: URL(fileURLWithPath: path + "/manifest.json"))
    #expect(reason() == .damaged)
    try Data("junk".utf8).write(to: URL(fileURLWithPath: path + "/manifest.json"))
    #expect(reason() == .notABundle)
  }
}
