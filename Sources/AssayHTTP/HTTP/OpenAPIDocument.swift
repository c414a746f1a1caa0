import AssayInspection
import AssayStation
import AssayWorkflows
import Foundation

/// `GET /openapi.json`: every address of the station, for people and for generators of clients (OpenAPI 3.0.3).
enum OpenAPIDocument {
  private struct Operation {
    let method: String
    let path: String
    let summary: String
    var body: (type: String, schema: String)?
    var answer: (type: String, schema: String)?
    var status = 200
    var failures: [Int] = []
    /// Query parameters: name and JSON type.
    var query: [(String, String)] = []
  }

  private static let json = "application/json"

  private static let operations: [Operation] = [
    Operation(method: "get", path: "/v2", summary: "Server metadata", answer: (json, "Any")),
    Operation(method: "get", path: "/v2/health/live", summary: "Whether the server lives"),
    Operation(
      method: "get", path: "/v2/health/ready", summary: "Whether every model can be asked", failures: [503]),
    Operation(
      method: "get", path: "/v2/models/{name}", summary: "Model metadata", answer: (json, "Any"), failures: [404]),
    Operation(
      method: "get", path: "/v2/models/{name}/ready", summary: "Whether a model can be asked", failures: [404]),
    Operation(
      method: "post", path: "/v2/models/{name}/infer",
      summary: "Inference: JSON tensors, or binary ones after Inference-Header-Content-Length bytes of JSON",
      body: (json, "InferenceRequest"), answer: (json, "InferenceResponse"), failures: [400, 404, 413, 429, 500, 503]),
    Operation(
      method: "get", path: "/v2/models/{name}/versions/{version}", summary: "Model metadata", answer: (json, "Any"),
      failures: [404]),
    Operation(
      method: "get", path: "/v2/models/{name}/versions/{version}/ready", summary: "Whether a version can be asked",
      failures: [404]),
    Operation(
      method: "post", path: "/v2/models/{name}/versions/{version}/infer", summary: "Inference with one version",
      body: (json, "InferenceRequest"), answer: (json, "InferenceResponse"), failures: [400, 404, 413, 429, 500, 503]),
    Operation(
      method: "post", path: "/v1/inspect/{name}",
      summary:
        "An image as the body, or as the part image of a form; map=1 adds a picture, Accept: image/png answers one",
      body: ("application/octet-stream", "Bytes"), answer: (json, "Inspection"),
      failures: [400, 404, 413, 415, 422, 429, 500, 503],
      query: [("serial", "string"), ("map", "boolean"), ("try", "boolean")]),
    Operation(method: "get", path: "/v1/models", summary: "The models", answer: (json, "Any")),
    Operation(
      method: "get", path: "/v1/models/{name}/report", summary: "The training report", answer: ("text/html", "Text"),
      failures: [404]),
    Operation(
      method: "get", path: "/v1/models/{name}/validation", summary: "Scores of held-out parts", answer: (json, "Any"),
      failures: [404]),
    Operation(
      method: "get", path: "/v1/models/{name}/drift", summary: "The latest parts against those of training",
      answer: (json, "Any"), failures: [404]),
    Operation(
      method: "get", path: "/v1/models/{name}/live", summary: "The last parts, counts, pace", answer: (json, "Any"),
      failures: [404], query: [("since", "number")]),
    Operation(
      method: "post", path: "/v1/models/{name}/threshold", summary: "Sets the threshold, or takes the last change back",
      body: (json, "Threshold"),
      answer: (json, "Any"), failures: [400, 404, 409]),
    Operation(
      method: "post", path: "/v1/models/{name}/reload", summary: "Loads the bundle again", answer: (json, "Any"),
      failures: [404, 409]),
    Operation(
      method: "post", path: "/v1/models/{name}/rollback", summary: "Changes back to the previous bundle",
      answer: (json, "Any"), failures: [404, 409]),
    Operation(
      method: "post", path: "/v1/models/{name}/retrain", summary: "Retrains from the record", answer: (json, "Any"),
      status: 202, failures: [404, 409]),
    Operation(method: "get", path: "/v1/retraining", summary: "How retraining goes", answer: (json, "Any")),
    Operation(
      method: "get", path: "/v1/records", summary: "Searches the record, the newest first", answer: (json, "Any"),
      failures: [400, 404],
      query: [
        ("model", "string"), ("from", "number"), ("until", "number"), ("verdict", "string"), ("class", "string"),
        ("serial", "string"), ("review", "string"), ("trial", "boolean"), ("before", "integer"), ("after", "integer"),
        ("limit", "integer"),
      ]),
    Operation(
      method: "get", path: "/v1/records/{id}", summary: "One part, with all corrections", answer: (json, "Any"),
      failures: [404]),
    Operation(
      method: "get", path: "/v1/records/{id}/answer", summary: "What was answered", answer: (json, "Any"),
      failures: [404]),
    Operation(
      method: "get", path: "/v1/records/{id}/thumbnail", summary: "A small picture", answer: ("image/jpeg", "Bytes"),
      failures: [404]),
    Operation(
      method: "get", path: "/v1/records/{id}/image", summary: "The image as it came, when it was kept",
      answer: ("application/octet-stream", "Bytes"), failures: [404]),
    Operation(
      method: "get", path: "/v1/records/{id}/heat", summary: "The heat, to lay over the picture",
      answer: ("image/png", "Bytes"), failures: [404]),
    Operation(
      method: "post", path: "/v1/records/{id}/correction", summary: "What an operator says of a part",
      body: (json, "Correction"), answer: (json, "Any"), status: 201, failures: [400, 404, 409]),
    Operation(
      method: "post", path: "/v1/session", summary: "Turns the token into a cookie for the page", status: 204,
      failures: [401]),
    Operation(method: "get", path: "/metrics", summary: "Prometheus metrics", answer: ("text/plain", "Text")),
    Operation(method: "get", path: "/openapi.json", summary: "This document", answer: (json, "Any")),
  ]

