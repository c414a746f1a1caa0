import AssayImage
import HTTPTypes

/// Every address of the station that programs use: what it takes and what it answers. `/openapi.json` says it to others,
/// and the station itself checks the names of query parameters by it.
enum StationAPI {
  struct Parameter: Sendable {
    let name: String
    /// JSON.
    let schema: String
    var description: String?
  }

  struct Content: Sendable {
    let type: String
    /// A name among the document's schemas.
    let schema: String
    /// JSON: of a form's parts.
    var encoding: String?
  }

  struct Operation: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let summary: String
    var query: [Parameter] = []
    var headers: [Parameter] = []
    var takes: [Content] = []
    var answers: [Content] = []
    var status = 200
    /// Beside those that every address may answer.
    var failures: [Int] = []
    /// Needs no token.
    var isOpen = false

    init(
      _ method: HTTPRequest.Method, _ path: String, _ summary: String, query: [Parameter] = [],
      headers: [Parameter] = [], takes: [Content] = [], answers: [Content] = [], status: Int = 200,
      failures: [Int] = [], isOpen: Bool = false
    ) {
      (self.method, self.path, self.summary, self.query, self.headers) = (method, path, summary, query, headers)
      (self.takes, self.answers, self.status, self.failures, self.isOpen) = (takes, answers, status, failures, isOpen)
    }
  }

  /// Names of the parameters of an address of `/v1`; HEAD has those of GET.
  static func queryParameters(of path: String, method: HTTPRequest.Method) -> [String] {
    known[Key(path: path, method: method == .head ? .get : method)] ?? []
  }

  private struct Key: Hashable {
    let path: String
    let method: HTTPRequest.Method
  }

  private static let known = Dictionary(
    operations.map { (Key(path: $0.path, method: $0.method), $0.query.map(\.name)) },
    uniquingKeysWith: { first, _ in first })

  static let operations: [Operation] = inference + inspection + models + records + station

  static func json(_ schema: String) -> [Content] { [Content(type: "application/json", schema: schema)] }

  private static let flag = #"{"type":"string","enum":["true","false","1","0"]}"#
  private static let text = #"{"type":"string","maxLength":200,"pattern":"^[^\\x00-\\x1f\\x7f]*$"}"#
  private static let number = #"{"type":"integer","format":"int64","minimum":1,"maximum":9223372036854775807}"#
  private static let time =
    #"{"anyOf":[{"type":"number","minimum":-62167219200,"maximum":253402300799},{"type":"string","format":"date-time"}]}"#

  // MARK: The Open Inference Protocol

  private static let inference: [Operation] =
    [
      Operation(.get, "/v2", "Server metadata", answers: json("ServerMetadata")),
      Operation(.get, "/v2/health/live", "Whether the server lives", isOpen: true),
      Operation(
        .get, "/v2/health/ready", "Whether every model can be asked, and whether parts are recorded",
        answers: json("Readiness"), failures: [503], isOpen: true),
    ]
    + ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"].flatMap { path in
      [
        Operation(.get, path, "Model metadata", answers: json("ModelMetadata"), failures: [404]),
        Operation(.get, path + "/ready", "Whether a model can be asked", failures: [404]),
        Operation(
          .post, path + "/infer",
          "Inference: JSON tensors, or binary ones after Inference-Header-Content-Length bytes of JSON",
          takes: json("InferenceRequest"),
          answers: json("InferenceResponse") + [Content(type: "application/octet-stream", schema: "Bytes")],
          failures: [404, 413, 415, 422, 429]),
      ]
    }

  // MARK: The simple way

  private static let pictures = ImageFormat.allCases.flatMap(\.mediaTypes) + ["application/octet-stream"]

  private static let inspection: [Operation] = [
    Operation(
      .post, "/v1/inspect/{name}",
      "An image as the body, or as the part image of a form; map=1 adds a picture, Accept: image/png answers one",
      query: [
        Parameter(name: "serial", schema: text, description: "The part's number, for the record."),
        Parameter(name: "map", schema: flag, description: "Adds photograph, heat, region and verdict as a PNG."),
        Parameter(name: "try", schema: flag, description: "Shown to try the station, not made on the line."),
      ],
      takes: pictures.map { Content(type: $0, schema: "Picture") }
        + [
          Content(
            type: "multipart/form-data", schema: "Form",
            encoding: "{\"image\":{\"contentType\":\"\(pictures.joined(separator: ", "))\"}}")
        ],
      answers: json("Inspection") + [Content(type: "image/png", schema: "Bytes")],
      failures: [404, 413, 415, 422, 429])
  ]

  // MARK: Models

  private static let models: [Operation] = [
    Operation(.get, "/v1/models", "The models", answers: json("Models")),
    Operation(
      .get, "/v1/models/{name}/report", "The training report", answers: [Content(type: "text/html", schema: "Text")],
      failures: [404]),
    Operation(
      .get, "/v1/models/{name}/validation", "Scores of held-out parts", answers: json("Validation"), failures: [404]),
    Operation(
      .get, "/v1/models/{name}/drift", "The latest parts against those of training", answers: json("Drift"),
      failures: [404]),
    Operation(
      .get, "/v1/models/{name}/live", "The last parts, counts, pace",
      query: [
        Parameter(name: "since", schema: time, description: "Counts from then on; the station's day if not given.")
      ],
      answers: json("Live"), failures: [404]),
    Operation(
      .post, "/v1/models/{name}/threshold", "Sets the threshold, or takes the last change back",
      takes: json("ThresholdWish"), answers: json("Model"), failures: [404, 409, 413]),
    Operation(
      .post, "/v1/models/{name}/reload", "Loads the bundle again", answers: json("Model"), failures: [404, 409]),
    Operation(
      .post, "/v1/models/{name}/rollback", "Changes back to the previous bundle", answers: json("Model"),
      failures: [404, 409]),
    Operation(
      .post, "/v1/models/{name}/retrain", "Retrains from the record", answers: json("Retraining"), status: 202,
      failures: [404, 409]),
    Operation(
      .get, "/v1/models/{name}/retraining",
      "What a retraining has to learn from, what it still needs, what the last one found",
      answers: json("RetrainingState"), failures: [404]),
    Operation(.get, "/v1/retraining", "How retraining goes", answers: json("Retraining")),
  ]

  // MARK: The record

  /// By the station's clocks, or as elsewhere.
  private static let stationTime = #"""
    {"anyOf":[{"type":"number","minimum":-62167219200,"maximum":253402300799},{"type":"string","format":"date-time"},\#
    {"type":"string","format":"date"},{"type":"string","pattern":"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])\#
    T([01][0-9]|2[0-3]):[0-5][0-9]$"}]}
    """#

  private static let verdict = "(good|defect|classified|measured|unjudged|error)"

  private static let filters = [
    Parameter(name: "model", schema: text, description: "Of this bundle; of all when not given."),
    Parameter(
      name: "from", schema: stationTime,
      description: "From this time on; also a day (2026-11-30) or a minute (2026-11-30T06:00) by the station's clocks."),
    Parameter(
      name: "to", schema: stationTime, description: "Up to but not including this time; of a day alone, up to its end."),
    Parameter(name: "until", schema: time, description: "As to, without days by the station's clocks."),
    Parameter(
      name: "verdict",
      schema: "{\"type\":\"string\",\"pattern\":\"^\(verdict)(,\(verdict))*$\"}",
      description: "One, or several with commas: good, defect, classified, measured, unjudged, error."),
    Parameter(name: "class", schema: text),
    Parameter(name: "serial", schema: text, description: "Any part of a serial number."),
    Parameter(name: "review", schema: #"{"type":"string","enum":["open","corrected","disagreed"]}"#),
    Parameter(name: "trial", schema: flag),
    Parameter(name: "before", schema: number, description: "Recorded before this number."),
    Parameter(name: "after", schema: number, description: "Recorded after this number; less than before."),
  ]

  private static let records: [Operation] = [
    Operation(
      .get, "/v1/records", "Searches the record, the newest first",
      query: filters + [
        Parameter(name: "limit", schema: #"{"type":"integer","minimum":1,"maximum":500,"default":50}"#),
        Parameter(name: "total", schema: flag, description: "Whether it is said how many there are in all."),
      ],
      answers: json("Records"), failures: [404]),
    Operation(
      .get, "/v1/records.csv", "All that a search finds as a table, the newest first",
      query: filters + [
        Parameter(
          name: "separator", schema: #"{"type":"string","enum":["comma","semicolon"]}"#,
          description: "semicolon writes decimal commas too, for spreadsheets that expect both.")
      ],
      answers: [Content(type: "text/csv", schema: "Text")], failures: [404]),
    Operation(.get, "/v1/records/{id}", "One part, with all corrections", answers: json("Record"), failures: [404]),
    Operation(
      .get, "/v1/records/{id}/answer", "What was answered", answers: json("KeptAnswer"), failures: [404]),
    Operation(
      .get, "/v1/records/{id}/thumbnail", "A small picture", answers: [Content(type: "image/jpeg", schema: "Bytes")],
      failures: [404]),
    Operation(
      .get, "/v1/records/{id}/image", "The image as it came, when it was kept",
      answers: pictures.map { Content(type: $0, schema: "Bytes") }, failures: [404]),
    Operation(
      .get, "/v1/records/{id}/heat", "The heat, to lay over the picture",
      answers: [Content(type: "image/png", schema: "Bytes")], failures: [404]),
    Operation(
      .post, "/v1/records/{id}/correction", "What an operator says of a part", takes: json("CorrectionWish"),
      answers: json("Correction"), status: 201, failures: [404, 409, 413]),
  ]

  // MARK: The station

  private static let station: [Operation] = [
    Operation(
      .get, "/v1/events", "What happens, as it happens: hello, part, bundles (server-sent events); it never ends",
      query: [
        Parameter(name: "bundle", schema: text, description: "Only this bundle's parts."),
        Parameter(
          name: "after", schema: #"{"type":"string","pattern":"^[0-9a-z]{1,16}-[0-9]{1,18}$"}"#,
          description: "The id of the last event seen: what was told since comes first."),
      ],
      headers: [
        Parameter(
          name: "Last-Event-ID", schema: #"{"type":"string","pattern":"^[0-9a-z]{1,16}-[0-9]{1,18}$"}"#,
          description: "As after, by browsers that come back by themselves.")
      ],
      answers: [Content(type: "text/event-stream", schema: "Text")], failures: [404]),
    Operation(.post, "/v1/session", "Turns the token into a cookie for the page", status: 204),
    Operation(.get, "/metrics", "Prometheus metrics", answers: [Content(type: "text/plain", schema: "Text")]),
    Operation(.get, "/openapi.json", "This document", answers: json("Document")),
  ]
}
