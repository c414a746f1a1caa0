import AssayImage
import AssayInspection
package import AssayRecord
import AssayStation
package import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore

/// The record over HTTP: what is found again, and what operators say of it.
package struct RecordRoutes {
  let station: Station
  let reader: BodyReader

  private struct Page: Encodable {
    let records: [RecordedInspection]
    /// Nothing older than this number was looked at, since the time was up: ask again with it as `before`.
    let searchedTo: Int64?
    /// Of all pages, when it was asked for.
    let total: Int?
    /// There may be more than `total`; nil when there are not.
    let totalIsAtLeast: Bool?
    let state: InspectionRecord.Health
  }

  /// Of a part in a list, at most so many bytes as JSON, and as the values behind it.
  static let rowBytes = 4 << 10

  /// Seconds after which a search answers with what it has.
  static let searchTime = 1.0

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
      let query = try Self.query(request, zone: station.options.timeZone)
      let wantsTotal = try QueryParameters(request).flag("total") ?? false
      let room = try await HeldAnswer.room(query.limit * Self.rowBytes, station)
      let page = try await looking { record in
        let page = try record.page(query, seconds: Self.searchTime)
        let total = wantsTotal ? try record.total(query, seconds: Self.searchTime) : nil
        return try InspectAnswer.json(
          Page(
            records: page.records, searchedTo: page.searchedTo, total: total?.count,
            totalIsAtLeast: total?.isAtLeast == true ? true : nil, state: record.state))
      }
      return HeldAnswer(bytes: [UInt8](page), type: "application/json", room: room).response()
    }
    router.get("/v1/records/:id") { _, context in
      let id = try Self.id(context)
      return try await looking { record in
        guard let found = try record.inspection(id) else { throw Self.missing(id) }
        return try Response.json(Detail(record: found, corrections: try record.corrections(id)))
      }
    }
    router.get("/v1/records/:id/answer") { _, context in
      let id = try Self.id(context)
      guard let answer = try await looking({ try $0.answer(id) }) else { throw Self.missing(id) }
      return Response.bytes(Array(answer.utf8), type: "application/json", isFixed: true)
    }
    router.get("/v1/records/:id/thumbnail") { _, context in
      let id = try Self.id(context)
      guard let bytes = try await looking({ try $0.thumbnail(id) }) else { throw Self.missing(id) }
      return Response.bytes(bytes, type: "image/jpeg", isFixed: true)
    }
    router.get("/v1/records/:id/image") { _, context in
      let id = try Self.id(context)
      let missing = HTTPFailure(.notFound, "the image of part \(id) was not kept")
      guard let size = try await looking({ try $0.imageSize(id) }) else { throw missing }
      // Twice: as SQLite hands it out, and as it is sent.
      let room = try await HeldAnswer.room(2 * size, station)
      guard let bytes = try await looking({ try $0.image(id) }) else { throw missing }
      return HeldAnswer(bytes: bytes, type: PictureType.of(bytes), room: room).response(isFixed: true)
    }
    router.get("/v1/records/:id/heat") { _, context in
      let id = try Self.id(context)
      guard let heat = try await looking({ try $0.heat(id) }), heat.width > 0, heat.values.count % heat.width == 0
      else {
        throw HTTPFailure(.notFound, "part \(id) has no map")
      }
      let sketch = HeatSketch(width: heat.width, height: heat.values.count / heat.width, values: heat.values)
      return Response.bytes(try sketch.png(), type: "image/png", isFixed: true)
    }
    router.post("/v1/records/:id/correction") { request, context in
      let id = try Self.id(context)
      return try await reader.read(request, beside: BodyReader.document) { body in
        let wish = try RequestDocument.read(
          Wish.self, from: body, keys: ["class", "note"], form: "{\"class\": \"...\"} and, if wanted, a note")
        try RequestDocument.check(wish.note, "note")
        guard let found = try await looking({ try $0.inspection(id) }) else { throw Self.missing(id) }
        let verdict = try verdict(wish.class, found)
        let correction = Correction(
          time: Date().timeIntervalSince1970, verdict: verdict, class: wish.class, note: wish.note)
        guard try await looking({ try $0.correct(id, correction) }) else { throw Self.missing(id) }
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

  /// On the record's own threads: the server's are for requests.
  private func looking<Value: Sendable>(
    _ body: @escaping @Sendable (InspectionRecord) throws -> Value
  ) async throws -> Value {
    guard let record = station.record else { throw HTTPFailure(.notFound, "this station records nothing") }
    return try await record.looking(body)
  }

  private static func id(_ context: some RequestContext) throws -> Int64 {
    guard let id = context.parameters.get("id", as: Int64.self), id > 0 else {
      throw HTTPFailure(.badRequest, "a record's number is a whole number from 1")
    }
    return id
  }

  private static func missing(_ id: Int64) -> HTTPFailure { HTTPFailure(.notFound, "there is no record \(id)") }

  /// - Parameter zone: by which days are meant.
  package static func query(_ request: Request, zone: TimeZone) throws(HTTPFailure) -> RecordQuery {
    let parameters = try QueryParameters(request)
    var query = RecordQuery()
    query.bundle = try parameters.text("model")
    query.from = try parameters.time("from", by: zone, isEnd: false)
    query.until = try parameters.time("until")
    if let to = try parameters.time("to", by: zone, isEnd: true) {
      guard query.until == nil else { throw HTTPFailure(.badRequest, "to and until are both given; give one of them") }
      query.until = to
    }
    query.verdicts = try parameters.choices("verdict", RecordedVerdict.self)?.map(\.rawValue)
    query.class = try parameters.text("class")
    query.serial = try parameters.text("serial")
    query.isTrial = try parameters.flag("trial")
    query.before = try parameters.integer("before", in: 1...Int64.max)
    query.after = try parameters.integer("after", in: 1...Int64.max)
    query.limit = Int(try parameters.integer("limit", in: 1...500) ?? 50)
    query.review = try parameters.choice("review", RecordQuery.Review.self)
    if let from = query.from, let until = query.until, from > until {
      throw HTTPFailure(
        .badRequest, "from is after \(parameters["to"] == nil ? "until" : "to"); nothing can lie between them")
    }
    if let after = query.after, let before = query.before, after >= before {
      throw HTTPFailure(.badRequest, "after is not less than before; nothing can lie between them")
    }
    return query
  }

  /// What the record says of a part.
  private enum RecordedVerdict: String, CaseIterable {
    case good, defect, classified, measured, unjudged, error
  }
}

/// Media types of images, by content.
enum PictureType {
  static func of(_ bytes: [UInt8]) -> String {
    ImageFormat(announcedBy: bytes)?.mediaTypes.first ?? "application/octet-stream"
  }
}
