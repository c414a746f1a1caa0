import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

@Suite struct InspectTests {
  @Test func anImageIsJudgedAndRecorded() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let bad = try await station.inspect(5020, isScratched: true, query: "?serial=A-17")
      #expect(bad.status == 200)
      let answer = bad.json
      #expect(answer["verdict"] as? String == "defect" && answer["class"] as? String == "scratch")
      #expect(answer["recorded"] as? Bool == true && answer["serial"] as? String == "A-17")
      let probabilities = try #require(answer["probabilities"] as? [String: Double])
      #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-5 && Set(probabilities.keys) == ["good", "scratch"])
      #expect(answer["region"] is [String: Any] && answer["map"] == nil)
      let fine = try await station.inspect(6020, isScratched: false)
      #expect(fine.json["verdict"] as? String == "good" && fine.json["region"] == nil)

      // Found again, with its pictures.
      let id = try #require(answer["id"] as? Int)
      let list = try await station.get("/v1/records?serial=A-1").json
      let records = try #require(list["records"] as? [[String: Any]])
      #expect(records.count == 1 && records[0]["id"] as? Int == id && records[0]["verdict"] as? String == "defect")
      #expect(records[0]["imageHash"] as? String != nil && records[0]["bundleHash"] as? String != nil)
      let thumbnail = try await station.get("/v1/records/\(id)/thumbnail")
      #expect(thumbnail.headers["content-type"] == "image/jpeg" && thumbnail.body.starts(with: [0xFF, 0xD8]))
      let heat = try await station.get("/v1/records/\(id)/heat")
      #expect(heat.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      #expect(try await station.get("/v1/records/99999").status == 404)
      #expect(try await station.get("/v1/records/../../etc/passwd").status == 404)
    }
  }

  /// How a picture was read is said beside the verdict, in the answer and on record.
  @Test func picturesOfMoreThan8Bits() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let part = Pictures.brushedMetal(seed: 6021, isScratched: false)
      let plain = try await station.call("POST", "/v1/inspect/part", body: part).json
      #expect(plain["note"] == nil)
      let deep = try await station.call("POST", "/v1/inspect/part", body: TestParts.deep(part)).json
      #expect((deep["note"] as? String)?.contains("nearly black") == true && deep["verdict"] is String)
    }
  }

  @Test func mapsAndForms() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let part = Pictures.brushedMetal(seed: 5021, isScratched: true)
      let withMap = try await station.call("POST", "/v1/inspect/part?map=1", body: part).json
      let picture = try #require((withMap["map"] as? String).flatMap { Data(base64Encoded: $0) })
      #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      let png = try await station.call("POST", "/v1/inspect/part", headers: ["Accept": "image/png"], body: part)
      #expect(png.headers["content-type"] == "image/png" && png.headers["assay-verdict"] == "defect")

      // As `curl -F image=@part.pgm -F serial=B-2` sends it.
      let head =
        "--x1\r\nContent-Disposition: form-data; name=\"serial\"\r\n\r\nB-2\r\n"
        + "--x1\r\nContent-Disposition: form-data; name=\"image\"; filename=\"part.pgm\"\r\n"
        + "Content-Type: application/octet-stream\r\n\r\n"
      let form = Array(head.utf8) + part + Array("\r\n--x1--\r\n".utf8)
      let reply = try await station.call(
        "POST", "/v1/inspect/part", headers: ["Content-Type": "multipart/form-data; boundary=x1"], body: form)
      #expect(reply.status == 200 && reply.json["serial"] as? String == "B-2")
      #expect(reply.json["verdict"] as? String == "defect")
      let broken = try await station.call(
        "POST", "/v1/inspect/part", headers: ["Content-Type": "multipart/form-data; boundary=x1"],
        body: Array(form.dropLast(12)))
      #expect(broken.status == 400)
    }
  }

  @Test func whatIsNoImageSaysWhy() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let text = try await station.call("POST", "/v1/inspect/part", body: Array("hello".utf8))
      #expect(text.status == 415 && text.json["error"] is String)
      let cut = try await station.call(
        "POST", "/v1/inspect/part", body: Array(Pictures.brushedMetal(seed: 1, isScratched: false).dropLast(100)))
      #expect(cut.status == 422)
      #expect(try await station.call("POST", "/v1/inspect/part").status == 400)
      let unknown = try await station.call("POST", "/v1/inspect/none", body: [1])
      #expect(unknown.status == 404 && unknown.json["error"] as? String == "there is no model none")
    }
  }

  /// A correction stands beside the verdict.
  @Test func corrections() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let id = try #require(try await station.inspect(5022, isScratched: true).json["id"] as? Int)
      let path = "/v1/records/\(id)/correction"
      #expect(try await station.call("POST", path, body: Array("{\"class\":\"dent\"}".utf8)).status == 400)
      #expect(try await station.call("POST", path, body: Array("{\"class\":\"good\"}".utf8)).status == 201)
      #expect(try await station.call("POST", path, body: Array("{\"class\":\"scratch\"}".utf8)).status == 201)
      let detail = try await station.get("/v1/records/\(id)").json
      let record = try #require(detail["record"] as? [String: Any])
      #expect(record["verdict"] as? String == "defect")
      #expect((record["correction"] as? [String: Any])?["class"] as? String == "scratch")
      #expect((detail["corrections"] as? [[String: Any]])?.map { $0["verdict"] as? String } == ["good", "defect"])
      let corrected = try await station.get("/v1/records?review=corrected").json["records"] as? [Any]
      #expect(corrected?.count == 1)
      #expect((try await station.get("/v1/records?review=disagreed").json["records"] as? [Any])?.isEmpty == true)
    }
  }
}
