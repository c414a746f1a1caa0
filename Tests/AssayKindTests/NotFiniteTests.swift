import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// What is no number is an error at every consumer, for every kind of inspector; never a verdict, and never counted.
@Suite struct NotFiniteTests {
  /// Answers black pictures, and NaN to white ones.
  private static func bundle(_ kind: BundleKind, in folder: String) throws -> String {
    try TinyBundle.write(kind, in: folder) { $0.fail(above: 0.75) }
  }

  @Test(arguments: BundleKind.allCases) func inspect(_ kind: BundleKind) throws {
    let folder = TemporaryFolder()
    let bundle = try Self.bundle(kind, in: folder.path)
    folder.write("black.png", Pictures.grey(0))
    folder.write("white.png", Pictures.grey(255))
    for names in [["white.png"], ["black.png", "white.png"]] {
      let run = try AssayProgram.run(["inspect", bundle, "--json"] + names.map { folder.path + "/" + $0 })
      #expect(run.status == 65 && run.messages.contains("not a finite number"), "\(run.messages)")
      let white = run.lines.first { $0["file"]?.text?.hasSuffix("white.png") ?? false }
      #expect(white?["error"] != nil && white?["verdict"] == nil)
      #expect(run.lines.count == names.count)
    }
  }

  /// Weights are looked at before the first image: NaN can vanish inside of a network.
  @Test(arguments: BundleKind.allCases) func weights(_ kind: BundleKind) throws {
    let folder = TemporaryFolder()
    let bundle = try TinyBundle.write(kind, in: folder.path) { bundle in
      bundle.replaceGraph([TinyGraph.Output("probabilities", [3], dark: [.nan, 0, 1], bright: [0, 1, 0])])
    }
    folder.write("black.png", Pictures.grey(0))
    let run = try AssayProgram.run(["inspect", bundle, folder.path + "/black.png"])
    #expect(run.status == 65 && run.messages.contains("not finite numbers"), "\(run.messages)")
  }

  @Test(arguments: BundleKind.allCases) func station(_ kind: BundleKind) async throws {
    let odd: @Sendable (String) throws -> String = { try Self.bundle(kind, in: $0) }
    try await TestStation.run(odd) { (test: TestStation) async throws -> Void in
      let fine = try await test.call("POST", "/v1/inspect/part", body: Pictures.grey(0))
      #expect(fine.status == 200, "\(fine.text)")
      let odd = try await test.call("POST", "/v1/inspect/part?serial=odd", body: Pictures.grey(255))
      #expect(odd.status == 500 && (odd.json["error"] as? String)?.contains("not a finite number") == true)
      let inferred = try await test.call(
        "POST", "/v2/models/part/infer",
        body: Array(
          """
          {"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["\(Data(Pictures.grey(255)).base64EncodedString())"]}]}
          """.utf8))
      #expect(inferred.status == 500)

      // For a PLC it is a part that failed: the error bit.
      await #expect(throws: PartRefusal.self) {
        try await test.station.inspect(model: "part", .file(Pictures.grey(255)), serial: nil)
      }

      // On record, and counted nowhere.
      var records: [[String: Any]] = []
      for _ in 0..<100 {
        records = try await test.get("/v1/records?verdict=error").json["records"] as? [[String: Any]] ?? []
        if records.count == 3 { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(records.count == 3 && records.contains { $0["serial"] as? String == "odd" })
      let live = try await test.get("/v1/models/part/live").json
      let counts = live["counts"] as? [[String: Any]] ?? []
      #expect(counts.compactMap { $0["count"] as? Int }.reduce(0, +) == 1, "only the black one")
      #expect(!counts.contains { $0["verdict"] as? String == "error" })
    }
  }

  /// A caller's tensor that is no number is the caller's fault.
  @Test(arguments: BundleKind.allCases, [Float.nan, .infinity]) func tensor(_ kind: BundleKind, _ odd: Float)
    async throws
  {
    let bundle: @Sendable (String) throws -> String = { try TinyBundle.write(kind, in: $0) }
    try await TestStation.run(bundle) { (test: TestStation) async throws -> Void in
      var values = [Float](repeating: 0, count: 3 * TinyGraph.side * TinyGraph.side)
      for position in [0, values.count - 1] {
        values[position] = odd
        let bytes = values.withUnsafeBytes { Array($0) }
        let reply = try await test.call(
          "POST", "/v2/models/part/infer", headers: ["Inference-Header-Content-Length": "0"], body: bytes)
        #expect(reply.status == 400, "\(reply.text)")
        values[position] = 0
      }
      #expect((try await test.get("/v1/records").json["records"] as? [Any])?.isEmpty == true)
    }
  }

  @Test(arguments: BundleKind.allCases) func watch(_ kind: BundleKind) throws {
    let folder = TemporaryFolder()
    let bundle = try Self.bundle(kind, in: folder.path)
    folder.write("inbox/white.png", Pictures.grey(255))
    let run = try AssayProgram.run(
      ["watch", bundle, folder.path + "/inbox", "--once", "--json", "--record-folder", folder.path + "/record"])
    #expect(run.status == 0, "\(run.messages)")
    #expect(folder.names(in: "inbox/unsure") == ["white.png"])
    #expect(run.lines.first?["verdict"]?.text == "error" && run.lines.first?["error"]?.text != nil)
  }
}
