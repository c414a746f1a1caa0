import AssayHTTP
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// The Open Inference Protocol's JSON as people write it and as nobody should.
@Suite struct InferenceJSONTests {
  private static let bundle: @Sendable (String) throws -> String = { try TinyBundle.write(.classifier, in: $0) }

  private static func infer(_ station: TestStation, _ text: String) async throws -> Wire.Reply {
    try await station.call("POST", "/v2/models/part/infer", body: Array(text.utf8))
  }

  /// RFC 8259: what is JSON is read, whatever lies around the few members that the protocol has.
  @Test func whatIsJSONIsRead() async throws {
    try await TestStation.run(Self.bundle) { (station: TestStation) async throws -> Void in
      let image = Data(Pictures.grey(255)).base64EncodedString()
      // A slash may be escaped (PHP does), names may have escapes, order and white space are free.
      for (text, id) in [
        ("{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\(image)\"]}]}", nil),
        (
          "\u{FEFF} { \"id\" : \"\\u00e4\\n\" , \"x\" : [ {}, [ null, true, -1.5e-3 ], \"\\\"]\" ], \"inputs\":[{\"data\":[[\""
            + image.replacingOccurrences(of: "/", with: "\\/")
            + "\"]],\"n\\u0061me\":\"image\",\"shape\":[1,1],\"datatype\":\"BYTES\",\"more\":{\"a\":[]}}]}\r\n", "ä\n"
        ),
      ] {
        let reply = try await Self.infer(station, text)
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply.json["id"] as? String == id)
      }
    }
  }

  @Test func whatIsNoJSONIsRefused() async throws {
    try await TestStation.run(Self.bundle) { (station: TestStation) async throws -> Void in
      let deep = String(repeating: "[", count: 100_000)
      for text in [
        "", "[]", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":tru}", "{\"a\":\"\u{1}\"}",
        "{\"a\":[1}}", "{\"a\":\"", "{\"a\":\"\\", "{} {}", "{\"x\":\(deep)", "{\"a\" 1}", "{\"a\":NaN}",
      ] {
        let reply = try await Self.infer(station, text)
        #expect(reply.status == 400, "\(text.prefix(40)): \(reply.status)")
        #expect((reply.json["error"] as? String)?.contains("JSON") == true, "\(text.prefix(40)): \(reply.text)")
      }
      let data: (String) -> String = {
        "{\"inputs\":[{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":\($0)}]}"
      }
      for text in [
        data("[\"a\"]"), data("[\"aaaa\",\"aaaa\"]"), data("[1]"), data("[]"), data("{}"), data("[\"a*aa\"]"),
      ] {
        #expect(try await Self.infer(station, text).status == 400, "\(text)")
      }
    }
  }

  /// A parameter of another kind than the protocol's is not taken for one that was left out.
  @Test func parametersOfAWrongKindAreRefused() async throws {
    try await TestStation.run(Self.bundle) { (station: TestStation) async throws -> Void in
      let image = Data(Pictures.grey(255)).base64EncodedString()
      let input = "{\"name\":\"image\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\(image)\"]}"
      for (own, output, status) in [
        ("{\"binary_data_output\":false,\"serial\":\"7\"}", "{\"binary_data\":false}", 200),
        ("{\"binary_data_output\":0}", "{}", 400), ("{\"serial\":7}", "{}", 400),
        ("{}", "{\"binary_data\":\"false\"}", 400), ("{}", "{\"binary_data\":null}", 400),
      ] {
        let text =
          "{\"parameters\":\(own),\"inputs\":[\(input)],\"outputs\":[{\"name\":\"verdict\",\"parameters\":\(output)}]}"
        #expect(try await Self.infer(station, text).status == status, "\(text)")
      }
    }
  }

  /// A body that would have taken gigabytes as objects: it is passed over in place.
  @Test func thousandsOfObjectsAreNotBuilt() async throws {
    try await TestStation.run(Self.bundle) { (station: TestStation) async throws -> Void in
      let text = "{\"x\":[" + String(repeating: "{},", count: 1_000_000) + "{}]}"
      let reply = try await Self.infer(station, text)
      #expect(reply.status == 400 && (reply.json["error"] as? String)?.contains("inputs") == true)
    }
  }
}
