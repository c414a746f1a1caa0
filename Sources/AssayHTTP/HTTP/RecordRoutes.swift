import AssayInspection
import AssayRecord
import AssayStation
import AssayWorkflows
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The record over HTTP: what is found again, and what operators say of it.
package struct RecordRoutes {
  let station: Station
  let reader: BodyReader

  private struct Page: Encodable {
    let records: [RecordedInspection]
    let state: InspectionRecord.Health
  }

  private struct Wish: Decodable {
    let `class`: String
    let note: String?
  }

  private struct Detail: Encodable {
    let record: RecordedInspection
    let corrections: [Correction]
  }

  func add<Context: RequestContext>(to router: Router<Context>) {
    router.get("/v1/records") { request, _ in
      let record = try self.record()
      return try Response.json(Page(records: try record.search(try Self.query(request)), state: record.state))
    }
    router.get("/v1/records/:id") { _, context in
      let (record, id) = (try self.record(), try Self.id(context))
      guard let found = try record.inspection(id) else { throw Self.missing(id) }
      return try Response.json(Detail(record: found, corrections: try record.corrections(id)))
    }
    router.get("/v1/records/:id/answer") { _, context in
      let (record, id) = (try self.record(), try Self.id(context))
      guard let answer = try record.answer(id) else { throw Self.missing(id) }
      return Response.bytes(Array(answer.utf8), type: "application/json", isFixed: true)
    }
    router.get("/v1/records/:id/thumbnail") { _, context in
      let (record, id) = (try self.record(), try Self.id(context))
      guard let bytes = try record.thumbnail(id) else { throw Self.missing(id) }
      return Response.bytes(bytes, type: "image/jpeg", isFixed: true)
    }
    router.get("/v1/records/:id/image") { _, context in
      let (record, id) = (try self.record(), try Self.id(context))
      guard let bytes = try record.image(id) else {
        throw HTTPFailure(.notFound, "the image of part \(id) was not kept")
      }
      return Response.bytes(bytes, type: PictureType.of(bytes), isFixed: true)
    }
    router.get("/v1/records/:id/heat") { _, context in
      let (record, id) = (try self.record(), try Self.id(context))
      guard let heat = try record.heat(id), heat.width > 0, heat.values.count % heat.width == 0 else {
        throw HTTPFailure(.notFound, "part \(id) has no map")
      }
      let sketch = HeatSketch(width: heat.width, height: heat.values.count / heat.width, values: heat.values)
      return Response.bytes(try sketch.png(), type: "image/png", isFixed: true)
    }
    router.post("/v1/records/:id/correction") { request, context in
      let (record, id) = (try self.record(), try Self.id(context))
      return try await reader.read(request, beside: BodyReader.document) { body in
        guard let wish = try? JSONDecoder().decode(Wish.self, from: Data(body)), !wish.class.isEmpty,
          wish.class.utf8.count <= 200, (wish.note?.utf8.count ?? 0) <= 2000
        else { throw HTTPFailure(.badRequest, "a correction is {\"class\": \"...\"} and, if wanted, a note") }
        guard let found = try record.inspection(id) else { throw Self.missing(id) }
        let verdict = try verdict(wish.class, found)
        let correction = Correction(
          time: Date().timeIntervalSince1970, verdict: verdict, class: wish.class, note: wish.note)
        guard try record.correct(id, correction) else { throw Self.missing(id) }
        return try Response.json(correction, status: .created)
      }
    }
  }

  /// `good` or `defect` for a class; nil where no class is good.
  private func verdict(_ name: String, _ inspection: RecordedInspection) throws -> String? {
    guard let rule = station.shelf[inspection.bundle]?.rule else {
      throw HTTPFailure(
        .conflict, "\(inspection.bundle) is not served now, so its classes are not known; correct the part when it is")
    }
    do { return try rule.verdict(correctedTo: name)?.rawValue } catch { throw HTTPFailure(error, inspection.bundle) }
  }

  private func record() throws -> InspectionRecord {
    guard let record = station.record else { throw HTTPFailure(.notFound, "this station records nothing") }
    return record
  }

  private static func id(_ context: some RequestContext) throws -> Int64 {
    guard let id = context.parameters.get("id", as: Int64.self), id > 0 else {
      throw HTTPFailure(.badRequest, "a record's number is a whole number from 1")
    }
    return id
  }

  private static func missing(_ id: Int64) -> HTTPFailure { HTTPFailure(.notFound, "there is no record \(id)") }

  package static func query(_ request: Request) throws -> RecordQuery {
    let parameters = request.uri.queryParameters
    func text(_ name: Substring) -> String? { parameters[name].map(String.init).flatMap { $0.isEmpty ? nil : $0 } }
    func number<Number: LosslessStringConvertible>(_ name: Substring, _ type: Number.Type) throws -> Number? {
      guard let text = text(name) else { return nil }
      guard let value = Number(text) else { throw HTTPFailure(.badRequest, "\(name) is not a number") }
      return value
    }
    var query = RecordQuery()
    query.bundle = text("model")
    query.from = try number("from", Double.self)
    query.until = try number("until", Double.self)
    query.verdict = text("verdict")
    query.class = text("class")
    query.serial = text("serial")
    query.isTrial = try text("trial").map { text in
      guard let value = ["1": true, "true": true, "0": false, "false": false][text] else {
        throw HTTPFailure(.badRequest, "trial is true or false")
      }
      return value
    }
    query.before = try number("before", Int64.self)
    query.after = try number("after", Int64.self)
    query.limit = try number("limit", Int.self) ?? 50
    if let review = text("review") {
      guard let kind = RecordQuery.Review(rawValue: review) else {
        throw HTTPFailure(.badRequest, "review is open, corrected or disagreed")
      }
      query.review = kind
    }
    return query
  }
}

/// Media types of images, by content.
enum PictureType {
  static func of(_ bytes: [UInt8]) -> String {
    if bytes.starts(with: [0xFF, 0xD8]) { return "image/jpeg" }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
    if bytes.starts(with: Array("RIFF".utf8)) { return "image/webp" }
    if bytes.starts(with: Array("BM".utf8)) { return "image/bmp" }
    return "application/octet-stream"
  }
}
