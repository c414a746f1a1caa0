import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// Learning from corrected parts.
extension KindTests {
  /// Bundles that were really trained learn from eight corrected parts and stay what they are; others are refused by name.
  func retrain(_ kind: BundleKind) async throws {
    switch kind {
    case .multiLabel, .multiLabelSegmentation, .tasks, .measurement:
      let bench = try Bench(kind)
      bench.folder.write("record/record.sqlite", "")
      let outcome = try bench.assay(
        "retrain", bench.bundle, bench.writeData(), "--from-record", bench.folder.path + "/record")
      #expect(outcome.status == 64 && outcome.messages.contains(bench.bundle), "\(outcome.messages)")
      #expect(outcome.messages.contains("assay train"), "what to do instead")
    default: try await learn(kind)
    }
  }

  private func learn(_ kind: BundleKind) async throws {
    let lab = try TrainingLab()
    let copy: (String) throws -> String = { folder in
      try FileManager.default.copyItem(atPath: SchemaOneFixtures.path(kind), toPath: folder + "/part.assay")
      return folder + "/part.assay"
    }
    let keepImages: (inout TestOptions) -> Void = { $0.images = .all }
    try await TestStation.run(copy, change: keepImages) { station in
      for index in 0..<8 {
        let isBad = index % 2 == 0
        let picture = Self.part(kind, 7000 + index, isBad: isBad)
        let reply = try await station.call("POST", "/v1/inspect/part", body: picture)
        let id = try #require(JSONValue(parsing: reply.body)["id"]?.integer)
        let (status, body) = try await station.post(
          "/v1/records/\(id)/correction", "{\"class\":\"\(Self.name(kind, isBad: isBad))\"}")
        #expect(status == 201, "\(body)")
      }
      let arguments = [
        "retrain", station.bundle, lab.data(kind), "--from-record", station.folder.path + "/record", "--compare-only",
        "--json",
      ]
      let outcome = try await Task.detached { try AssayProgram.run(arguments, environment: lab.environment) }.value
      let old = try Self.manifest(station.bundle)
      if kind == .segmentation, outcome.status == 64 {
        // It may also say that it cannot keep the marks.
        #expect(outcome.messages.contains("assay train") && outcome.messages.contains(station.bundle))
        return
      }
      #expect(outcome.status == 0, "\(outcome.messages)")
      let report = outcome.json
      #expect(report["corrected"]?.integer == 8 && report["used"]?.integer == 8, "\(report)")
      #expect((report["learned"]?.integer ?? 0) + (report["heldOut"]?.integer ?? 0) == 8)
      let new = try Self.manifest(station.folder.path + "/part.candidate.assay")
      for key in ["task", "classes", "goodClass", "preprocessing"] { #expect(new[key] == old[key], "\(key)") }
      // Of fine-tuning and the linear probe the better one is written.
      if kind != .fineTuned { #expect(new["training"]?["method"] == old["training"]?["method"]) }
      #expect((new["threshold"] == nil) == (old["threshold"] == nil))
      #expect(new["anomaly"]?["tiling"] == old["anomaly"]?["tiling"])
      guard kind == .segmentation else { return }
      #expect(new["segmentation"] != nil)
    }
  }

  private static func manifest(_ bundle: String) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: bundle + "/manifest.json")))
  }

  private static func part(_ kind: BundleKind, _ seed: Int, isBad: Bool) -> [UInt8] {
    kind == .segmentation
      ? Miniature.Part(number: seed, kinds: isBad ? [1] : []).picture
      : Pictures.brushedMetal(seed: seed, isScratched: isBad)
  }

  private static func name(_ kind: BundleKind, isBad: Bool) -> String {
    switch kind {
    case .classifierWithoutGood: isBad ? "scratched" : "matt"
    case .segmentation: isBad ? "MT_Crack" : "MT_Free"
    case .anomaly, .anomalyWithoutThreshold, .tiled: isBad ? "defect" : "good"
    default: isBad ? "scratch" : "good"
    }
  }
}
