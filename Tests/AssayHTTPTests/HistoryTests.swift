import AssayRecord
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// What the page's History asks for, and the table for spreadsheets.
@Suite struct HistoryTests {
  private static let zone: @Sendable (inout TestOptions) -> Void = {
    if let zone = TimeZone(identifier: "Asia/Kolkata") { $0.timeZone = zone }
  }

  /// A table as it comes, piece by piece.
  private static func table(
    _ station: TestStation, _ query: String = ""
  ) async throws -> (headers: [String: String], rows: [[Substring]]) {
    let port = station.port
    let answer = await Wire.blocking { () -> (headers: [String: String], bytes: [UInt8])? in
      guard let wire = Wire(port: port) else { return nil }
      wire.send(Wire.request("GET", "/v1/records.csv" + query))
      guard let head = wire.head(), head.status == 200 else { return nil }
      var bytes: [UInt8] = []
      while let chunk = wire.chunk() {
        if chunk.isEmpty { return (head.headers, bytes) }
        bytes += chunk
      }
      return nil
    }
    let (headers, bytes) = try #require(answer, "\(query): it has no end")
    #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
    let separator: Character = query.contains("semicolon") ? ";" : ","
    let rows = String(decoding: bytes.dropFirst(3), as: UTF8.self).split(separator: "\r\n").map {
      $0.split(separator: separator, omittingEmptySubsequences: false)
    }
    return (headers, rows)
  }

  private static func column(_ name: Substring, _ rows: [[Substring]]) throws -> [Substring] {
    let index = try #require(rows.first?.firstIndex(of: name))
    return rows.dropFirst().map { $0[index] }
  }

  /// All that a search finds, over many pages, with the search's filters.
  @Test func theTable() async throws {
    try await ConnectionTests.run(change: Self.zone) { station in
      let record = try #require(station.station.record)
      let template = try await Self.template(station)
      for index in 1...1203 {
        var entry = template
        entry.serial = "A-\(index)"
        (entry.verdict, entry.class) = index % 4 == 0 ? ("defect", "scratch") : ("good", "good")
        entry.time = 1_796_047_200 + Double(index)
        record.appendLater(entry)
      }
      while try record.search(RecordQuery()).first?.id != 1204 { try await Task.sleep(for: .milliseconds(5)) }
      let all = try await Self.table(station)
      #expect(try Self.column("id", all.rows).map { Int($0) } == (1...1204).reversed())
      #expect(all.headers["content-type"] == "text/csv; charset=utf-8; header=present")
      let name = try #require(all.headers["content-disposition"])
      #expect(name.wholeMatch(of: #/attachment; filename="records-\d{4}-\d\d-\d\d-\d{4}\.csv"/#) != nil, "\(name)")

      let bad = try await Self.table(station, "?verdict=defect,error&model=part&from=1796047200&separator=semicolon")
      #expect(try Self.column("serial", bad.rows) == (1...300).reversed().map { "A-\($0 * 4)" })
      #expect(try Self.column("milliseconds", bad.rows).allSatisfy { !$0.contains(".") })
      #expect(bad.headers["content-disposition"]?.contains("records-part-") == true)
      // Half past seven in the evening in Kolkata is 14:00:00 in Greenwich.
      #expect(try Self.column("time", bad.rows).last == "2026-11-30 19:30:04")
      #expect(try Self.column("timeUTC", bad.rows).last == "2026-11-30T14:00:04.000Z")
      #expect(try await Self.table(station, "?serial=none").rows.count == 1)
      #expect(try await Self.table(station, "?after=1000&before=1003").rows.count == 3)

      for query in ["?limit=5", "?separator=tab", "?verdict=bad", "?from=2026-11-31"] {
        #expect(try await station.get("/v1/records.csv" + query).status == 400, "\(query)")
      }
      let head = try await station.call("HEAD", "/v1/records.csv?model=part")
      #expect(head.status == 200 && head.body.isEmpty && head.headers["content-disposition"]?.contains("part") == true)
      #expect(try await station.call("DELETE", "/v1/records.csv").headers["allow"] == "GET, HEAD, OPTIONS")
    }
  }

