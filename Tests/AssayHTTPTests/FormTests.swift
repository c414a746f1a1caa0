import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// Forms as RFC 7578, RFC 8187 and WHATWG's encoding write them.
@Suite struct FormTests {
  private static func form(_ parts: [(disposition: String, body: [UInt8])], boundary: String = "x1") -> [UInt8] {
    parts.flatMap {
      Array("--\(boundary)\r\nContent-Disposition: \($0.disposition)\r\n\r\n".utf8) + $0.body + Array("\r\n".utf8)
    } + Array("--\(boundary)--\r\n".utf8)
  }

  private static func send(
    _ station: TestStation, _ body: [UInt8], type: String = "multipart/form-data; boundary=x1"
  ) async throws -> Wire.Reply {
    try await station.call("POST", "/v1/inspect/part", headers: ["Content-Type": type], body: body)
  }

  @Test func namesInEveryWriting() async throws {
    try await ConnectionTests.run { station in
      let picture = Pictures.grey(255)
      for file in [
        #"filename="part.pgm""#, "filename=part.pgm", #"filename="a;b.pgm""#,
        #"filename="a \"quoted\"; name=other.pgm""#,
        #"filename="C:\line\part.pgm""#, #"filename="two\\strokes.pgm""#, #"filename="teil ä.pgm""#,
        "filename*=UTF-8''teil%20%C3%A4.pgm", #"filename="x.pgm"; filename*=ISO-8859-1'de'teil%E4.pgm"#,
        #"filename="a=b; c=d""#, #"filename="""#,
      ] {
        for name in [#"name="image""#, "name=image", #"NAME="image""#] {
          for disposition in [
            "form-data; \(name); \(file)", "form-data; \(file); \(name)", "Form-Data;\(name);\(file)",
          ] {
            let reply = try await Self.send(station, Self.form([(disposition, picture)]))
            #expect(
              reply.status == 200 && reply.json["verdict"] as? String == "defect", "\(disposition): \(reply.text)")
          }
        }
      }
      // The boundary too may be quoted, and a body may begin with a line that belongs to no part.
      for type in [#"multipart/form-data; boundary="x1""#, #"Multipart/Form-Data; charset=utf-8; Boundary=x1"#] {
        let body = Array("preamble\r\n".utf8) + Self.form([(#"form-data; name="image""#, picture)])
        #expect(try await Self.send(station, body, type: type).status == 200, "\(type)")
      }
    }
  }

  /// A boundary that goes on is not the boundary, and pictures may hold anything.
  @Test func boundariesInsidePictures() async throws {
    try await ConnectionTests.run { station in
      let odd = Array("\r\n--x12\r\n--x1a\n".utf8)
      let picture = Array("P5\n64 48\n255\n".utf8) + odd + [UInt8](repeating: 255, count: 64 * 48 - odd.count)
      let reply = try await Self.send(station, Self.form([(#"form-data; name="image""#, picture)]))
      #expect(reply.status == 200 && reply.json["verdict"] as? String == "defect", "\(reply.text)")
    }
  }

  @Test func theSerialNumber() async throws {
    try await ConnectionTests.run { station in
      let image = (#"form-data; name="image"; filename="a.pgm""#, Pictures.grey(0))
      let reply = try await Self.send(
        station, Self.form([(#"form-data; name="serial""#, Array("Ä-17".utf8)), image]))
      #expect(reply.json["serial"] as? String == "Ä-17")
    }
  }

  /// Each is 400 and says what is wrong.
  @Test func formsThatMakeNoSense() async throws {
    try await ConnectionTests.run { station in
      let picture = Pictures.grey(0)
      let image = (#"form-data; name="image"; filename="a.pgm""#, picture)
      let serial = (#"form-data; name="serial""#, Array("1".utf8))
      let whole = Self.form([image])
      let cases: [(String, [UInt8], String)] = [
        ("no part called image", Self.form([serial]), ""),
        ("the parts \"image\", \"image\"", Self.form([image, image]), ""),
        ("2 parts called serial", Self.form([image, serial, serial]), ""),
        ("\"serail\"", Self.form([image, (#"form-data; name="serail""#, Array("1".utf8))]), ""),
        ("not UTF-8", Self.form([image, (#"form-data; name="serial""#, [0xFF])]), ""),
        ("part 1 of the form does not end", Array(whole.dropLast(8)), ""),
        ("part 2 of the form does not end", Array(whole.dropLast(4)) + Array("\r\n".utf8), ""),
        ("no empty line", Array("--x1\r\nContent-Disposition: form-data\r\n--x1--\r\n".utf8), ""),
        ("without a colon", Array("--x1\r\nnothing\r\n\r\n\r\n--x1--\r\n".utf8), ""),
        ("form-data; name=", Self.form([("attachment; filename=a", picture)]), ""),
        ("form-data; name=", Self.form([("form-data; filename=a", picture)]), ""),
        ("does not end", Self.form([(#"form-data; name="image"#, picture)]), ""),
        ("two parameters called name", Self.form([("form-data; name=image; name=serial", picture)]), ""),
        ("filename*", Self.form([("form-data; name=image; filename*=UTF-8''%zz", picture)]), ""),
        ("filename*", Self.form([("form-data; name=image; filename*=KOI8-R''a", picture)]), ""),
        ("more than 200 bytes", Self.form([("form-data; name=\(String(repeating: "n", count: 201))", picture)]), ""),
        (
          "more than 8192 bytes",
          Self.form([("form-data; name=image; x=\(String(repeating: "n", count: 9000))", picture)]), ""
        ),
        ("more than 32 parts", Self.form([image] + [(String, [UInt8])](repeating: serial, count: 40)), ""),
        ("does not occur", whole, "multipart/form-data; boundary=other"),
        ("boundary of 1 to 70", whole, "multipart/form-data"),
        ("boundary of 1 to 70", whole, "multipart/form-data; boundary=\(String(repeating: "b", count: 71))"),
        ("quoted boundary that does not end", whole, "multipart/form-data; boundary=\"x1"),
      ]
      for (message, body, type) in cases {
        let reply = try await Self.send(station, body, type: type.isEmpty ? "multipart/form-data; boundary=x1" : type)
        #expect(reply.status == 400, "\(message): \(reply.status)")
        #expect((reply.json["error"] as? String)?.contains(message) == true, "\(message): \(reply.text)")
      }
      let encoded = Array(
        "--x1\r\nContent-Disposition: form-data; name=image\r\nContent-Transfer-Encoding: base64\r\n\r\nUDU=\r\n--x1--\r\n"
          .utf8)
      #expect(try await Self.send(station, encoded).status == 415)
    }
  }
}
