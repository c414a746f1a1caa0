import AssayBase
import AssayInspection
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
    let query = try QueryParameters(request)
    let wantsPicture = request.headers[.accept]?.lowercased().hasPrefix("image/png") ?? false
    let (wantsMap, isTrial) = (try query.flag("map") ?? false, try query.flag("try") ?? false)
    let given = try query.text("serial") ?? Self.serialField.flatMap { request.headers[$0] }
    let isForm = contentType.lowercased().hasPrefix("multipart/")
    func copies(_ length: Int) -> Int { isForm ? length : 0 }
    return try await reader.read(request, beside: copies) { body in
      var image = body
      var serial = given
      if isForm {
        let form = try InspectForm(Multipart(body, contentType: contentType))
        image = Array(form.image)
        serial = form.serial ?? serial
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

/// The form of `curl -F image=@part.jpg -F serial=A-17`.
package struct InspectForm {
  package let image: ArraySlice<UInt8>
  package let serial: String?

  /// - Throws: ``HTTPFailure`` 400 when there is no image, or a part that nobody would look at.
  package init(_ form: Multipart) throws(HTTPFailure) {
    let others = form.parts.filter { $0.name != "serial" }
    let named = others.first { ["image", "file"].contains($0.name) }
    guard let picture = named ?? others.first(where: { $0.fileName != nil }) else {
      throw HTTPFailure(.badRequest, "the form has no part called image")
    }
    guard others.count == 1 else {
      let names = form.parts.map { JSONText.quoted(String($0.name.prefix(40))) }.joined(separator: ", ")
      throw HTTPFailure(.badRequest, "the form has the parts \(names); it may have image and serial, once each")
    }
    image = picture.body
    guard let part = try form.part("serial") else {
      serial = nil
      return
    }
    serial = String(validating: part.body, as: UTF8.self)
    if serial == nil { throw HTTPFailure(.badRequest, "the part serial is not UTF-8") }
  }
}
