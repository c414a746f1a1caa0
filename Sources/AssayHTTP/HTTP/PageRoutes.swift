import AssayRecord
import AssayStation
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The page's files, the operator's session, and what machines read about the station.
struct PageRoutes {
  let station: Station
  /// Whether this is HTTPS.
  let isSecure: Bool
  let hasToken: Bool
  let counts: RequestCounts

  func add<Context: RequestContext>(to router: Router<Context>) {
    for (path, file) in PageFiles.all {
      router.get("\(path)") { _, _ in
        var response = Response.bytes(file.bytes, type: file.type)
        // Always asked for again: after an update of the program the old page must not linger.
        response.headers[.cacheControl] = "no-cache"
        return response
      }
    }
    router.post("/v1/session") { request, _ in
      // The guard has let the request pass, so its token is right.
      guard hasToken, let field = request.headers[.authorization] else { return Response(status: .noContent) }
      let token = field.dropFirst(7).drop { $0 == " " }
      var response = Response(status: .noContent)
      response.headers[.setCookie] =
        "\(AccessGuard<Context>.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000"
        + (isSecure ? "; Secure" : "")
      return response
    }
    router.get("/metrics") { _, _ in
      Response.bytes(
        Array((counts.exposition + station.metrics.exposition(gauges())).utf8),
        type: "text/plain; version=0.0.4; charset=utf-8")
    }
    router.get("/openapi.json") { _, _ in
      Response.bytes(Array(OpenAPIDocument(station, needsToken: hasToken).json.utf8), type: "application/json")
    }
  }

  private func gauges() -> StationMetrics.Gauges {
    let served = station.shelf.entries.compactMap(\.served)
    return StationMetrics.Gauges(
      queueLength: station.queue.length, queueCapacity: station.queue.capacity, running: station.queue.running,
      bundles: served.map { ($0.name, $0.version, $0.loadedAt) }, record: station.record?.state,
      drift: served.map { ($0.name, station.monitor($0).findings($0, window: 500)) }, links: station.links,
      events: station.events.counts)
  }
}
