import AssayHTTP
import AssayPlant
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Synchronization
import Testing

/// Keeps what a link is told.
final class ListeningLink: StationLink {
  private let kept = Mutex<[[UInt8]]>([])
  private let closed = Mutex(false)

  func receive(_ answer: InspectAnswer) {
    let bytes = (try? answer.document()).map { Array($0) } ?? []
    kept.withLock { $0.append(bytes) }
  }

  var documents: [[UInt8]] { kept.withLock { $0 } }
  var isClosed: Bool { closed.withLock { $0 } }
  var health: LinkHealth {
    LinkHealth(name: "test", isUp: false, failure: "away", delivered: documents.count, waiting: 3, dropped: 2)
  }
  func close() { closed.withLock { $0 = true } }
}

@Suite struct LinkTests {
  /// Links and callers are told the same, byte for byte, whichever way a part came.
  @Test func linksGetWhatCallersGet() async throws {
    let link = ListeningLink()
    try await TestStation.run(
      links: { $0.attach(link) },
      { (station: TestStation) async throws -> Void in
        let first = try await station.inspect(5060, isScratched: true, query: "?serial=A-1")
        let second = try await station.inspect(6060, isScratched: false)
        #expect(first.status == 200 && second.status == 200)
        #expect(link.documents == [first.body, second.body])
        // What is refused is no result.
        #expect(try await station.call("POST", "/v1/inspect/part", body: Array("hello".utf8)).status == 415)
        #expect(link.documents.count == 2)

        let metrics = String(decoding: try await station.get("/metrics").body, as: UTF8.self)
        for line in [
          "assay_link_up{link=\"test\"} 0", "assay_link_delivered_total{link=\"test\"} 2",
          "assay_link_waiting{link=\"test\"} 3", "assay_link_dropped_total{link=\"test\"} 2",
        ] { #expect(metrics.contains(line + "\n")) }
        let live = try await station.get("/v1/models/part/live").json
        let links = try #require(live["links"] as? [[String: Any]])
        #expect(links.count == 1 && links[0]["name"] as? String == "test" && links[0]["isUp"] as? Bool == false)
      })
    #expect(link.isClosed)
  }

  /// What `assay watch` finds goes to links as well, once.
  @Test func watchersTellLinks() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    folder.write("in/bad.pgm", Pictures.brushedMetal(seed: 5063, isScratched: true))
    folder.write("in/broken.pgm", Array("P5 64 64 255\n".utf8))
    let watcher = try FolderWatcher(bundle: bundle, folder: folder.path + "/in", patience: 0)
    let link = ListeningLink()
    watcher.attach(link)
    for _ in 0..<3 { _ = try watcher.look { _ in } }
    let documents = link.documents.map { String(decoding: $0, as: UTF8.self) }
    #expect(documents.count == 1 && documents[0].contains("\"verdict\":\"defect\""))
    #expect(watcher.served.name == "part" && watcher.served.classes == ["good", "scratch"])
    #expect(documents[0].contains("\"version\":\"\(watcher.served.version)\""))
  }

  /// A trigger gets a picture that came after the last one, waits for it, and waits until it is whole.
  @Test func triggersTakeTheNewestPictureOnce() async throws {
    let box = Mutex<Station?>(nil)
    let link = ListeningLink()
    let keep: (Station) -> Void = { station in
      station.attach(link)
      box.withLock { $0 = station }
    }
    try await TestStation.run(
      links: keep,
      { (test: TestStation) async throws -> Void in
        let station = try #require(box.withLock { $0 })
        test.folder.write("in/before.pgm", Pictures.brushedMetal(seed: 5061, isScratched: true))
        let source = try NewestPicture(folder: test.folder.path + "/in")
        func trigger(_ part: UInt32, patience: Double = 900) async throws -> Result<ModbusResult, ModbusFault> {
          await (try TriggeredInspection(station, model: nil, source: source, patience: patience)).run(part: part)
        }
        #expect(try await trigger(1, patience: 0.1) == .failure(.noPicture), "what was there belongs to another part")
        test.folder.write("in/now.pgm", Pictures.brushedMetal(seed: 5062, isScratched: true))
        let found = try await trigger(7).get()
        // Classes are good and scratch.
        #expect(found.isDefect && !found.isGood && found.classIndex == 1 && found.score > found.threshold)
        #expect(String(decoding: link.documents.last ?? [], as: UTF8.self).contains("\"serial\":\"7\""))
        #expect(try await trigger(2, patience: 0.1) == .failure(.noPicture), "each picture once")

        let whole = Pictures.brushedMetal(seed: 6062, isScratched: false)
        test.folder.write("in/slow.pgm", Array(whole.prefix(2000)))
        async let waiting = trigger(0)
        try await Task.sleep(for: .milliseconds(100))
        test.folder.write("in/slow.pgm", whole)
        #expect(try await waiting.get().isGood)
        test.folder.write("in/broken.pgm", Array(whole.prefix(2000)))
        #expect(try await trigger(0, patience: 0.1) == .failure(.unreadable))
        #expect(try await trigger(0, patience: 0.1) == .failure(.noPicture), "given up once")

        // The record has them as parts like all others.
        let records = try #require(try await test.get("/v1/records?serial=7").json["records"] as? [Any])
        #expect(records.count == 1 && link.documents.count == 2)
      })
  }
}
