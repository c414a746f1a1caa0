import AssayRuntime
import Foundation
import Testing

/// Which engine runs, seen from the outside: chosen by `--engine`, recorded, and replaced where it is missing.
@Suite struct EngineCommandTests {
  private static let nowhere = ["ASSAY_OPENVINO": "/nowhere"]
  private static let neither = ["ASSAY_OPENVINO": "/nowhere", "ASSAY_ONNXRUNTIME": "/nowhere"]
  private var picture: String { Workshop.shared.classes + "/good/0.pgm" }

  private func inspect(_ words: [String], _ environment: [String: String]) throws -> AssayProgram.Outcome {
    _ = Workshop.outcomes
    return try AssayProgram.run(
      ["inspect", Workshop.Kind.classifier.path, picture, "--json"] + words, environment: environment)
  }

  @Test func aMachineWithEitherWorksAndSaysSo() throws {
    let usual = try inspect([], [:])
    #expect(usual.status == 0 && !usual.messages.contains("networks run in"), "\(usual)")
    let other = try inspect([], Self.nowhere)
    #expect(other.status == 0, "\(other)")
    #expect(
      other.messages.contains("note: networks run in ONNX Runtime ") && other.messages.contains("ASSAY_OPENVINO"),
      "\(other)")
    let verdict = try usual.json()["verdict"] as? String
    #expect(try other.json()["verdict"] as? String == verdict && verdict != nil)
    // The other way round there is nothing to say.
    let first = try inspect([], ["ASSAY_ONNXRUNTIME": "/nowhere"])
    #expect(first.status == 0 && !first.messages.contains("networks run in"), "\(first)")
  }

  @Test func whatIsWantedAndMissingIsNamed() throws {
    let missing = try inspect(["--engine", "openvino"], Self.nowhere)
    #expect(missing.status == 69 && missing.messages.contains("ASSAY_OPENVINO is /nowhere"), "\(missing)")
    let wrong = try inspect(["--engine", "onnxruntime"], ["ASSAY_ONNXRUNTIME": picture])
    #expect(wrong.status == 69 && wrong.messages.contains(picture), "\(wrong)")
    let none = try inspect([], Self.neither)
    #expect(none.status == 69, "\(none)")
    for name in ["OpenVINO", "ONNX Runtime"] { #expect(none.messages.contains("open \(name)"), "\(none)") }
    let typed = try inspect(["--engine", "torch"], [:])
    #expect(typed.status == 64 && typed.messages.contains("onnxruntime"), "\(typed)")
  }

  @Test func doctorTellsOfEach() throws {
    let both = try AssayProgram.run(["doctor"])
    for kind in EngineKind.allCases { #expect(both.output.contains(kind.title), "\(both)") }
    let one = try AssayProgram.run(["doctor"], environment: Self.nowhere)
    #expect(
      one.output.contains("networks run in ONNX Runtime") && one.output.contains("absent  OpenVINO: cannot be used"),
      "\(one)")
    let none = try AssayProgram.run(["doctor"], environment: Self.neither)
    #expect(none.status == 1, "\(none)")
  }

  /// The manifest says what made the figures, and so does `assay info`.
  @Test func theManifestNamesTheEngine() throws {
    _ = Workshop.outcomes
    for kind in EngineKind.allCases {
      let path = Workshop.shared.folder + "/engine-\(kind.rawValue).assay"
      let trained = try AssayProgram.run(
        ["train", Workshop.shared.classes, "-o", path, "--engine", kind.rawValue, "--no-cache"] + Workshop.small)
      #expect(trained.status == 0, "\(trained)")
      let manifest = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: path + "/manifest.json")))
      let versions = (manifest as? [String: Any])?["versions"] as? [String: String] ?? [:]
      #expect(Set(versions.keys) == ["assay", kind.rawValue])
      let info = try AssayProgram.run(["info", path, "--json"]).json()
      #expect(info["versions"] as? [String: String] == versions)
    }
  }

  @Test func benchMeasuresAllInTurn() throws {
    _ = Workshop.outcomes
    let outcome = try AssayProgram.run(["bench", "tiny", "--engine", "all", "--seconds", "0.05", "--json"])
    #expect(outcome.status == 0, "\(outcome)")
    let document = try outcome.json()
    let engines = (document["engines"] as? [[String: Any]] ?? []).compactMap { $0["engine"] as? String }
    #expect(engines.map { $0.split(separator: " ").first.map(String.init) } == EngineKind.allCases.map(\.rawValue))
    let apart = (document["differences"] as? [[String: Any]] ?? []).compactMap { $0["largest"] as? Double }
    #expect(apart.count == EngineKind.allCases.count - 1 && apart.allSatisfy { $0 < 1e-3 }, "\(apart)")
  }
}
