import AssayHTTP
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

@Suite struct QueryTests {
  /// Seconds by GNU date: `date -u -d TEXT +%s.%N`.
  @Test func timesAsTexts() {
    for (text, seconds) in [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-30T14:00:00Z", 1_796_047_200),
      ("2026-11-30T14:00:00.25Z", 1_796_047_200.25),
      ("2026-11-30T14:00:00+01:00", 1_796_043_600), ("2026-11-30t14:00:00-05:30", 1_796_067_000),
      ("2000-02-29T23:59:59Z", 951_868_799), ("1969-12-31T23:59:59Z", -1), ("1900-03-01T00:00:00Z", -2_203_891_200),
      ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
      ("1600-02-29T12:00:00z", -11_670_955_200),
    ] { #expect(RFC3339.seconds(text) == seconds, "\(text)") }
    for text in [
      "", "2026-11-30", "2026-11-30T14:00:00", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
      "2026-11-31T00:00:00Z", "2026-11-30T24:00:00Z", "2026-11-30T14:60:00Z", "2026-11-30T14:00:00.Z",
      "2026-11-30T14:00:00Zz", "2026-11-30T14:00Z", "26-11-30T14:00:00Z", "2026-11-30T14:00:00+1:00",
      "20261130T140000Z",
    ] { #expect(RFC3339.seconds(text) == nil, "\(text)") }
  }

  @Test func whatIsOutsideItsRangeIsRefused() async throws {
    try await ConnectionTests.run { station in
      for query in [
        "limit=0", "limit=501", "limit=-1", "limit=1.5", "limit=", "limit=x", "limit=99999999999999999999", "before=0",
        "before=-5", "before=x", "after=0", "after=", "from=nan", "from=inf", "from=-inf", "from=yesterday", "from=",
        "from=1e99", "until=2026-11-30", "from=5&until=4", "after=7&before=7", "verdict=bad", "review=all",
        "trial=maybe",
        "limit=5&limit=6", "serial=%01", "serial=%ff", "serial=%2", "class=\(String(repeating: "a", count: 201))",
        "lmit=5", "Limit=5", "serail=A", "page=1",
      ] {
        let reply = try await station.get("/v1/records?\(query)")
        let name = String(query.prefix { $0 != "=" })
        #expect(reply.status == 400, "\(query): \(reply.status)")
        let error = try #require(reply.json["error"] as? String)
        #expect(
          error.contains(name) || error.contains("percent encoding") || error.contains("after is not less"),
          "\(query): \(error)")
      }
      for query in [
        "limit=1", "limit=500", "before=1", "after=1&before=3", "from=0&until=0", "from=-1.5", "serial=",
        "model=&class=",
        "from=2026-11-30T14:00:00Z&until=2026-11-30T15:00:00%2B00:30", "verdict=error", "review=open", "trial=0",
        "from=2026-11-30T14:00:00+01:00", "", "limit=%35",
      ] {
        let reply = try await station.get("/v1/records?\(query)")
        #expect(reply.status == 200, "\(query): \(reply.text)")
      }
    }
  }

  /// Every address of /v1 says which parameters it knows; those of the Open Inference Protocol pass over the others'.
  @Test func unknownParameters() async throws {
    try await ConnectionTests.run { station in
      for path in [
        "/v1/models", "/v1/models/part/live", "/v1/models/part/drift", "/v1/models/part/retraining", "/v1/retraining",
        "/v1/records/1",
      ] {
        let reply = try await station.get(path + "?nonsense=1")
        #expect(reply.status == 400 && reply.text.contains("nonsense"), "\(path): \(reply.text)")
      }
      let inspected = try await station.call("POST", "/v1/inspect/part?tyr=1", body: Pictures.grey(0))
      #expect(inspected.status == 400 && inspected.text.contains("serial, map, try"))
      #expect(try await station.call("POST", "/v1/inspect/part?try=yes", body: Pictures.grey(0)).status == 400)
      #expect(try await station.call("POST", "/v1/inspect/part?map", body: Pictures.grey(0)).json["map"] is String)
      #expect(try await station.get("/v1/models/part/live?since=nan").status == 400)
      #expect(try await station.get("/v1/models/part/live?since=2026-11-30T14:00:00Z").status == 200)
      for path in ["/v2?x=1", "/v2/models/part?x=1", "/metrics?x=1", "/?x=1"] {
        #expect(try await station.get(path).status == 200, "\(path)")
      }
    }
  }

  /// A plus is a space, as browsers write it, and %2B is a plus.
  @Test func blanksInSerialNumbers() async throws {
    try await ConnectionTests.run { station in
      let reply = try await station.call("POST", "/v1/inspect/part?serial=A+17%2B%C3%A4", body: Pictures.grey(0))
      #expect(reply.json["serial"] as? String == "A 17+ä")
      let found = try await station.get("/v1/records?serial=A+17").json["records"] as? [[String: Any]]
      #expect(found?.count == 1)
    }
  }

  @Test func keysThatNobodyReads() async throws {
    try await ConnectionTests.run { station in
      _ = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(0))
      for (path, body) in [
        ("/v1/models/part/threshold", "{\"value\":0.5,\"clas\":\"x\"}"), ("/v1/models/part/threshold", "[]"),
        ("/v1/models/part/threshold", "{\"value\":true}"), ("/v1/models/part/threshold", "{\"undo\":1}"),
        ("/v1/records/1/correction", "{\"class\":\"dent\",\"nte\":\"x\"}"),
        ("/v1/records/1/correction", "{\"class\":7}"),
        ("/v1/records/1/correction", "{\"class\":\"\"}"),
      ] {
        let reply = try await station.call("POST", path, body: Array(body.utf8))
        #expect(reply.status == 400 && reply.json["error"] is String, "\(body): \(reply.status)")
      }
      #expect(
        try await station.call("POST", "/v1/records/1/correction", body: Array("{\"class\":\"dent\"}".utf8)).status
          == 201)
    }
  }

  /// Times that are texts say that they are UTC.
  @Test func timesInAnswersEndWithZ() async throws {
    try await ConnectionTests.run { station in
      let answer = try await station.call("POST", "/v1/inspect/part", body: Pictures.grey(0)).json
      let id = try #require(answer["id"] as? Int)
      let kept = try await station.get("/v1/records/\(id)/answer").json
      let models = try await station.get("/v1/models").json["models"] as? [[String: Any]]
      for text in [answer["time"], kept["time"], models?.first?["createdAt"]] {
        let time = try #require(text as? String)
        #expect(time.hasSuffix("Z") && RFC3339.seconds(time) != nil, "\(time)")
      }
    }
  }
}
