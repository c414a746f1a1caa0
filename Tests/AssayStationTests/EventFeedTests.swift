import AssayStation
import AssayTestSupport
import Foundation
import Synchronization
import Testing

@Suite struct EventFeedTests {
  /// A feed beside the station's own.
  private static func feed(
    _ tiny: TinyStation, change: (inout EventFeed.Limits) -> Void = { _ in }
  ) -> EventFeed {
    var limits = EventFeed.Limits()
    // Signs of life would come between the events of a test.
    limits.pulse = .seconds(3600)
    change(&limits)
    let feed = EventFeed(limits)
    tiny.station.attach(feed)
    return feed
  }

  private static func inspect(_ tiny: TinyStation, _ serial: Int, model: String = "part") async throws {
    _ = try await tiny.station.inspect(model: model, .file(Pictures.grey(0)), serial: "S-\(serial)")
  }

  private static func serials(_ parts: [PartEvent]) -> [String] {
    parts.compactMap {
      ((try? JSONSerialization.jsonObject(with: $0.document.json)) as? [String: Any])?["serial"] as? String
    }
  }

  /// The parts that a reader is told until so many have come.
  private static func hear(_ reader: EventReader, count: Int) async -> [PartEvent] {
    var parts: [PartEvent] = []
    for await event in reader.events {
      if case .part(let part) = event { parts.append(part) }
      if parts.count == count { break }
    }
    return parts
  }

  /// Every part is told once, in order, in the words that its caller gets; trials are not.
  @Test func partsAreTold() async throws {
    let tiny = try TinyStation()
    let feed = Self.feed(tiny)
    let reader = try feed.reader()
    let bundle = try #require(tiny.station.shelf["part"])
    for index in 0..<3 { try await Self.inspect(tiny, index) }
    var trial = Part(.file(Pictures.grey(255)), serial: "trial")
    trial.isTrial = true
    _ = try await tiny.station.inspect(trial, with: bundle)
    try await Self.inspect(tiny, 3)
    let parts = await Self.hear(reader, count: 4)
    #expect(parts.map(\.document.json) == (try tiny.heard.answers.map { try $0.document() }))
    #expect(Self.serials(parts) == ["S-0", "S-1", "S-2", "S-3"])
    #expect(parts.allSatisfy { !$0.document.json.contains(UInt8(ascii: "\n")) })
    let counts = feed.counts
    #expect(counts.readers == 1 && counts.parts == 4 && counts.refused == 0 && counts.dropped == 0)
  }

