import AssayHTTP
import AssayPlant
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Synchronization
import Testing

/// Keeps the documents that links are told.
final class ListeningLink: StationLink {
  private let kept = Mutex<[[UInt8]]>([])

  func receive(_ answer: InspectAnswer) {
    let bytes = (try? answer.document()).map { Array($0) } ?? []
    kept.withLock { $0.append(bytes) }
  }

  var documents: [[UInt8]] { kept.withLock { $0 } }
  var health: LinkHealth { LinkHealth(name: "test", isUp: true) }
  func close() {}
}

extension TestStation {
  /// A station with a ``TinyBundle`` called `part`, which keeps every image.
  static func run(
    _ kind: BundleKind, links: (Station) throws -> Void = { _ in },
    _ body: @escaping @Sendable (TestStation) async throws -> Void
  ) async throws {
    try await run({ try TinyBundle.write(kind, in: $0) }, change: { $0.images = .all }, links: links, body)
  }

  /// Inspects a picture of one grey level.
  func inspect(_ level: UInt8, width: Int = 64, query: String = "") async throws -> JSONValue {
    let reply = try await call("POST", "/v1/inspect/part" + query, body: Pictures.grey(level, width: width))
    #expect(reply.status == 200, "\(reply.text)")
    return try JSONValue(parsing: reply.body)
  }

  func document(_ path: String) async throws -> JSONValue {
    let reply = try await get(path)
    #expect(reply.status == 200, "\(path): \(reply.text)")
    return try JSONValue(parsing: reply.body)
  }

  func post(_ path: String, _ json: String) async throws -> (status: Int, body: JSONValue) {
    let reply = try await call("POST", path, body: Array(json.utf8))
    return (reply.status, (try? JSONValue(parsing: reply.body)) ?? .null)
  }
}

/// What a station does with a bundle.
extension KindTests {
  /// The answer is the line of `assay inspect --json` in an envelope.
  func inspectOverHTTP(_ kind: BundleKind) async throws {
    let bench = try Bench(kind)
    let lines = try bench.assay("inspect", bench.bundle, bench.black, bench.white, "--json").lines
    try await TestStation.run(kind) { station in
      for (index, level) in [UInt8(0), 255].enumerated() {
        let answer = try await station.inspect(level)
        var line = try #require(lines[index].members)
        var own = try #require(answer.members)
        for key in ["file", "milliseconds"] { line[key] = nil }
        for key in ["id", "recorded", "model", "version", "time", "milliseconds"] {
          #expect(own.removeValue(forKey: key) != nil, "\(key)")
        }
        #expect(own == line)
        #expect(answer["time"]?.text?.hasSuffix("Z") == true)
      }
      let entry = try #require(try await station.document("/v1/models")["models"]?[0])
      #expect(entry["name"]?.text == "part" && entry["failure"] == nil)
      #expect(entry["trainingImages"]?.integer.map { $0 > 0 } == true)
      if !kind.isMultiLabel {
        #expect(entry["classes"]?.elements?.map(\.text) == kind.correctableClasses)
      }
    }
  }

