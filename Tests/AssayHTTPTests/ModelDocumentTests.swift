import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// What `/v1/models` says of a threshold, and of bundles that cannot be served.
@Suite struct ModelDocumentTests {
  private static func model(_ station: TestStation, _ name: String = "part") async throws -> [String: Any] {
    let models = try #require(try await station.get("/v1/models").json["models"] as? [[String: Any]])
    return try #require(models.first { $0["name"] as? String == name })
  }

  private static func set(_ station: TestStation, _ body: String) async throws -> Int {
    try await station.call("POST", "/v1/models/part/threshold", body: Array(body.utf8)).status
  }

  /// Who changed the threshold, when and why; what an undo would take back, and that it does.
  @Test func theThresholdsHistory() async throws {
    try await ConnectionTests.run { station in
      var history = try #require(try await Self.model(station)["thresholdHistory"] as? [String: Any])
      #expect(history["undoable"] == nil && (history["changes"] as? [Any])?.isEmpty == true)
      #expect(try await Self.set(station, #"{"value": 0.5, "by": "Ada", "reason": "new lamp"}"#) == 200)
      #expect(try await Self.set(station, #"{"value": 0.75, "by": "Bo"}"#) == 200)
      history = try #require(try await Self.model(station)["thresholdHistory"] as? [String: Any])
      let changes = try #require(history["changes"] as? [[String: Any]])
      #expect(changes.map { $0["by"] as? String } == ["Bo", "Ada"], "the latest first")
      #expect(changes[1]["reason"] as? String == "new lamp" && changes[0]["note"] is String)
      #expect(changes.allSatisfy { ($0["date"] as? String)?.hasSuffix("Z") == true })
      #expect((history["undoable"] as? [String: Any])?["by"] as? String == "Bo")

      #expect(try await Self.set(station, #"{"undo": true, "by": "Cy"}"#) == 200)
      let model = try await Self.model(station)
      #expect((model["threshold"] as? [String: Any])?["value"] as? Double == 0.5)
      history = try #require(model["thresholdHistory"] as? [String: Any])
      #expect((history["undoable"] as? [String: Any])?["by"] as? String == "Ada")
      #expect(try await Self.set(station, #"{"undo": true}"#) == 200)
      history = try #require(try await Self.model(station)["thresholdHistory"] as? [String: Any])
      #expect(history["undoable"] == nil && (history["changes"] as? [Any])?.count == 4)
      #expect(try await Self.set(station, #"{"undo": true}"#) == 409)
    }
  }

  /// A bundle that is not served as it is on disk says so, and why.
  @Test func bundlesThatCannotBeLoaded() async throws {
    let bundles: (String) throws -> String = { folder in
      let bundles = folder + "/bundles"
      _ = try TinyBundle.write(.classifier, in: bundles)
      let broken = try TinyBundle.write(.classifier, in: bundles, name: "broken")
      try Data("{".utf8).write(to: URL(fileURLWithPath: broken + "/manifest.json"))
      return bundles
    }
    try await TestStation.run(bundles) { station in
      let broken = try await Self.model(station, "broken")
      #expect(broken["state"] as? String == "failed" && broken["failure"] is String && broken["version"] == nil)
      #expect(broken["thresholdHistory"] == nil)
      #expect(try await Self.model(station)["state"] as? String == "served")
      try Data("{".utf8).write(to: URL(fileURLWithPath: station.bundle + "/part.assay/manifest.json"))
      #expect(throws: (any Error).self) { try station.station.shelf.load("part") }
      let part = try await Self.model(station)
      #expect(part["state"] as? String == "outdated" && part["failure"] is String && part["version"] is String)
    }
  }

  /// Where defects were tested, their scores are told beside those that the threshold rests on.
  @Test func testedDefects() async throws {
    let tested: @Sendable (String) throws -> String = { folder in
      try TinyBundle.write(.anomaly, in: folder) { bundle in
        var anomaly = bundle.manifest["anomaly"] as? [String: Any] ?? [:]
        anomaly["tested"] = ["scores": [0.25, 0.5, 1.5], "isDefect": [false, true, true]] as [String: Any]
        bundle.manifest["anomaly"] = anomaly
      }
    }
    try await TestStation.run(tested) { station in
      let validation = try await station.get("/v1/models/part/validation").json
      let parts = try #require(validation["tested"] as? [String: Any])
      #expect(parts["scores"] as? [Double] == [0.25, 0.5, 1.5] && parts["isDefect"] as? [Bool] == [false, true, true])
      #expect(validation["threshold"] as? Double == 1, "one of the two defects escapes at it")
    }
    let untested: (String) throws -> String = { try TinyBundle.write(.anomaly, in: $0) }
    try await TestStation.run(untested) { station in
      let validation = try await station.get("/v1/models/part/validation").json
      #expect(validation["tested"] == nil && validation["scores"] is [Double])
    }
    for odd in [["scores": [0.5], "isDefect": [Bool]()], ["scores": [-1], "isDefect": [true]]] as [[String: [Any]]] {
      let folder = TemporaryFolder()
      let path = try TinyBundle.write(.anomaly, in: folder.path) { bundle in
        var anomaly = bundle.manifest["anomaly"] as? [String: Any] ?? [:]
        anomaly["tested"] = odd
        bundle.manifest["anomaly"] = anomaly
      }
      #expect(throws: (any Error).self) {
        try ServedBundle(name: "part", path: path, maximumPixels: 1_000_000)
      }
    }
  }
}
