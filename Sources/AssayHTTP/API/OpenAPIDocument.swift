import AssayBase
import AssayBundle
import AssayInspection
import AssayStation
import HTTPTypes

/// `GET /openapi.json`: every address of the station, for people and for generators of clients (OpenAPI 3.0.3).
struct OpenAPIDocument {
  /// Offered as the values of `name`.
  let models: [String]
  /// Those of `version`: one a model.
  let versions: [String]
  let classes: [String]
  let labels: [String]
  let largestThreshold: Double?
  let needsToken: Bool

  init(_ station: Station, needsToken: Bool) {
    let rules = station.shelf.entries.compactMap(\.served?.rule)
    models = station.shelf.names
    versions = Set(station.shelf.entries.compactMap(\.served?.version)).sorted()
    classes = Set(rules.flatMap(\.correctableClasses)).sorted()
    labels = Set(rules.filter { if case .labels = $0.form { true } else { false } }.flatMap(\.classes)).sorted()
    let scales = rules.compactMap(\.scale)
    largestThreshold = scales.allSatisfy { $0 == .probability } ? 1 : nil
    self.needsToken = needsToken
  }

  /// What every address may answer instead: requests that make no sense, strangers, and a station in trouble.
  private static let general = [400, 401, 403, 408, 415, 421, 431, 500, 503]

  var json: String {
    var paths: [(path: String, operations: [String])] = []
    for operation in StationAPI.operations {
      let methods = operation.method == .get ? ["get", "head"] : [operation.method.rawValue.lowercased()]
      let texts = methods.map { "\"\($0)\":\(describe(operation, isHead: $0 == "head"))" }
      if let index = paths.firstIndex(where: { $0.path == operation.path }) {
        paths[index].operations += texts
      } else {
        paths.append((operation.path, texts))
      }
    }
    let list = paths.map { "\(JSONText.quoted($0)):{\($1.joined(separator: ","))}" }.joined(separator: ",")
    let schemas = OpenAPISchemas.json(classes: classes, labels: labels, largestThreshold: largestThreshold)
    return """
      {"openapi":"3.0.3","info":{"title":"Assay inspection station","version":\(JSONText.quoted(Versions.assay))},\
      "security":[\(needsToken ? "" : "{},"){"bearer":[]}],"paths":{\(list)},"components":{"securitySchemes":{\
      "bearer":{"type":"http","scheme":"bearer"}},"schemas":\(schemas)}}
      """
  }

  private func describe(_ operation: StationAPI.Operation, isHead: Bool) -> String {
    var parameters: [String] = []
    for part in operation.path.split(separator: "/") where part.hasPrefix("{") {
      parameters.append(Self.parameter(String(part.dropFirst().dropLast()), in: "path", schema(ofName: part), nil))
    }
    parameters += operation.query.map { Self.parameter($0.name, in: "query", $0.schema, $0.description) }
    parameters += operation.headers.map { Self.parameter($0.name, in: "header", $0.schema, $0.description) }
    var text =
      "{\"summary\":\(JSONText.quoted(operation.summary)),\"parameters\":[\(parameters.joined(separator: ","))]"
    if operation.isOpen { text += ",\"security\":[{}]" }
    if !operation.takes.isEmpty {
      text += ",\"requestBody\":{\"required\":true,\(Self.content(operation.takes))}"
    }
    func response(_ status: Int, _ description: String, _ content: [StationAPI.Content]) -> String {
      let body = isHead || content.isEmpty ? "" : "," + Self.content(content)
      return "\"\(status)\":{\"description\":\(JSONText.quoted(description))\(body)}"
    }
    let failures = Set(Self.general + operation.failures).sorted()
    let responses =
      [response(operation.status, "Done", operation.answers)]
      + failures.map { response($0, "Refused: error says why", StationAPI.json("Error")) }
    return text + ",\"responses\":{\(responses.joined(separator: ","))}}"
  }

  private func schema(ofName part: Substring) -> String {
    switch part {
    case "{id}": #"{"type":"integer","format":"int64","minimum":1,"maximum":9223372036854775807}"#
    case "{name}": Self.choice(models)
    default: Self.choice(versions)
    }
  }

  private static func choice(_ names: [String]) -> String {
    "{\"type\":\"string\",\"enum\":[\(names.map(JSONText.quoted).joined(separator: ","))]}"
  }

  private static func parameter(
    _ name: String, in place: String, _ schema: String, _ description: String?
  ) -> String {
    let required = place == "path" ? ",\"required\":true" : ""
    let text = description.map { ",\"description\":\(JSONText.quoted($0))" } ?? ""
    return "{\"name\":\(JSONText.quoted(name)),\"in\":\"\(place)\"\(required)\(text),\"schema\":\(schema)}"
  }

  private static func content(_ contents: [StationAPI.Content]) -> String {
    let list = contents.map { (content: StationAPI.Content) in
      let encoding = content.encoding.map { ",\"encoding\":\($0)" } ?? ""
      return
        "\(JSONText.quoted(content.type)):{\"schema\":{\"$ref\":\"#/components/schemas/\(content.schema)\"}\(encoding)}"
    }
    return "\"content\":{\(list.joined(separator: ","))}"
  }
}
