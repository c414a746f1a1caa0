import AssayBase
import AssayStation
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// `GET /v1/events`: what happens at the station, as it happens.
struct EventRoutes {
  let station: Station

  private struct Hello: Encodable {
    let station: StationState
    /// Whether who came back has missed nothing but ``missed``.
    let resumed: Bool
    /// Parts told meanwhile that are no longer remembered; nil when that is not known.
    let missed: Int?
    let models: [BundleState]
  }

  private struct Bundles: Encodable { let models: [BundleState] }

  /// What of a bundle may change while it is served.
  private struct BundleState: Encodable {
    let name: String
    /// nil while none is served.
    let version: String?
    let loadedAt: Double?
    /// Why the one on disk is not served.
    let failure: String?

    init(_ entry: BundleShelf.Entry) {
      name = entry.name
      version = entry.served?.version
      loadedAt = entry.served?.loadedAt
      failure = entry.failure
    }
  }

  func add(to router: Router<StationContext>) {
    router.get("/v1/events") { request, context in try await events(request, context.channel) }
  }

  private static let lastEvent = HTTPField.Name("Last-Event-ID")
  /// Proxies are asked to pass each event on at once.
  private static let headers: HTTPFields = HTTPField.Name("X-Accel-Buffering").map { [$0: "no"] } ?? [:]

  private func events(_ request: Request, _ channel: any Channel) async throws -> Response {
    let query = try QueryParameters(request)
    let model = try query.text("bundle")
    if let model, !station.shelf.names.contains(model) { throw HTTPFailure.noModel(model) }
    // A page that comes back says it in the query. A browser that then comes back by itself, with the same query, knows
    // later events and says so in the header.
    let seen = try Self.lastEvent.flatMap { request.headers[$0] } ?? query.text("after")
    let mark = try seen.flatMap { text throws(HTTPFailure) -> EventMark? in
      guard let mark = EventMark(text) else {
        throw HTTPFailure(.badRequest, "after is \(JSONText.quoted(String(text.prefix(60)))), which is no event's id")
      }
      return mark
    }
    if request.method == .head {
      var response = Response(status: .ok, headers: Self.headers)
      response.headers[.contentType] = Self.type
      response.headers[.cacheControl] = "no-store"
      return response
    }
    let reader: EventReader
    do throws(EventFeed.Refusal) {
      // What is still to be written to somebody who does not read goes with the connection.
      reader = try station.events.reader(of: model, after: mark) { channel.close(mode: .all, promise: nil) }
    } catch {
      throw HTTPFailure(error)
    }
    return try await StreamedAnswer.response(type: Self.type, headers: Self.headers, on: channel) { writer in
      try await write(reader, to: &writer)
    }
  }

  private static let type = "text/event-stream"

  private func write(_ reader: EventReader, to writer: inout any ResponseBodyWriter) async throws {
    let hello = Hello(
      station: StationState(station), resumed: reader.past.isResumed, missed: reader.past.missed, models: models)
    try await writer.write(EventText.opening(try InspectAnswer.json(hello)))
    for part in reader.past.parts { try await writer.write(EventText.part(part)) }
    // When the station stops, whoever listens is told the end of it: its connection would keep the station from ending.
    try await withGracefulShutdownHandler {
      for await event in reader.events {
        switch event {
        case .part(let part): try await writer.write(EventText.part(part))
        case .bundles: try await writer.write(EventText.bundles(try InspectAnswer.json(Bundles(models: models))))
        case .alive: try await writer.write(EventText.alive)
        }
      }
    } onGracefulShutdown: {
      reader.end()
    }
    try await writer.finish(nil)
  }

  private var models: [BundleState] { station.shelf.entries.map(BundleState.init) }
}

extension HTTPFailure {
  init(_ refusal: EventFeed.Refusal) {
    switch refusal {
    case .full(let readers):
      self.init(
        .serviceUnavailable,
        "\(readers) listen to the station already; close a page, or start it with more --event-readers",
        headers: [.retryAfter: "5"])
    case .closed: self.init(.serviceUnavailable, "the station is closing", headers: [.retryAfter: "5"])
    }
  }
}
