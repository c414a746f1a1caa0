import AssayHTTP
package import AssayStation
package import AssayTestSupport
import Foundation
import Logging

/// A server on a free port of this machine, for one test.
package struct TestStation: Sendable {
  package let folder: TemporaryFolder
  package let port: Int
  package let bundle: String
  package let station: Station

  /// Opens a station with one bundle, answers until the body ends, and closes it.
  /// - Parameters:
  ///   - bundle: is given the station's folder and puts the bundle there, or elsewhere.
  ///   - links: attaches links before the first request.
  package static func run(
    _ bundle: (String) throws -> String, change: (inout TestOptions) -> Void = { _ in },
    links: (Station) throws -> Void = { _ in },
    _ body: @escaping @Sendable (TestStation) async throws -> Void
  ) async throws {
    await StationPlaces.take()
    defer { StationPlaces.giveBack() }
    let folder = TemporaryFolder()
    let bundle = try bundle(folder.path)
    var options = TestOptions(bundle: bundle)
    options.port = 0
    options.recordFolder = folder.path + "/record"
    options.reloadSeconds = 0.2
    // On a busy machine a test may have to wait; those of the limits set their own.
    options.exchangeSeconds = 240
    options.idleSeconds = 240
    options.longestWait = 120
    change(&options)
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let opened = try Station(options.station, logger: logger)
    let server = try StationServer(opened, options.http)
    try links(opened)
    let (ports, publisher) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.run(signals: []) { publisher.yield($0) }
        publisher.finish()
      }
      group.addTask {
        for await port in ports {
          try await body(TestStation(folder: folder, port: port, bundle: bundle, station: opened))
          return
        }
      }
      // The body ends first; the server is then cancelled.
      try await group.next()
      group.cancelAll()
      try? await group.waitForAll()
    }
  }

  package struct NotAnswered: Error { package let request: String }

  package func call(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = [], host: String = "localhost"
  ) async throws -> Wire.Reply {
    let port = port
    let reply = await Wire.blocking { () -> Wire.Reply? in
      guard let wire = Wire(port: port) else { return nil }
      wire.send(Wire.request(method, path, headers: headers, body: body, host: host))
      return wire.receive(isHead: method == "HEAD")
    }
    guard let reply else { throw NotAnswered(request: "\(method) \(path)") }
    return reply
  }

  package func get(_ path: String, headers: [String: String] = [:]) async throws -> Wire.Reply {
    try await call("GET", path, headers: headers)
  }
}
