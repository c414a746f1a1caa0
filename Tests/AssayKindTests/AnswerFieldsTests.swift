import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// The answer about a part stands in four places: encoded (as the goldens have it, of every kind), in OpenAPI's document, and in
/// the tables of docs/inspect.md and docs/serve.md. A field of one is a field of all.
@Suite struct AnswerFieldsTests {
  /// Written when a record cannot be written, which no golden shows.
  private static let onFailure: Set<String> = ["recordError"]

  @Test func stationAndOpenAPI() async throws {
    let goldens = try Self.goldens("http-inspect")
    try await TestStation.run(.classifier) { station in
      // A picture of twelve bits that does not say so, shown to try the station.
      let dark = Array("P5 64 64 65535\n".utf8) + [UInt8](repeating: 0, count: 64 * 64).flatMap { _ in [UInt8(8), 0] }
      let reply = try await station.call("POST", "/v1/inspect/part?map=1&try=1&serial=A-1", body: dark)
      #expect(reply.status == 200, "\(reply.text)")
      let encoded = Self.keys(goldens + [try JSONValue(parsing: reply.body)]).union(Self.onFailure)
      #expect(encoded.isSuperset(of: ["note", "map", "isTrial", "tasks", "found", "regions"]))
      let document = try await station.document("/openapi.json")
      let schema = try #require(document["components"]?["schemas"]?["Inspection"])
      let described = try #require(schema["properties"]?.members)
      #expect(Set(described.keys).symmetricDifference(encoded) == [])
      let table = try Self.table("serve.md", after: "## The simple way")
      #expect(Set(table.keys).symmetricDifference(encoded) == [])
    }
  }

  @Test func commandLine() throws {
    let lines = try Self.goldens("inspect")
    let table = try Self.table("inspect.md", after: "The JSON of an image:")
    // One says how a picture was read, the other why it was not; both are in the table only.
    let encoded = Self.keys(lines).union(["note", "error"])
    #expect(Set(table.keys).symmetricDifference(encoded) == [])
    for (field, parts) in [
      ("found", lines.flatMap { $0["found"]?.elements ?? [] }),
      ("tasks", lines.flatMap { $0["tasks"]?.members.map { Array($0.values) } ?? [] }),
    ] {
      let row = try #require(table[field])
      #expect(!parts.isEmpty && Self.words(row).symmetricDifference(Self.keys(parts)) == [], "\(field): \(row)")
    }
  }

  /// The documents of that name of every kind, one after the other.
  private static func goldens(_ name: String) throws -> [JSONValue] {
    try BundleKind.allCases.flatMap { kind in
      let path = "\(Golden.folder)/\(kind.rawValue)/\(name).json"
      return try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: path))).elements ?? []
    }
  }

  private static func keys(_ documents: [JSONValue]) -> Set<String> {
    documents.reduce(into: []) { keys, document in keys.formUnion((document.members ?? [:]).keys) }
  }

  /// Names in code.
  private static func words(_ text: String) -> Set<String> { Set(text.matches(of: /`(\w+)`/).map { String($0.1) }) }

  /// The first table of a page of docs behind a line: for each name of its first column, what the second says.
  private static func table(_ page: String, after line: String) throws -> [String: String] {
    let docs = URL(fileURLWithPath: Golden.folder).appending(path: "../../../docs/\(page)")
    let lines = try String(contentsOf: docs, encoding: .utf8).components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: line), "\(page) has no line \(line)")
    let rows = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
    return rows.reduce(into: [:]) { table, row in
      let cells = row.split(separator: "|").map(String.init)
      guard cells.count >= 2 else { return }
      for name in words(cells[0]) { table[name] = cells[1] }
    }
  }
}