  private static let schemas = """
    {"Any":{"type":"object"},"Text":{"type":"string"},"Bytes":{"type":"string","format":"binary"},\
    "Error":{"type":"object","required":["error"],"properties":{"error":{"type":"string"}}},\
    "Threshold":{"type":"object","properties":{"value":{"type":"number","minimum":0},"class":{"type":"string"},\
    "undo":{"type":"boolean"},"by":{"type":"string"},"reason":{"type":"string"},"hash":{"type":"string"}}},\
    "Correction":{"type":"object","required":["class"],"properties":{"class":{"type":"string"},\
    "note":{"type":"string"}}},\
    "Rectangle":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"},\
    "width":{"type":"number"},"height":{"type":"number"}}},\
    "Inspection":{"type":"object","required":["model","version","verdict","class","isUncertain","milliseconds"],\
    "properties":{"id":{"type":"integer"},"recorded":{"type":"boolean"},"recordError":{"type":"string"},\
    "model":{"type":"string"},"version":{"type":"string"},"serial":{"type":"string"},"time":{"type":"string"},\
    "verdict":{"type":"string","enum":["good","defect","classified","measured","unjudged"]},\
    "class":{"type":"string"},"probability":{"type":"number"},"score":{"type":"number"},\
    "threshold":{"type":"number"},"pValue":{"type":"number"},\
    "probabilities":{"type":"object","additionalProperties":{"type":"number"}},\
    "region":{"$ref":"#/components/schemas/Rectangle"},"regions":{"type":"array","items":{"type":"object"}},\
    "area":{"type":"number"},"found":{"type":"array","items":{"type":"object"}},\
    "tasks":{"type":"object"},"isUncertain":{"type":"boolean"},"isTrial":{"type":"boolean"},\
    "milliseconds":{"type":"number"},\
    "note":{"type":"string","description":"What a person should know of how the picture was read."},\
    "map":{"type":"string","format":"byte"}}},\
    "Tensor":{"type":"object","required":["name","datatype","shape"],"properties":{"name":{"type":"string"},\
    "datatype":{"type":"string"},"shape":{"type":"array","items":{"type":"integer"}},\
    "parameters":{"type":"object"},"data":{"type":"array","items":{}}}},\
    "InferenceRequest":{"type":"object","required":["inputs"],"properties":{"id":{"type":"string"},\
    "parameters":{"type":"object"},"inputs":{"type":"array","items":{"$ref":"#/components/schemas/Tensor"}},\
    "outputs":{"type":"array","items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},\
    "parameters":{"type":"object"}}}}}},\
    "InferenceResponse":{"type":"object","required":["model_name","outputs"],"properties":{\
    "model_name":{"type":"string"},"model_version":{"type":"string"},"id":{"type":"string"},\
    "parameters":{"type":"object"},"outputs":{"type":"array","items":{"$ref":"#/components/schemas/Tensor"}}}}}
    """

  /// - Parameter models: offered as the values of `name`.
  static func json(models: [String]) -> String {
    let names = models.map(JSONText.quoted).joined(separator: ",")
    var paths: [(String, [String])] = []
    for operation in operations {
      let text = "\"\(operation.method)\":\(describe(operation, names: names))"
      if let index = paths.firstIndex(where: { $0.0 == operation.path }) {
        paths[index].1.append(text)
      } else {
        paths.append((operation.path, [text]))
      }
    }
    let list = paths.map { "\(JSONText.quoted($0)):{\($1.joined(separator: ","))}" }.joined(separator: ",")
    return """
      {"openapi":"3.0.3","info":{"title":"Assay inspection station","version":\(JSONText.quoted(Versions.assay))},\
      "security":[{},{"bearer":[]}],"paths":{\(list)},"components":{"securitySchemes":{"bearer":{"type":"http",\
      "scheme":"bearer"}},"schemas":\(schemas)}}
      """
  }

  private static func describe(_ operation: Operation, names: String) -> String {
    var parameters: [String] = []
    for part in operation.path.split(separator: "/") where part.hasPrefix("{") {
      let name = part.dropFirst().dropLast()
      let schema =
        name == "id"
        ? "{\"type\":\"integer\"}"
        : name == "name"
          ? "{\"type\":\"string\",\"enum\":[\(names)]}"
          : "{\"type\":\"string\"}"
      parameters.append("{\"name\":\"\(name)\",\"in\":\"path\",\"required\":true,\"schema\":\(schema)}")
    }
    for (name, type) in operation.query {
      parameters.append("{\"name\":\"\(name)\",\"in\":\"query\",\"schema\":{\"type\":\"\(type)\"}}")
    }
    func content(_ type: String, _ schema: String) -> String {
      "\"content\":{\"\(type)\":{\"schema\":{\"$ref\":\"#/components/schemas/\(schema)\"}}}"
    }
    var text =
      "{\"summary\":\(JSONText.quoted(operation.summary)),\"parameters\":[\(parameters.joined(separator: ","))]"
    if let body = operation.body { text += ",\"requestBody\":{\"required\":true,\(content(body.type, body.schema))}" }
    let answer = operation.answer.map { "," + content($0.type, $0.schema) } ?? ""
    var responses = ["\"\(operation.status)\":{\"description\":\"Done\"\(answer)}"]
    for status in operation.failures {
      responses.append("\"\(status)\":{\"description\":\"Refused\",\(content(json, "Error"))}")
    }
    return text + ",\"responses\":{\(responses.joined(separator: ","))}}"
  }
}
