import AssayBundle
import AssayHTTP
import AssayImage
import AssayInspection
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Logging
import Testing

@Suite(.serialized) struct LoadTests {
  /// Sends one request after the other over one connection until told to stop.
  private static func hammer(_ port: Int, count: Int, seed: Int) -> [Int] {
    guard let wire = Wire(port: port) else { return [0] }
    return (0..<count).map { index in
      wire.send(
        Wire.request(
          "POST", "/v1/inspect/part",
          body: Pictures.brushedMetal(seed: seed * 1000 + index, isScratched: index % 2 == 0))
      )
      return wire.receive()?.status ?? 0
    }
  }

  @Test func afullQueueSaysWhenToComeBack() async throws {
    try await TestStation.run { options in
      options.queueLength = 1
      options.recording = .off
    } _: { (station: TestStation) async throws -> Void in
      // 16 megapixels in a few kilobytes: sent at once and long in the making, so that so many do not fit.
      let large = try ImageEncoder.png(
        width: 4000, height: 4000, channels: 1, pixels: [UInt8](repeating: 120, count: 16_000_000))
      let port = station.port
      var refused: Wire.Reply?
      for _ in 0..<5 where refused == nil {
        let replies = await withTaskGroup(of: Wire.Reply?.self) { group in
          for _ in 0..<24 {
            group.addTask {
              await Wire.blocking { () -> Wire.Reply? in
                guard let wire = Wire(port: port) else { return nil }
                wire.send(Wire.request("POST", "/v1/inspect/part", body: large))
                return wire.receive()
              }
            }
          }
          return await group.reduce(into: [Wire.Reply?]()) { $0.append($1) }
        }
        #expect(replies.allSatisfy { $0?.status == 200 || $0?.status == 429 })
        #expect(replies.contains { $0?.status == 200 })
        refused = replies.compactMap { $0 }.first { $0.status == 429 }
      }
      let reply = try #require(refused, "the queue was never full")
      #expect(reply.headers["retry-after"].flatMap { Int($0) } == 1 && reply.json["error"] is String)
      #expect(try await station.get("/metrics").text.contains("assay_refusals_total{reason=\"queue full\"}"))
    }
  }

