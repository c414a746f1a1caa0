import AssayBundle
import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// Every document of every kind, from network outputs that are known, as programs of others read them. See ``Golden``.
@Suite struct GoldenTests {
  /// Black, close to a threshold, white.
  private static let levels: [UInt8] = [0, 60, 255]

  private static func pictures(_ bench: Bench) -> [String] {
    levels.map { level in
      bench.folder.write("grey\(level).png", Pictures.grey(level))
      return "\(bench.folder.path)/grey\(level).png"
    }
  }

  @Test(arguments: BundleKind.allCases) func manifest(_ kind: BundleKind) throws {
    let bench = try Bench(kind)
    // As this version writes it.
    var bundle = try ModelBundle(path: bench.bundle)
    try bundle.replaceManifest { _ in }
    try Golden.check(try bench.manifest(), "manifest", kind)
  }

  @Test(arguments: BundleKind.allCases) func inspect(_ kind: BundleKind) throws {
    let bench = try Bench(kind)
    let outcome = try AssayProgram.run(["inspect", bench.bundle] + Self.pictures(bench) + ["--json"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    try Golden.check(.array(outcome.lines), "inspect", kind, folders: [bench.folder.path: "FOLDER"])
  }

  @Test(arguments: BundleKind.allCases) func evaluate(_ kind: BundleKind) throws {
    let bench = try Bench(kind)
    let outcome = try bench.assay("evaluate", bench.bundle, bench.writeData(), "--json")
    #expect(outcome.status == 0, "\(outcome.messages)")
    try Golden.check(outcome.json, "evaluate", kind, folders: [bench.folder.path: "FOLDER"])
  }

  /// Of those kinds whose data differ.
  @Test(arguments: [BundleKind.classifier, .classifierWithoutGood, .tasks, .measurement])
  func data(_ kind: BundleKind) throws {
    let bench = try Bench(kind)
    let outcome = try bench.assay("data", bench.writeData(), "--json")
    #expect(outcome.status == 0, "\(outcome.messages)")
    try Golden.check(outcome.json, "data", kind, folders: [bench.folder.path: "FOLDER"])
  }

  /// What the command prints, or why it refuses.
  @Test(arguments: BundleKind.allCases) func threshold(_ kind: BundleKind) throws {
    let bench = try Bench(kind)
    let outcome = try bench.assay("threshold", bench.bundle, "--max-overkill", "0.1", "--json")
    let document: JSONValue =
      outcome.status == 0
      ? outcome.json : .object(["status": .integer(Int(outcome.status)), "messages": .text(outcome.messages)])
    try Golden.check(document, "threshold", kind, folders: [bench.folder.path: "FOLDER"])
  }

  /// Of a training run only the form is kept: its figures depend on the processor.
  @Test(arguments: [BundleKind.classifier, .classifierWithoutGood, .anomaly]) func compare(_ kind: BundleKind) throws {
    let lab = try TrainingLab()
    let outcome = try AssayProgram.run(
      ["compare", lab.data(kind), "--no-cache", "--json"] + (kind == .anomaly ? [] : ["--folds", "3"]),
      environment: lab.environment)
    #expect(outcome.status == 0, "\(outcome.messages)")
    try Golden.check(Self.form(outcome.json), "compare", kind, folders: [lab.folder.path: "FOLDER"])
  }

  private static func form(_ value: JSONValue, key: String? = nil) -> JSONValue {
    switch value {
    case .integer, .number: .text("NUMBER")
    case .bool: .text("TRUE OR FALSE")
    case .text(let text): .text(key == "recommendation" || text.contains(where: \.isNumber) ? "TEXT" : text)
    case .array(let elements): .array(elements.map { form($0, key: key) })
    case .object(let members):
      .object(Dictionary(uniqueKeysWithValues: members.map { ($0, form($1, key: $0)) }))
    case .null: value
    }
  }

  /// Everything that a station says of a bundle and its parts.
  @Test(arguments: BundleKind.allCases) func station(_ kind: BundleKind) async throws {
    let link = ListeningLink()
    let attach: (Station) -> Void = { $0.attach(link) }
    try await TestStation.run(kind, links: attach) { station in
      func check(_ document: JSONValue, _ name: String) throws {
        try Golden.check(document, name, kind, folders: [station.folder.path: "FOLDER"])
      }
      /// The answer, whatever its status.
      func reply(_ path: String) async throws -> JSONValue {
        let reply = try await station.get(path)
        return .object([
          "status": .integer(reply.status), "body": (try? JSONValue(parsing: reply.body)) ?? .text(reply.text),
        ])
      }
      try check(try await station.document("/v1/models"), "http-models")
      try check(try await station.document("/v2/models/part"), "infer-metadata")
      var answers: [JSONValue] = []
      for (index, level) in Self.levels.enumerated() {
        answers.append(try await station.inspect(level, query: "?serial=A-\(index)"))
      }
      try check(.array(answers), "http-inspect")
      try check(.array(try link.documents.map { try JSONValue(parsing: $0) }), "link")
      let id = try #require(answers.last?["id"]?.integer)
      if let name = kind.correctableClasses.first {
        _ = try await station.post("/v1/records/\(id)/correction", "{\"class\":\"\(name)\",\"note\":\"seen\"}")
      }
      try check(try await station.document("/v1/records/\(id)"), "record")
      try check(try await station.document("/v1/records/\(id)/answer"), "record-answer")
      try check(try await reply("/v1/models/part/validation"), "http-validation")
      try check(try await reply("/v1/models/part/drift"), "http-drift")
      for level in [UInt8(0), 255] {
        let image = Data(Pictures.grey(level)).base64EncodedString()
        let (status, body) = try await station.post(
          "/v2/models/part/infer",
          "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"\(image)\"]}]}")
        #expect(status == 200)
        try check(Self.shortened(body), level == 0 ? "infer-black" : "infer-white")
      }
      let (status, body) = try await station.post("/v1/models/part/threshold", "{\"value\":0.5}")
      try check(.object(["status": .integer(status), "body": body]), "http-threshold")
      let manifest = try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: station.bundle + "/manifest.json")))
      if status == 200 { try check(manifest, "manifest-after-threshold") }
    }
  }

  /// Without the maps' many values.
  private static func shortened(_ answer: JSONValue) -> JSONValue {
    guard var members = answer.members, let outputs = answer["outputs"]?.elements else { return answer }
    members["outputs"] = .array(
      outputs.map { output in
        guard var own = output.members, let data = output["data"]?.elements, data.count > 64 else { return output }
        own["data"] = .object([
          "count": .integer(data.count), "sum": .number(data.reduce(0) { $0 + ($1.number ?? .nan) }),
        ])
        return .object(own)
      })
    return .object(members)
  }
}
