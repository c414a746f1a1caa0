import AssayBundle
import Foundation
import Testing

@Suite struct InfoTests {
  @Test(arguments: Workshop.Kind.allCases) func everyKind(_ kind: Workshop.Kind) throws {
    let bundle = try ModelBundle(path: kind.bundle)
    let manifest = bundle.manifest
    let text = try AssayProgram.run(["info", kind.bundle])
    #expect(text.status == 0, "\(text)")
    #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(text)")
    for name in manifest.classes + ["tiny", "licence none", "64 x 64", "intact", bundle.createdAt ?? ""] {
      #expect(text.output.contains(name), "\(name): \(text)")
    }
    let json = try AssayProgram.run(["info", kind.bundle, "--json"]).json()
    let kinds: [Workshop.Kind: String] = [.labels: "multi-label", .anomaly: "anomaly", .values: "measurement"]
    #expect(json["kind"] as? String == kinds[kind] ?? "classifier")
    #expect(json["classes"] as? [String] == manifest.classes && json["goodClass"] as? String == manifest.goodClass)
    #expect(json["judges"] as? Bool == ![.findings, .values].contains(kind))
    #expect(json["isIntact"] as? Bool == true && json["identity"] as? String == bundle.identity)
    #expect((json["metrics"] as? [Any])?.count == manifest.metrics.count)
    let training = json["training"] as? [String: Any]
    #expect(training?["method"] as? String == manifest.training.method.rawValue)
    #expect(training?["images"] as? Int == manifest.training.images.count)
    let threshold = (json["threshold"] as? [String: Any])?["value"] as? Double
    // Foundation reads the last digit of a number now up, now down.
    #expect(threshold.map { Float($0) } == manifest.threshold.map { Float($0.value) })
    #expect((json["labelThresholds"] as? [String: Any])?.count == manifest.kind.spec.decision.labelThresholds?.count)
    #expect(
      (json["tasks"] as? [Any])?.count == (manifest.kind.spec.tasks.isEmpty ? nil : manifest.kind.spec.tasks.count))
    let drift = try #require(json["drift"] as? [String: Any])
    let gaps = try #require(drift["gaps"] as? [[String: String]])
    #expect((drift["scores"] as? Int ?? 0) > 0 || gaps.contains { $0["of"] == "score" })
    #expect((drift["features"] as? Int ?? 0) > 0 || gaps.contains { $0["of"] == "features" })
    #expect((drift["brightness"] as? Int ?? 0) > 0 || gaps.contains { $0["of"] == "brightness" })
    #expect(text.output.contains("drift") && text.output.contains("brightness"))
    #expect((json["files"] as? [String: Int]) == manifest.files.mapValues(\.size))
  }

  /// What happened since is told, the newest last.
  @Test func changesAreTold() throws {
    let bundle = try Workshop.Kind.anomaly.copy()
    let changed = try AssayProgram.run(["threshold", bundle, "--max-overkill", "0.5"])
    #expect(changed.status == 0, "\(changed)")
    let json = try AssayProgram.run(["info", bundle, "--json"]).json()
    #expect((json["changes"] as? [[String: Any]])?.last?["action"] as? String == "threshold")
    #expect(try AssayProgram.run(["info", bundle]).output.contains("threshold:"))
  }

  @Test func damagedAndNewerBundlesAreNamed() throws {
    let damaged = try Workshop.Kind.classifier.copy()
    try Data("other".utf8).write(to: URL(fileURLWithPath: damaged + "/model.onnx"))
    let outcome = try AssayProgram.run(["info", damaged])
    #expect(
      outcome.status == 65 && outcome.messages.contains("model.onnx is not the file that was trained"), "\(outcome)")
    let newer = try Workshop.Kind.classifier.copy()
    let path = newer + "/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let schema = "\"schema\" : \(Manifest.currentSchema)"
    #expect(text.contains(schema))
    try text.replacingOccurrences(of: schema, with: "\"schema\" : 99").write(
      toFile: path, atomically: true, encoding: .utf8)
    let refused = try AssayProgram.run(["info", newer])
    #expect(refused.status == 65 && refused.messages.contains("its schema is 99"), "\(refused)")
  }
}