  /// A bundle changes under load: nobody is refused, and the new one is used.
  @Test func reloadDropsNothing() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let before = try await station.get("/v2/models/part").json["versions"] as? [String]
      let port = station.port
      async let first = Wire.blocking { Self.hammer(port, count: 40, seed: 1) }
      async let second = Wire.blocking { Self.hammer(port, count: 40, seed: 2) }
      var bundle = try ModelBundle(path: station.bundle)
      try bundle.replaceManifest { $0.kind.spec.decision.threshold?.value = 0.9 }
      let version = String(bundle.identity.prefix(12))
      let statuses = await first + second
      #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses.filter { $0 != 200 })")
      for _ in 0..<100 {
        if try await station.get("/v2/models/part").json["versions"] as? [String] == [version] { break }
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(try await station.get("/v2/models/part").json["versions"] as? [String] == [version])
      #expect(before != [version])
      #expect(try await station.inspect(5003, isScratched: true).json["threshold"] as? Double == 0.9)
      // A damaged bundle is not taken: the old one goes on, and the list says why.
      try Data("{}".utf8).write(to: URL(fileURLWithPath: station.bundle + "/manifest.json"))
      let reply = try await station.call("POST", "/v1/models/part/reload")
      #expect(reply.status == 409)
      #expect(try await station.inspect(5004, isScratched: true).status == 200)
      let models = try await station.get("/v1/models").json["models"] as? [[String: Any]]
      #expect(models?.first?["failure"] is String)
    }
  }

  /// SIGTERM: what was accepted is answered, then the server ends.
  @Test func gracefulEnd() async throws {
    let folder = TemporaryFolder()
    var options = StationOptions(bundles: [try TestParts.bundle(in: folder.path)])
    var http = HTTPOptions()
    http.port = 0
    options.recordFolder = folder.path + "/record"
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = try StationServer(try Station(options, logger: logger), http)
    let (ports, publisher) = AsyncStream.makeStream(of: Int.self)
    async let ended: Void = server.run { publisher.yield($0) }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    let large = Array("P5 2000 2000 255\n".utf8) + [UInt8](repeating: 120, count: 4_000_000)
    let replies = await withTaskGroup(of: Int?.self) { group in
      for index in 0..<6 {
        group.addTask {
          await Wire.blocking { () -> Int? in
            guard let wire = Wire(port: port) else { return nil }
            wire.send(Wire.request("POST", "/v1/inspect/part", body: large))
            if index == 0 {
              usleep(300_000)
              kill(getpid(), SIGTERM)
            }
            return wire.receive()?.status
          }
        }
      }
      return await group.reduce(into: [Int?]()) { $0.append($1) }
    }
    try await ended
    // A connection that was not accepted before the signal may be closed; one that was is answered.
    #expect(replies.contains(200) && replies.allSatisfy { $0 == 200 || $0 == nil || $0 == 503 })
    #expect(Wire(port: port) == nil, "it still listens")
  }

  @Test func metricsAndDocuments() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      for index in 0..<4 { _ = try await station.inspect(5040 + index, isScratched: index % 2 == 0) }
      let text = try await station.get("/metrics").text
      for line in [
        "assay_inspections_total{model=\"part\",verdict=\"defect\",class=\"scratch\"} 2",
        "assay_inspections_total{model=\"part\",verdict=\"good\",class=\"good\"} 2",
        "assay_inspection_seconds_count{model=\"part\"} 4", "assay_score_count{model=\"part\"} 4",
        "assay_record_written_total 4", "assay_record_lost_total 0", "assay_queue_length 0",
        "assay_requests_total{method=\"POST\",route=\"/v1/inspect/{name}\",status=\"200\"} 4",
      ] { #expect(text.contains(line + "\n"), "\(line)") }
      for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
      }
      let document = try await station.get("/openapi.json").json
      let paths = try #require(document["paths"] as? [String: Any])
      #expect((document["openapi"] as? String)?.hasPrefix("3.") == true)
      #expect(Set(paths.keys).isSuperset(of: ["/v2/models/{name}/infer", "/v1/inspect/{name}", "/metrics"]))
      let drift = try await station.get("/v1/models/part/drift").json
      let findings = try #require(drift["findings"] as? [[String: Any]])
      #expect(
        drift["isAlarm"] as? Bool == false
          && findings.map { $0["of"] as? String } == ["score", "brightness", "features", "novelty"])
    }
  }

  @Test func thresholdsAndCandour() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let validation = try await station.get("/v1/models/part/validation").json
      let scores = try #require(validation["scores"] as? [Double])
      #expect(scores.count == (validation["isDefect"] as? [Bool])?.count && !scores.isEmpty)
      let path = "/v1/models/part/threshold"
      #expect(try await station.call("POST", path, body: Array("{\"value\":1.5}".utf8)).status == 400)
      #expect(try await station.call("POST", path, body: Array("{\"value\":0}".utf8)).status == 200)
      let all = try await station.inspect(6001, isScratched: false).json
      #expect(all["verdict"] as? String == "defect" && all["threshold"] as? Double == 0)
      #expect(try ModelBundle(path: station.bundle).manifest.threshold?.rule == "operator")
      #expect(try await station.call("POST", "/v1/models/part/rollback").status == 409)
      #expect(try await station.call("POST", "/v1/models/part/retrain").status == 409)
    }
  }

  /// A record that is full stops nothing.
  @Test func aFullRecordStopsNothing() async throws {
    try await TestStation.run { options in
      options.recordLimit = 150_000
      options.images = .all
    } _: { (station: TestStation) async throws -> Void in
      var answers: [[String: Any]] = []
      for index in 0..<40 {
        let reply = try await station.inspect(5100 + index, isScratched: true)
        #expect(reply.status == 200)
        answers.append(reply.json)
      }
      let lost = answers.filter { $0["recorded"] as? Bool == false }
      #expect(!lost.isEmpty && lost.allSatisfy { $0["recordError"] is String && $0["verdict"] is String })
      #expect(try await station.get("/metrics").text.contains("assay_record_lost_total \(lost.count)\n"))
      let live = try await station.get("/v1/models/part/live").json
      #expect((live["record"] as? [String: Any])?["lost"] as? Int == lost.count)
    }
  }

  @Test func asynchronousRecords() async throws {
    try await TestStation.run {
      $0.recording = .async
    } _: { (station: TestStation) async throws -> Void in
      let answer = try await station.inspect(5200, isScratched: true).json
      #expect(answer["id"] == nil && answer["recorded"] == nil)
      for _ in 0..<50 {
        if (try await station.get("/v1/records").json["records"] as? [Any])?.count == 1 { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect((try await station.get("/v1/records").json["records"] as? [Any])?.count == 1)
    }
  }
}