  func infer(_ kind: BundleKind) async throws {
    try await TestStation.run(kind) { station in
      let metadata = try await station.document("/v2/models/part")
      let names = Set(metadata["outputs"]?.elements?.compactMap { $0["name"]?.text } ?? [])
      #expect(names.contains("verdict") && names.contains("class") == (kind != .measurement))
      for (level, expected) in [(UInt8(0), kind.onBlack), (255, kind.onWhite)] {
        let image = Data(Pictures.grey(level)).base64EncodedString()
        let (status, body) = try await station.post(
          "/v2/models/part/infer",
          "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"\(image)\"]}]}")
        #expect(status == 200, "\(body)")
        let outputs = Dictionary(
          (body["outputs"]?.elements ?? []).map { ($0["name"]?.text ?? "", $0["data"]) }, uniquingKeysWith: { $1 })
        #expect(outputs["verdict"]??[0]?.text == expected.verdict)
        if kind != .measurement { #expect(outputs["class"]??[0]?.text == expected.class) }
        // A map of tiles put together is not what the graph gives for one of them.
        let given = kind == .tiled ? ["verdict", "class", "score"] : names
        #expect(Set(outputs.keys) == given)
      }
    }
  }

  /// Every class that a part can have is accepted, the good one among them; others are refused with what there is.
  func correct(_ kind: BundleKind) async throws {
    try await TestStation.run(kind) { station in
      let id = try #require(try await station.inspect(255)["id"]?.integer)
      let path = "/v1/records/\(id)/correction"
      for name in kind.correctableClasses {
        let isGood = name == "good"
        let verdict = kind == .classifierWithoutGood ? nil : isGood ? "good" : "defect"
        let (status, body) = try await station.post(path, "{\"class\":\"\(name)\"}")
        #expect(status == 201, "\(name): \(body)")
        #expect(body["class"]?.text == name && body["verdict"]?.text == verdict)
      }
      let (status, body) = try await station.post(path, "{\"class\":\"no such class\"}")
      #expect(status == 400)
      let message = body["error"]?.text ?? ""
      for name in kind.correctableClasses { #expect(message.contains(name), "\(message)") }
      guard kind == .measurement else { return }
      #expect(!message.isEmpty && !message.hasSuffix("only "), "\(message)")
    }
  }

  func setThresholdOverHTTP(_ kind: BundleKind) async throws {
    try await TestStation.run(kind) { station in
      func manifest() throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: station.bundle + "/manifest.json")))
      }
      let before = try manifest()
      let (status, body) = try await station.post("/v1/models/part/threshold", "{\"value\":0.5}")
      let after = try manifest()
      switch kind {
      case .classifier, .fewShot, .fineTuned, .segmentation, .tasks:
        #expect(status == 200 && after["threshold"]?["value"]?.number == 0.5, "\(body)")
        #expect(body["threshold"]?["value"]?.number == 0.5)
        // 100 / 255 = 0.39.
        #expect(try await station.inspect(100)["verdict"]?.text == "good")
        // Of the held-out parts none of the 5 bad ones scores below 0.75, none of the 20 good ones above 0.15.
        #expect(after["threshold"]?["escapes"]?.integer == 0 && after["threshold"]?["overkills"]?.integer == 0)
        #expect(after["threshold"]?["defects"]?.integer == 5 && after["threshold"]?["goods"]?.integer == 20)
      case .anomaly, .tiled:
        #expect(status == 200 && after["threshold"]?["value"]?.number == 0.5, "\(body)")
        // The score is twice 100 / 255.
        #expect(try await station.inspect(100)["verdict"]?.text == "defect")
        #expect(after["changes"]?.elements?.count == 1)
        #expect(after["anomaly"]?["guarantee"] == nil)
        let scale = try #require(after["network"]?["mapScale"]?.number)
        #expect(scale == after["anomaly"]?["mapThreshold"]?.number && scale < 1)
      case .anomalyWithoutThreshold:
        #expect(status == 200 && after["threshold"]?["value"]?.number == 0.5, "\(body)")
      case .classifierWithoutGood, .measurement:
        #expect(status == 409 && body["error"]?.text?.contains("part") == true && after == before, "\(body)")
      case .multiLabel, .multiLabelSegmentation:
        #expect((400..<500).contains(status) && after == before)
        #expect(body["error"]?.text?.contains("dent, scratch, stain") == true, "\(body)")
        let (changed, found) = try await station.post(
          "/v1/models/part/threshold", "{\"value\":0.5,\"class\":\"scratch\",\"by\":\"operator\"}")
        let thresholds = try manifest()["labelThresholds"]?.elements?.map { $0["value"]?.number }
        #expect(changed == 200 && thresholds == [0.5, 0.5, 0.75], "\(found)")
        #expect(
          found["labelThresholds"]?["scratch"]?["escapes"]?.integer == 0, "of the 5 bad ones, by the held-out scores")
      }
    }
  }

  /// Sixty parts, each a little worse than the worst held-out good one: the alarm is raised by the score, where there is one,
  /// and what is not compared says why.
  func drift(_ kind: BundleKind) async throws {
    try await TestStation.run(kind) { station in
      // 50 / 255 = 0.20; the held-out good parts score 0 to 9 / 64 = 0.14.
      for _ in 0..<60 { _ = try await station.inspect(50) }
      let drift = try await station.document("/v1/models/part/drift")
      #expect(drift["hasReference"]?.bool == true && drift["partsPerLook"]?.integer == 10)
      let findings = drift["findings"]?.elements ?? []
      let gaps = drift["gaps"]?.elements ?? []
      #expect(gaps.allSatisfy { $0["reason"]?.text?.isEmpty == false })
      let compared = Set(findings.compactMap { $0["of"]?.text })
      let missing = Set(gaps.compactMap { $0["of"]?.text })
      let isTold =
        compared.isDisjoint(with: missing)
        && compared.union(missing).isSuperset(of: ["score", "brightness", "features"])
      #expect(isTold, "\(compared), \(missing)")
      #expect(compared.contains("score") == (kind != .measurement), "\(compared)")
      #expect(compared.contains("features") == (kind != .tiled), "\(compared)")
      // All at 50 of 255, where photographs of training were anywhere from black to white.
      let brightness = findings.first { $0["of"]?.text == "brightness" }
      #expect(brightness?["isAlarm"]?.bool == true, "\(brightness as Any)")
      #expect(compared.contains("novelty") == compared.contains("features"))
      for finding in findings { #expect(finding["count"]?.integer == 60) }
      if kind == .measurement {
        // All of one value: a quarter of the way from the nearest to the farthest.
        #expect(findings.first { $0["of"]?.text == "features" }?["isAlarm"]?.bool == true)
      } else {
        let score = try #require(findings.first { $0["of"]?.text == "score" })
        #expect(score["isAlarm"]?.bool == true && score["sudden"]?["count"]?.integer == 50, "\(score)")
        #expect(score["statistic"]?.number.map { $0 > 0.7 } == true)
      }
      #expect(drift["isAlarm"]?.bool == true)
    }
  }

  func modbus(_ kind: BundleKind) async throws {
    let box = Mutex<Station?>(nil)
    let keep: (Station) -> Void = { station in box.withLock { $0 = station } }
    try await TestStation.run(kind, links: keep) { test in
      let station = try #require(box.withLock { $0 })
      let inbox = TemporaryFolder()
      let source = try NewestPicture(folder: inbox.path)
      let trigger = try TriggeredInspection(station, model: nil, source: source, patience: 240)
      let classes = try await test.document("/v1/models")["models"]?[0]?["classes"]?.elements?.compactMap(\.text) ?? []
      for (name, level, expected) in [("a", UInt8(0), kind.onBlack), ("b", 255, kind.onWhite)] {
        inbox.write(name + ".png", Pictures.grey(level))
        let result = try await trigger.run(part: 7).get()
        #expect(result.isGood == (expected.verdict == "good") && result.isDefect == (expected.verdict == "defect"))
        // The number is meant in the order of `GET /v1/models`; a part without a class has none.
        let isNamed = kind != .measurement && kind != .anomalyWithoutThreshold
        let number = Int(result.classIndex)
        #expect((classes.indices.contains(number) ? classes[number] : nil) == (isNamed ? expected.class : nil))
      }
      guard let uncertain = kind.uncertain else { return }
      inbox.write("c.png", Pictures.grey(uncertain.level, width: 60))
      let result = try await trigger.run(part: 8).get()
      #expect(result.isUncertain)
    }
  }

  /// A link is told what the caller is told, byte for byte.
  func mqtt(_ kind: BundleKind) async throws {
    let link = ListeningLink()
    let attach: (Station) -> Void = { $0.attach(link) }
    try await TestStation.run(kind, links: attach) { station in
      for level in [UInt8(0), 255] {
        let reply = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(level))
        #expect(link.documents.last == reply.body)
      }
      #expect(link.documents.count == 2)
      let told = try link.documents.map { BundleKind.Judgement(try JSONValue(parsing: $0)) }
      #expect(told == [kind.onBlack, kind.onWhite])
    }
  }

  func report(_ kind: BundleKind) async throws {
    try await TestStation.run(kind) { station in
      let reply = try await station.get("/v1/models/part/report")
      #expect(reply.status == 200 && reply.headers["content-type"]?.hasPrefix("text/html") == true)
      #expect(reply.text.contains("<h1>Inspector</h1>"))
      // What held-out parts looked like, where a good class was known; or why not.
      let validation = try await station.get("/v1/models/part/validation")
      let hasScores = kind.judges || kind == .anomalyWithoutThreshold
      #expect(validation.status == (hasScores ? 200 : 404))
      guard !hasScores else { return }
      let message = try #require(validation.json["error"] as? String)
      #expect(!message.contains("with this version"), "\(message)")
    }
  }

  func uncertain(_ kind: BundleKind) async throws {
    try await TestStation.run(kind) { station in
      for level in [UInt8(0), 255] {
        // Without a threshold every part is for a person to look at.
        #expect(try await station.inspect(level)["isUncertain"]?.bool == (kind == .anomalyWithoutThreshold))
      }
      guard let uncertain = kind.uncertain else { return }
      let answer = try await station.inspect(uncertain.level, width: 60)
      #expect(answer["verdict"]?.text == uncertain.verdict)
      let open = try await station.document("/v1/records?review=open")
      #expect(answer["isUncertain"]?.bool == true)
      let listed = open["records"]?.elements?.contains { $0["id"] == answer["id"] }
      #expect(listed == true, "it is to be reviewed")
    }
  }
}
