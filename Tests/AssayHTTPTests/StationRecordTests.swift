import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// A station whose record cannot be used as it should inspects, and says so wherever people look.
@Suite struct StationRecordTests {
  private static let bundle: @Sendable (String) throws -> String = { try TinyBundle.write(.classifier, in: $0) }

  /// As on a disk that takes no writing.
  private static func blockedBundle(_ folder: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: folder + "/record/record.sqlite", withIntermediateDirectories: true)
    return try bundle(folder)
  }

  @Test func aStationStartsWithoutItsRecord() async throws {
    try await TestStation.run(Self.blockedBundle) { (station: TestStation) async throws in
      let reply = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(0))
      #expect(reply.status == 200 && reply.json["verdict"] as? String == "good")
      #expect(reply.json["recorded"] as? Bool == false)
      #expect((reply.json["recordError"] as? String)?.contains("record.sqlite") == true, "\(reply.text)")
      for path in ["/v2/health/ready", "/v1/models/part/live"] {
        let reply = try await station.get(path)
        let state = reply.json["record"] as? [String: Any]
        #expect(reply.status == 200 && state?["lost"] as? Int == 1 && state?["failure"] is String, "\(reply.text)")
      }
      let metrics = try await station.get("/metrics").text
      #expect(metrics.contains("assay_record_up 0") && metrics.contains("assay_record_lost_total 1"))
      #expect(try await station.get("/v1/records").status == 503)
    }
  }

  @Test func theDayAndTheHistoryAreThere() async throws {
    try await TestStation.run(Self.bundle) { (station: TestStation) async throws in
      let start = Date().timeIntervalSince1970 - 60
      for shade in [0, 0, 255] {
        let reply = try await station.call(
          "POST", "/v1/inspect/part?serial=A-\(shade)", body: Pictures.grey(UInt8(shade)))
        #expect(reply.json["recorded"] as? Bool == true)
      }
      let live = try await station.get("/v1/models/part/live?since=\(start)").json
      let counts = try #require(live["counts"] as? [[String: Any]])
      #expect(counts.map { $0["count"] as? Int } == [2, 1] && counts.first?["verdict"] as? String == "good")
      // Times no clock shows end nothing.
      for since in ["1e300", "-1e300", "nan", "inf"] {
        #expect(try await station.get("/v1/models/part/live?since=\(since)").status < 500)
        #expect(try await station.get("/v1/records?from=\(since)&until=\(since)").status < 500)
      }
      let found = try await station.get("/v1/records?serial=A-2").json
      #expect((found["records"] as? [[String: Any]])?.count == 1 && found["searchedTo"] == nil)
      let metrics = try await station.get("/metrics").text
      #expect(metrics.contains("assay_record_up 1") && metrics.contains("assay_record_indexed_ratio 1"))
    }
  }
}
