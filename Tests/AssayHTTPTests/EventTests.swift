import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Synchronization
import Testing

/// `/v1/events`.
@Suite struct EventTests {
  private struct NoStream: Error {}

  private static func listen(
    _ station: TestStation, _ query: String = "", headers: [String: String] = [:]
  ) async throws -> EventStream {
    let port = station.port
    guard let stream = await Wire.blocking({ EventStream(port: port, query: query, headers: headers) }) else {
      throw NoStream()
    }
    return stream
  }

  private static func next(_ stream: EventStream, _ name: String) async throws -> EventStream.Event {
    try #require(await Wire.blocking { stream.next(name) })
  }

  private static func inspect(_ station: TestStation, _ serial: String, shade: UInt8 = 0) async throws -> Wire.Reply {
    try await station.call("POST", "/v1/inspect/part?serial=\(serial)", body: Pictures.grey(shade))
  }

  private static let zone: @Sendable (inout TestOptions) -> Void = {
    if let zone = TimeZone(identifier: "Asia/Kolkata") { $0.timeZone = zone }
  }

  /// First the station, then each part in the words that its caller gets, and what becomes of the bundles.
  @Test func whatHappensIsTold() async throws {
    try await ConnectionTests.run(change: Self.zone) { station in
      let stream = try await Self.listen(station)
      #expect(stream.status == 200 && stream.headers["content-type"] == "text/event-stream")
      #expect(stream.headers["cache-control"] == "no-store" && stream.headers["x-content-type-options"] == "nosniff")
      let first = try #require(await Wire.blocking { stream.next() })
      let hello = first.json
      #expect(first.name == "hello" && first.id == nil && hello["resumed"] as? Bool == false)
      let clock = try #require(hello["station"] as? [String: Any])
      #expect(clock["zone"] as? String == "Asia/Kolkata" && clock["offset"] as? Int == 19_800)
      let (start, now) = (clock["dayStart"] as? Double ?? 0, clock["time"] as? Double ?? 0)
      // Midnight in Kolkata is half past six in the evening in Greenwich.
      #expect(start.truncatingRemainder(dividingBy: 86_400) == 66_600 && start <= now && now < start + 86_400)
      #expect(clock["dayEnd"] as? Double == start + 86_400 && clock["version"] is String)
      #expect((hello["models"] as? [[String: Any]])?.first?["name"] as? String == "part")

      for (serial, shade) in [("A-1", UInt8(0)), ("A-2", 255)] {
        let reply = try await Self.inspect(station, serial, shade: shade)
        let event = try await Self.next(stream, "part")
        #expect(event.data == reply.text && event.json["serial"] as? String == serial && event.id != nil)
        #expect(event.json["model"] as? String == "part" && event.json["id"] is Int)
      }
      let before = (hello["models"] as? [[String: Any]])?.first?["version"] as? String
      let changed = try await station.call(
        "POST", "/v1/models/part/threshold", body: Array("{\"value\": 0.75}".utf8))
      #expect(changed.status == 200)
      let bundles = try await Self.next(stream, "bundles").json
      let after = (bundles["models"] as? [[String: Any]])?.first?["version"] as? String
      #expect(after != nil && after != before, "a threshold is told")
    }
  }

  /// A bundle that cannot be loaded is told with its error; the old one is served on.
  @Test func aBrokenBundleIsTold() async throws {
    try await ConnectionTests.run { station in
      let stream = try await Self.listen(station)
      try Data("{".utf8).write(to: URL(fileURLWithPath: station.bundle + "/manifest.json"))
      let event = try await Self.next(stream, "bundles").json
      let model = (event["models"] as? [[String: Any]])?.first
      #expect(model?["failure"] is String && model?["version"] is String, "\(event)")
    }
  }

  /// The answer goes on beyond the time in which others must have been taken.
  @Test func itHasNoDeadline() async throws {
    try await ConnectionTests.run {
      $0.exchangeSeconds = 0.3
      $0.idleSeconds = 0.3
    } _: { station in
      let stream = try await Self.listen(station)
      #expect(await Wire.blocking { stream.waitForComments(2) })
      _ = try await Self.inspect(station, "late")
      #expect(try await Self.next(stream, "part").json["serial"] as? String == "late")
    }
  }

