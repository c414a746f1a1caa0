import AssayRecord
import AssayStation
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// `GET /v1/records.csv`: all that a search finds, as a table for spreadsheets.
///
/// Page after page is read on the record's own threads, in a transaction of its own, so that neither memory nor the log of
/// the database grows with the table, and people who search have their turn in between.
struct RecordExport {
  let station: Station
  private let places = ExportPlaces(count: 4)

  /// Seconds after which a page is written with what it has.
  private static let pageTime = 0.25
  /// Seconds for which a table is still written when the station stops.
  private static let lastTime = 3.0
  /// Times that a page is asked for while others search.
  private static let patience = 100

  init(station: Station) { self.station = station }

  func add(to router: Router<StationContext>) {
    router.get("/v1/records.csv") { request, context in
      let query = try RecordRoutes.query(request, zone: station.options.timeZone)
      let separator = try QueryParameters(request).choice("separator", RecordCSV.Separator.self)
      guard let record = station.record else { throw HTTPFailure(.notFound, "this station records nothing") }
      // What cannot be read at all is said before the answer begins.
      if let failure = record.whyNotOpen { throw failure }
      let headers = headers(query)
      if request.method == .head {
        var response = Response(status: .ok, headers: headers)
        response.headers[.contentType] = Self.type
        response.headers[.cacheControl] = "no-store"
        return response
      }
      guard let place = places.take() else {
        throw HTTPFailure(
          .serviceUnavailable, "\(places.count) tables are being written already; try again when one is done",
          headers: [.retryAfter: "10"])
      }
      let csv = RecordCSV(zone: station.options.timeZone, separator: separator ?? .comma)
      return try await StreamedAnswer.response(type: Self.type, headers: headers, on: context.channel) { writer in
        try await Self.write(record, query, csv, to: &writer)
        withExtendedLifetime(place) {}
      }
    }
  }

  private static let type = "text/csv; charset=utf-8; header=present"

  /// The name says what is in it: the bundle, and when it was asked for.
  private func headers(_ query: RecordQuery) -> HTTPFields {
    let bundle = query.bundle.flatMap { BundleShelf.isName($0) ? "-" + $0 : nil } ?? ""
    let now = RecordCSV.fileTime(Date().timeIntervalSince1970, station.options.timeZone)
    return [.contentDisposition: "attachment; filename=\"records\(bundle)-\(now).csv\""]
  }

  private struct Stopped: Error {}

  private static func write(
    _ record: InspectionRecord, _ query: RecordQuery, _ csv: RecordCSV, to writer: inout any ResponseBodyWriter
  ) async throws {
    let end = Mutex<ContinuousClock.Instant?>(nil)
    try await withGracefulShutdownHandler {
      try await writer.write(ByteBuffer(bytes: csv.opening))
      var query = query
      query.limit = 500
      var isDone = false
      while !isDone {
        // A table that breaks off has no end, by which whoever reads it knows.
        if let end = end.withLock({ $0 }), ContinuousClock.now > end { throw Stopped() }
        let asked = query
        let (page, bytes) = try await patiently(record) { record in
          let page = try record.page(asked, seconds: pageTime)
          return (page, csv.lines(page.records))
        }
        if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
        query.before = page.searchedTo ?? page.records.last?.id
        isDone = page.searchedTo == nil && page.records.count < query.limit
      }
    } onGracefulShutdown: {
      end.withLock { $0 = ContinuousClock.now + .seconds(lastTime) }
    }
    try await writer.finish(nil)
  }

  /// Waits for its turn among those who search.
  private static func patiently<Value: Sendable>(
    _ record: InspectionRecord, _ body: @escaping @Sendable (InspectionRecord) throws -> Value
  ) async throws -> Value {
    for _ in 1..<patience {
      do { return try await record.looking(body) } catch let error as RecordError where error.reason == .busy {
        try await Task.sleep(for: .milliseconds(200))
      }
    }
    return try await record.looking(body)
  }
}

/// Counts who writes a table.
private final class ExportPlaces: Sendable {
  let count: Int
  private let taken = Mutex(0)

  init(count: Int) { self.count = count }

  /// nil when none is free. It is free again when what is returned is let go of.
  func take() -> Place? {
    let isFree = taken.withLock { taken in
      guard taken < count else { return false }
      taken += 1
      return true
    }
    return isFree ? Place(self) : nil
  }

  final class Place: Sendable {
    private let places: ExportPlaces

    fileprivate init(_ places: ExportPlaces) { self.places = places }

    deinit { places.taken.withLock { $0 -= 1 } }
  }
}
