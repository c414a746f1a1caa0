import AssayBundle
import AssayImage
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// The Open Inference Protocol, version 2, and its binary tensor extension, against their published text.
@Suite struct InferenceTests {
  @Test func metadataAndHealth() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      #expect(try await station.get("/v2/health/live").status == 200)
      #expect(try await station.get("/v2/health/ready").status == 200)
      let server = try await station.get("/v2").json
      #expect(server["name"] as? String == "assay" && server["version"] is String)
      #expect(server["extensions"] as? [String] == ["binary_tensor_data"])
      let model = try await station.get("/v2/models/part").json
      let version = try #require((model["versions"] as? [String])?.first)
      #expect(model["name"] as? String == "part" && model["platform"] is String)
      let input = try #require((model["inputs"] as? [[String: Any]])?.first)
      #expect(input["name"] as? String == "image" && input["datatype"] as? String == "FP32")
      #expect(input["shape"] as? [Int] == [-1, 3, 96, 96])
      let outputs = try #require(model["outputs"] as? [[String: Any]]).compactMap { $0["name"] as? String }
      #expect(Set(outputs).isSuperset(of: ["probabilities", "map", "verdict", "class", "score"]))
      for path in ["/v2/models/part/ready", "/v2/models/part/versions/\(version)/ready"] {
        #expect(try await station.get(path).status == 200)
      }
      #expect(try await station.get("/v2/models/part/versions/\(version)").json["name"] as? String == "part")
      for path in ["/v2/models/none", "/v2/models/none/ready", "/v2/models/part/versions/1/ready"] {
        let reply = try await station.get(path)
        #expect(reply.status == 404 && reply.json["error"] is String)
      }
    }
  }

  /// The same part as JSON tensor, binary tensor and image file: one answer.
  @Test func tensorsInThreeForms() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let part = Pictures.brushedMetal(seed: 5030, isScratched: true)
      let manifest = try ModelBundle(path: station.bundle).manifest
      let values = manifest.preprocessing.apply(to: try ImageFile.decode(part, name: "part.pgm"))
      let expected = try #require(
        try await station.call("POST", "/v1/inspect/part", body: part).json["probabilities"] as? [String: Double])

      // JSON, nested, with an id and chosen outputs.
      let plane = 96 * 96
      let nested = (0..<3).map { c in
        "["
          + (0..<96).map { y in
            "[" + values[(c * plane + y * 96)..<(c * plane + y * 96 + 96)].map { "\($0)" }.joined(separator: ",") + "]"
          }.joined(separator: ",") + "]"
      }.joined(separator: ",")
      let json = """
        {"id":"7","inputs":[{"name":"image","datatype":"FP32","shape":[1,3,96,96],"data":[[\(nested)]]}],
        "outputs":[{"name":"probabilities"},{"name":"verdict"}]}
        """
      let reply = try await station.call("POST", "/v2/models/part/infer", body: Array(json.utf8))
      #expect(
        reply.status == 200 && reply.json["id"] as? String == "7" && reply.json["model_name"] as? String == "part")
      #expect(reply.json["model_version"] is String)
      let outputs = try #require(reply.json["outputs"] as? [[String: Any]])
      #expect(outputs.map { $0["name"] as? String } == ["probabilities", "verdict"])
      #expect(outputs[0]["shape"] as? [Int] == [1, 2] && outputs[0]["datatype"] as? String == "FP32")
      let found = try #require(outputs[0]["data"] as? [Double])
      #expect(abs(found[1] - expected["scratch"]!) < 1e-5)
      #expect(outputs[1]["datatype"] as? String == "BYTES" && outputs[1]["data"] as? [String] == ["defect"])

      // Binary in, binary out, two images at once.
      let tensor = (values + values).flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
      let head = """
        {"inputs":[{"name":"image","datatype":"FP32","shape":[2,3,96,96],"parameters":{"binary_data_size":\(tensor.count)}}],
        "parameters":{"binary_data_output":true},
        "outputs":[{"name":"probabilities"},{"name":"class"},{"name":"score","parameters":{"binary_data":false}}]}
        """
      let binary = try await station.call(
        "POST", "/v2/models/part/infer", headers: ["Inference-Header-Content-Length": "\(head.utf8.count)"],
        body: Array(head.utf8) + tensor)
      #expect(binary.status == 200)
      let length = try #require(binary.headers["inference-header-content-length"].flatMap { Int($0) })
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(binary.body[..<length])) as? [String: Any])
      let described = try #require(document["outputs"] as? [[String: Any]])
      #expect((described[0]["parameters"] as? [String: Any])?["binary_data_size"] as? Int == 16)
      #expect(described[0]["shape"] as? [Int] == [2, 2] && described[0]["data"] == nil)
      #expect((described[1]["parameters"] as? [String: Any])?["binary_data_size"] as? Int == 2 * (4 + 7))
      #expect((described[2]["data"] as? [Double])?.count == 2 && described[2]["datatype"] as? String == "FP64")
      let rest = Array(binary.body[length...])
      #expect(rest.count == 16 + 22)
      let first = Float(bitPattern: rest[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
      #expect(abs(Double(first) - expected["scratch"]!) < 1e-5)
      #expect(Array(rest[16..<27]) == [7, 0, 0, 0] + Array("scratch".utf8))

      // The image file itself.
      let size = 4 + part.count
      let file =
        "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1],"
        + "\"parameters\":{\"binary_data_size\":\(size)}}],\"outputs\":[{\"name\":\"probabilities\"}]}"
      let prefix = withUnsafeBytes(of: UInt32(part.count).littleEndian, Array.init)
      let byFile = try await station.call(
        "POST", "/v2/models/part/infer", headers: ["Inference-Header-Content-Length": "\(file.utf8.count)"],
        body: Array(file.utf8) + prefix + part)
      let judged = ((byFile.json["outputs"] as? [[String: Any]])?.first?["data"] as? [Double]) ?? []
      #expect(judged.count == 2 && abs(judged[1] - expected["scratch"]!) < 1e-5)
    }
  }

  /// Nine images, the eighth broken: 422 that says which, and none of the nine is on record.
  @Test func aBrokenImageOfSeveralIsNamed() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      func infer(_ broken: Int?) async throws -> Wire.Reply {
        let images = (0..<9).map { index in
          let file = Pictures.brushedMetal(seed: 7000 + index, isScratched: false)
          return "\"\(Data(index == broken ? Array(file.prefix(99)) : file).base64EncodedString())\""
        }
        return try await station.call(
          "POST", "/v2/models/part/infer",
          body: Array(
            """
            {"inputs":[{"name":"image","shape":[9],"datatype":"BYTES","data":[\(images.joined(separator: ","))]}],
            "outputs":[{"name":"verdict"}]}
            """.utf8))
      }
      func recorded() async throws -> Int? {
        (try await station.get("/v1/records").json["records"] as? [Any])?.count
      }
      for _ in 0..<2 {
        let refused = try await infer(7)
        #expect(refused.status == 422 && (refused.json["error"] as? String)?.contains("image 7,") == true)
        #expect(try await recorded() == 0)
      }
      let fine = try await infer(nil)
      #expect(fine.status == 200)
      #expect((fine.json["parameters"] as? [String: Any])?["record"] as? String == "1,2,3,4,5,6,7,8,9")
      #expect(try await recorded() == 9)
    }
  }

  @Test func mistakesAreExplained() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      func failure(_ body: String, names word: String, headers: [String: String] = [:]) async throws {
        let reply = try await station.call(
          "POST", "/v2/models/part/infer", headers: headers, body: Array(body.utf8))
        #expect(reply.status == 400, "\(body.prefix(80))")
        let message = reply.json["error"] as? String ?? ""
        #expect(reply.json.count == 1 && message.contains(word), "\(message)")
      }
      try await failure("no JSON", names: "JSON")
      try await failure("{}", names: "inputs")
      func input(_ rest: String) -> String { "{\"inputs\":[{\(rest)}]}" }
      try await failure(
        input("\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[1,3,96,95],\"data\":[]"), names: "values")
      try await failure(input("\"name\":\"image\",\"datatype\":\"INT8\",\"shape\":[1],\"data\":[1]"), names: "FP32")
      try await failure(input("\"name\":\"other\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]"), names: "image")
      try await failure(
        input("\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[9999999,9999999],\"data\":[1]"),
        names: "too large")
      try await failure("{}", names: "99", headers: ["Inference-Header-Content-Length": "99"])
      try await failure("{}", names: "number", headers: ["Inference-Header-Content-Length": "0x"])
      let short =
        "\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[1,3,96,96],\"parameters\":{\"binary_data_size\":4}"
      try await failure(
        input(short) + "abcd", names: "110592",
        headers: ["Inference-Header-Content-Length": "\(input(short).utf8.count)"])
    }
  }
}