  /// With the id of the last event, in the query or in a browser's header, what was told since comes first.
  @Test func whoComesBackMissesNone() async throws {
    try await ConnectionTests.run { station in
      let stream = try await Self.listen(station)
      var ids: [String] = []
      for index in 0..<4 {
        _ = try await Self.inspect(station, "A-\(index)")
        ids.append(try await Self.next(stream, "part").id ?? "")
      }
      for (query, headers) in [
        ("?after=\(ids[1])", [:]), ("", ["Last-Event-ID": ids[1]]),
        // The browser's own knowledge is newer than the page's.
        ("?after=\(ids[0])&bundle=part", ["Last-Event-ID": ids[1]]),
      ] {
        let again = try await Self.listen(station, query, headers: headers)
        let hello = try await Self.next(again, "hello").json
        #expect(hello["resumed"] as? Bool == true && hello["missed"] as? Int == 0, "\(query): \(hello)")
        for serial in ["A-2", "A-3"] {
          #expect(try await Self.next(again, "part").json["serial"] as? String == serial, "\(query)")
        }
      }
      for query in ["?after=nonsense", "?after=\(ids[0])x", "?bundle=a%00", "?since=1"] {
        #expect(try await station.get("/v1/events" + query).status == 400, "\(query)")
      }
      #expect(try await station.get("/v1/events?bundle=none").status == 404)
    }
  }

  /// No more than are allowed; who leaves makes room; HEAD takes none.
  @Test func readersAreFew() async throws {
    try await ConnectionTests.run {
      $0.eventReaders = 2
    } _: { station in
      let kept = try await Self.listen(station)
      do {
        let second = try await Self.listen(station)
        let reply = try await station.get("/v1/events")
        #expect(reply.status == 503 && reply.json["error"] is String && reply.headers["retry-after"] == "5")
        #expect(second.status == 200)
      }
      let head = try await station.call("HEAD", "/v1/events")
      #expect(head.status == 200 && head.headers["content-type"] == "text/event-stream" && head.body.isEmpty)
      // The station notices that the second is gone when it next says that it is there.
      while try await Self.listen(station).status != 200 { try await Task.sleep(for: .milliseconds(20)) }
      let metrics = try await station.get("/metrics").text
      #expect(metrics.contains("assay_event_readers_refused_total"))
      #expect(kept.status == 200)
      #expect(try await station.call("POST", "/v1/events").headers["allow"] == "GET, HEAD, OPTIONS")
    }
  }

  /// Who takes nothing is cut off, whatever lies in the buffers between; verdicts go on, and others hear them.
  @Test func aSlowReaderIsCutOff() async throws {
    let link = ListeningAnswers()
    let bundle: (String) throws -> String = { try TinyBundle.write(.classifier, in: $0) }
    let links: (Station) throws -> Void = { $0.attach(link) }
    try await TestStation.run(bundle, links: links) { station in
      let slow = try await Self.listen(station)
      _ = try await Self.inspect(station, "A")
      let answer = try #require(link.answers.first)
      // Buffers of the two sockets hold some MB.
      let events = station.station.events
      var count = 0
      while events.counts.dropped == 0, count < 400_000 {
        events.receive(answer)
        count += 1
      }
      #expect(events.counts.dropped == 1)
      #expect(await Wire.blocking { slow.isClosedByServer() })
      #expect(try await station.get("/metrics").text.contains("assay_event_readers_dropped_total 1"))
      let other = try await Self.listen(station)
      #expect(try await Self.inspect(station, "B").status == 200)
      #expect(try await Self.next(other, "part").json["serial"] as? String == "B")
    }
  }

  @Test func itNeedsTheToken() async throws {
    let secrets = TemporaryFolder()
    secrets.write("token", Array("0123456789abcdef0123\n".utf8))
    try await ConnectionTests.run {
      $0.tokenFile = secrets.path + "/token"
    } _: { (station: TestStation) async throws in
      #expect(try await station.get("/v1/events").status == 401)
      let cookie = ["Cookie": "assay_token=0123456789abcdef0123"]
      #expect(try await Self.listen(station, headers: cookie).status == 200)
    }
  }
}

/// Keeps what a link is told.
private final class ListeningAnswers: StationLink {
  private let kept = Mutex<[InspectAnswer]>([])

  func receive(_ answer: InspectAnswer) { kept.withLock { $0.append(answer) } }
  var answers: [InspectAnswer] { kept.withLock { $0 } }
  var health: LinkHealth { LinkHealth(name: "test", isUp: true) }
  func close() {}
}
