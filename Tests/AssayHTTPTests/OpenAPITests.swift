import AssayHTTP
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// The document and the station; what they say of one another in full, `make openapi` asks.
@Suite struct OpenAPITests {
  @Test func everyAddressIsDescribed() async throws {
    try await ConnectionTests.run { station in
      let document = try await station.get("/openapi.json").json
      let paths = try #require(document["paths"] as? [String: [String: Any]])
      let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
      let offered = Set(try StationServer(station.station, HTTPOptions()).addresses)
      // The page's own files are for browsers.
      let page = offered.filter { $0.hasPrefix("GET /page/") }.union(["GET /", "GET /page.css", "GET /icon.svg"])
      #expect(described.filter { !$0.hasPrefix("HEAD ") }.symmetricDifference(offered.subtracting(page)) == [])
      for (path, methods) in paths {
        let address = path.replacing("{name}", with: "part").replacing("{id}", with: "1").replacing(
          "{version}", with: "1")
        let allow = try await station.call("OPTIONS", address).headers["allow"]
        let expected = (methods.keys.map { $0.uppercased() } + ["OPTIONS"]).sorted().joined(separator: ", ")
        #expect(allow == expected, "\(path)")
      }
    }
  }

  /// Every reference leads to a schema, and no schema is without one.
  @Test func referencesLeadSomewhere() async throws {
    try await ConnectionTests.run { station in
      let text = try await station.get("/openapi.json").text
      let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
      let names = text.matches(of: #/"#\/components\/schemas\/(\w+)"/#).map { String($0.1) }
      #expect(Set(names) == Set(schemas.keys))
      #expect(text.contains("\"enum\":[\"part\"]") && text.contains("\"security\":[{},"))
    }
  }

  /// Where a token is needed, the document says so.
  @Test func theToken() async throws {
    let secrets = TemporaryFolder()
    secrets.write("token", Array("0123456789abcdef0123\n".utf8))
    try await ConnectionTests.run {
      $0.tokenFile = secrets.path + "/token"
    } _: { station in
      let bearer = ["Authorization": "Bearer 0123456789abcdef0123"]
      let document = try await station.get("/openapi.json", headers: bearer).json
      #expect((document["security"] as? [[String: Any]])?.count == 1)
      let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
      for (path, methods) in paths {
        let isOpen = (methods["get"]?["security"] as? [[String: Any]])?.first?.isEmpty == true
        #expect(isOpen == path.hasPrefix("/v2/health/"), "\(path)")
      }
    }
  }
}