  /// An entry of a part that was really inspected, to make others of.
  private static func template(_ station: TestStation) async throws -> InspectionEntry {
    _ = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(0))
    let found = try #require(try station.station.record?.search(RecordQuery()).first)
    return InspectionEntry(
      time: 0, serial: nil, bundle: found.bundle, bundleHash: found.bundleHash, verdict: "", class: "", score: 0.25,
      threshold: 0.5, probability: nil, answer: "{}", milliseconds: 7.5, isUncertain: false, featureDistance: nil,
      imageHash: found.imageHash, width: 4, height: 3, thumbnail: [], heat: [], heatWidth: 0, image: nil)
  }

  /// Where nothing is recorded there is no table.
  @Test func withoutARecord() async throws {
    try await ConnectionTests.run {
      $0.recording = .off
    } _: { (station: TestStation) async throws in
      #expect(try await station.get("/v1/records.csv").status == 404)
    }
  }

  /// Days and hours by the station's clocks, several verdicts, and how many there are.
  @Test func daysAndTotals() async throws {
    try await ConnectionTests.run(change: Self.zone) { station in
      let record = try #require(station.station.record)
      let template = try await Self.template(station)
      // From 30 November, 23:00 in Kolkata (17:30 in Greenwich), one each half hour.
      for index in 0..<6 {
        var entry = template
        entry.verdict = ["good", "defect", "error", "unjudged", "defect", "good"][index]
        entry.time = 1_638_293_400 + Double(index) * 1800
        _ = await record.append(entry)
      }
      for (query, count) in [
        ("from=2021-11-30&to=2021-11-30", 2), ("from=2021-12-01&to=2021-12-01", 4),
        ("from=2021-11-30&to=2021-12-01", 6), ("from=2021-11-30T23:30&to=2021-12-01T00:30", 2),
        ("from=1638293400&to=1638295200", 1), ("from=1638293400&until=1638295200", 1),
        ("from=2021-11-30&verdict=defect,error", 3), ("from=2021-11-30&verdict=unjudged", 1),
        ("from=2021-11-30&verdict=error&model=part", 1), ("from=2021-11-30&model=other", 0),
      ] {
        let reply = try await station.get("/v1/records?total=1&limit=1&\(query)").json
        #expect(reply["total"] as? Int == count && reply["totalIsAtLeast"] == nil, "\(query): \(reply)")
        #expect((reply["records"] as? [Any])?.count == min(1, count), "\(query)")
      }
      #expect(try await station.get("/v1/records").json["total"] == nil, "only when it is asked for")
      for query in [
        "to=2021-11-31", "from=2021-11-30&to=2021-11-28", "to=5&until=6", "verdict=good,", "verdict=,", "verdict=Good",
      ] {
        #expect(try await station.get("/v1/records?" + query).status == 400, "\(query)")
      }
    }
  }

  /// What is counted as today's is what the station's clocks call so.
  @Test func todayIsTheStations() async throws {
    try await ConnectionTests.run(change: Self.zone) { station in
      let record = try #require(station.station.record)
      var entry = try await Self.template(station)
      let clock = try #require(try await station.get("/v1/models").json["station"] as? [String: Any])
      let start = try #require(clock["dayStart"] as? Double)
      (entry.verdict, entry.class, entry.serial) = ("defect", "scratch", "yesterday")
      for time in [start - 0.5, start, start + 0.5] {
        entry.time = time
        _ = await record.append(entry)
      }
      let live = try await station.get("/v1/models/part/live").json
      #expect((live["station"] as? [String: Any])?["zone"] as? String == "Asia/Kolkata")
      let counts = try #require(live["counts"] as? [[String: Any]])
      let defects = counts.first { $0["verdict"] as? String == "defect" }?["count"] as? Int
      // Unless midnight has come between the two questions.
      if (live["station"] as? [String: Any])?["dayStart"] as? Double == start { #expect(defects == 2, "\(counts)") }
    }
  }
}