  /// A part for which the network has no finite answer is told too, with its number in the record.
  @Test func aPartWithoutAVerdictIsTold() async throws {
    let folder = TemporaryFolder()
    let path = try TinyBundle.write(.classifier, in: folder.path) { $0.fail(above: 0.9) }
    let tiny = try TinyStation { $0.bundles = [path] }
    let reader = try Self.feed(tiny).reader()
    await #expect(throws: PartRefusal.self) {
      _ = try await tiny.station.inspect(model: "part", .file(Pictures.grey(255)), serial: "S")
    }
    let told = await Self.hear(reader, count: 1)
    let document = try #require(try JSONSerialization.jsonObject(with: told[0].document.json) as? [String: Any])
    #expect(document["verdict"] as? String == "error" && document["serial"] as? String == "S")
    #expect(document["id"] as? Int == 1 && document["error"] is String && document["model"] as? String == "part")
  }

  /// Who does not read is let go, and neither keeps a verdict waiting nor another reader from hearing it.
  @Test func aSlowReaderIsLetGo() async throws {
    let tiny = try TinyStation()
    let feed = Self.feed(tiny) { $0.waiting = 4 }
    let calls = Mutex(0)
    let slow = try feed.reader { calls.withLock { $0 += 1 } }
    for index in 0..<8 {
      let other = try feed.reader()
      try await Self.inspect(tiny, index)
      #expect(await Self.hear(other, count: 1).count == 1)
    }
    #expect(calls.withLock { $0 } == 1 && feed.counts.dropped == 1 && feed.counts.readers == 0)
    // It hears what was waiting, and then the end.
    #expect(Self.serials(await Self.hear(slow, count: 100)) == ["S-0", "S-1", "S-2", "S-3"])
  }

  /// Who comes back is told what came since, as far as it is remembered.
  @Test func whoComesBackMissesNone() async throws {
    let tiny = try TinyStation()
    let feed = Self.feed(tiny) { $0.remembered = 5 }
    let reader = try feed.reader()
    for index in 0..<4 { try await Self.inspect(tiny, index) }
    let heard = await Self.hear(reader, count: 2)
    #expect(reader.past.parts.isEmpty && !reader.past.isResumed && reader.past.missed == nil)

    let again = try feed.reader(after: heard[1].mark)
    #expect(Self.serials(again.past.parts) == ["S-2", "S-3"] && again.past.isResumed && again.past.missed == 0)
    try await Self.inspect(tiny, 4)
    #expect(Self.serials(await Self.hear(again, count: 1)) == ["S-4"], "and goes on without a gap")

    for index in 5..<9 { try await Self.inspect(tiny, index) }
    // Nine were told, the last five are remembered: of those after the second, the third and fourth are gone.
    let late = try feed.reader(after: heard[1].mark)
    #expect(Self.serials(late.past.parts) == (4..<9).map { "S-\($0)" } && late.past.missed == 2)
    // A mark of another run says nothing about this one.
    let stranger = try feed.reader(after: EventMark("0000-7"))
    #expect(stranger.past.parts.count == 5 && !stranger.past.isResumed && stranger.past.missed == nil)
  }

  @Test func marks() throws {
    let mark = try #require(EventMark("1a2b-17"))
    #expect(mark.description == "1a2b-17")
    for text in ["", "-", "a-", "-1", "a-b", "a--1", "A-1", "a-1-2", "ä-1", "a-1\n", "12345678901234567-1"] {
      #expect(EventMark(text) == nil, "\(text.debugDescription)")
    }
  }

  /// No more than are allowed; whoever leaves makes room.
  @Test func readersAreFew() async throws {
    let tiny = try TinyStation()
    let feed = Self.feed(tiny) { $0.readers = 2 }
    let first = try feed.reader()
    var second: EventReader? = try feed.reader()
    #expect(throws: EventFeed.Refusal.self) { try feed.reader() }
    #expect(feed.counts.readers == 2 && feed.counts.refused == 1 && second != nil)
    second = nil
    _ = try feed.reader()
    feed.close()
    #expect(throws: EventFeed.Refusal.self) { try feed.reader() }
    #expect(await Self.hear(first, count: 1).isEmpty, "the end is heard")
  }

  /// Of one bundle alone, and what becomes of the bundles.
  @Test func oneBundle() async throws {
    let tiny = try TinyStation { $0.bundles.append("other=" + $0.bundles[0].dropFirst("part=".count)) }
    let feed = Self.feed(tiny)
    let reader = try feed.reader(of: "other")
    try await Self.inspect(tiny, 0)
    try await Self.inspect(tiny, 1, model: "other")
    #expect(Self.serials(await Self.hear(reader, count: 1)) == ["S-1"])

    let own = try tiny.station.events.reader()
    try Data("{".utf8).write(to: URL(fileURLWithPath: tiny.folder.path + "/part.assay/manifest.json"))
    #expect(throws: (any Error).self) { try tiny.station.shelf.load("part") }
    for await event in own.events {
      if case .bundles = event { break }
    }
    #expect(tiny.station.shelf.entries.first { $0.name == "part" }?.failure != nil)
  }

  /// The station says that it is there, also when nothing happens.
  @Test func signsOfLife() async throws {
    let tiny = try TinyStation()
    let reader = try Self.feed(tiny) { $0.pulse = .milliseconds(5) }.reader()
    var pulses = 0
    for await event in reader.events {
      if case .alive = event { pulses += 1 }
      if pulses == 3 { break }
    }
    #expect(pulses == 3)
  }

  /// The feed is no link to the plant.
  @Test func itIsNotAmongTheLinks() throws {
    let tiny = try TinyStation()
    #expect(tiny.station.links.map(\.name) == ["test"])
  }
}
