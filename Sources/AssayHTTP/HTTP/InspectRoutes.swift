import AssayStation
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// `POST /v1/inspect/NAME`: an image in, a verdict out.
struct InspectRoutes {
  let station: Station
  let reader: BodyReader

  func add<Context: RequestContext>(to router: Router<Context>) {
    router.post("/v1/inspect/:name") { request, context in
      try await inspect(request, name: try context.parameters.require("name"))
    }
  }

  private func inspect(_ request: Request, name: String) async throws -> Response {
    guard let bundle = station.shelf[name] else { throw HTTPFailure.noModel(name) }
    let contentType = request.headers[.contentType] ?? "application/octet-stream"
    let query = request.uri.queryParameters
    let wantsPicture = request.headers[.accept]?.lowercased().hasPrefix("image/png") ?? false
    func isSet(_ name: Substring) -> Bool { query[name].map { $0 != "0" && $0 != "false" } ?? false }
    let (wantsMap, isTrial) = (isSet("map"), isSet("try"))
    let isForm = contentType.lowercased().hasPrefix("multipart/form-data")
    func copies(_ length: Int) -> Int { isForm ? length : 0 }
    return try await reader.read(request, beside: copies) { body in
      var image = body
      var serial = query["serial"].map(String.init) ?? Self.serialField.flatMap { request.headers[$0] }
      if isForm {
        let form = try Multipart(body, contentType: contentType)
        guard let part = form["image"] ?? form["file"] ?? form.parts.first(where: { $0.fileName != nil }) else {
          throw HTTPFailure(.badRequest, "the form has no part called image")
        }
        // A second picture must not vanish.
        guard form.parts.filter({ $0.name == part.name }).count == 1 else {
          throw HTTPFailure(
            .badRequest,
            "the form has several parts called \(part.name); send one image a request, or several to "
              + "/v2/models/NAME/infer")
        }
        image = Array(part.body)
        if let text = form["serial"] { serial = String(decoding: text.body, as: UTF8.self) }
      }
      guard !image.isEmpty else {
        throw HTTPFailure(.badRequest, "send the image as the body, or as the form's part image")
      }
      var part = Part(.file(image), serial: try Self.checked(serial))
      part.isTrial = isTrial
      part.isDrawn = wantsMap || wantsPicture
      let (judged, answered) = try await station.inspect(part, with: bundle)
      guard var answer = answered else { throw PartRefusal.onlyATile }
      guard let picture = judged.drawing else {
        return .bytes(Array(try answer.document()), type: "application/json")
      }
      guard wantsPicture else {
        answer.map = Data(picture).base64EncodedString()
        return .bytes(Array(try answer.document()), type: "application/json")
      }
      var response = Response.bytes(picture, type: "image/png")
      for (name, value) in [
        ("Assay-Verdict", answer.inspection.verdict.rawValue), ("Assay-Id", answer.id.map(String.init) ?? ""),
        ("Assay-Version", answer.version),
      ] where !value.isEmpty {
        if let name = HTTPField.Name(name) { response.headers[name] = value }
      }
      return response
    }
  }

  private static let serialField = HTTPField.Name("Assay-Serial")

  /// - Throws: ``HTTPFailure`` 400 for what cannot be a serial number.
  static func checked(_ serial: String?) throws -> String? {
    guard let serial = serial?.trimmingCharacters(in: .whitespacesAndNewlines), !serial.isEmpty else { return nil }
    guard serial.utf8.count <= 200, !serial.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw HTTPFailure(.badRequest, "a serial number has at most 200 bytes and no control characters")
    }
    return serial
  }
}

extension HTTPFailure {
  static func noModel(_ name: String) -> HTTPFailure { HTTPFailure(PartRefusal.noModel(name)) }
}
