import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Logging
import Testing

@Suite struct SafetyTests {
  @Test func otherAddressesNeedAToken() throws {
    let folder = TemporaryFolder()
    var options = StationOptions(bundles: [try TestParts.bundle(in: folder.path)])
    options.recording = .off
    var http = HTTPOptions()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    for host in ["0.0.0.0", "192.168.1.7", "::", "example.org", "127.0.0.1.example.org"] {
      http.host = host
      let station = try Station(options, logger: logger)
      defer { station.close() }
      #expect(throws: StationError.self) { try StationServer(station, http) }
    }
    http.host = ""
    let nowhere = try Station(options, logger: logger)
    defer { nowhere.close() }
    let error = #expect(throws: StationError.self) { try StationServer(nowhere, http) }
    #expect(error.map { "\($0)".contains("host is empty") } == true)
    folder.write("short", Array("abc\n".utf8))
    folder.write("token", Array("0123456789abcdef0123\n".utf8))
    http.host = "0.0.0.0"
    http.tokenFile = folder.path + "/short"
    let weak = try Station(options, logger: logger)
    defer { weak.close() }
    #expect(throws: StationError.self) { try StationServer(weak, http) }
    http.tokenFile = folder.path + "/token"
    let strong = try Station(options, logger: logger)
    defer { strong.close() }
    _ = try StationServer(strong, http)
  }

  @Test func tokens() async throws {
    let secrets = TemporaryFolder()
    secrets.write("token", Array("0123456789abcdef0123\n".utf8))
    try await TestStation.run {
      $0.tokenFile = secrets.path + "/token"
    } _: { (station: TestStation) async throws -> Void in
      for path in ["/v1/models", "/v2/models/part", "/metrics", "/v1/records"] {
        #expect(try await station.get(path).status == 401, "\(path)")
        #expect(try await station.get(path, headers: ["Authorization": "Bearer 0123456789abcdef0124"]).status == 401)
        #expect(try await station.get(path, headers: ["Authorization": "Basic 0123456789abcdef0123"]).status == 401)
        #expect(try await station.get(path, headers: ["Authorization": "Bearer 0123456789abcdef0123"]).status == 200)
      }
      // Probes and the page's files hold no secret.
      for path in ["/v2/health/live", "/v2/health/ready", "/", "/page/main.js", "/page.css"] {
        #expect(try await station.get(path).status == 200, "\(path)")
      }
      let session = try await station.call(
        "POST", "/v1/session", headers: ["Authorization": "Bearer 0123456789abcdef0123"])
      let cookie = try #require(session.headers["set-cookie"])
      #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
      let pair = String(cookie.prefix { $0 != ";" })
      #expect(try await station.get("/v1/models", headers: ["Cookie": pair]).status == 200)
      #expect(try await station.call("POST", "/v1/session").status == 401)
    }
  }

  /// Without a token: no other site's page may ask, however it calls this machine.
  @Test func otherSitesAreRefused() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      #expect(try await station.call("GET", "/v1/models", host: "evil.example").status == 421)
      #expect(try await station.get("/v1/models", headers: ["Origin": "http://evil.example"]).status == 403)
      #expect(try await station.get("/v1/models", headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
      #expect(try await station.get("/v1/models", headers: ["Origin": "http://localhost"]).status == 200)
      #expect(try await station.call("GET", "/v1/models", host: "127.0.0.1:80").status == 200)
    }
  }

  /// All that a browser loads: what the document names, what scripts import, and what those import.
  @Test func thePageIsFencedIn() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      var (waiting, texts) = (["/"], [String: String]())
      while let path = waiting.popLast() {
        guard texts[path] == nil else { continue }
        let reply = try await station.get(path)
        #expect(reply.status == 200, "\(path)")
        texts[path] = reply.text
        let policy = try #require(reply.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(reply.headers["x-content-type-options"] == "nosniff" && reply.headers["x-frame-options"] == "DENY")
        #expect(reply.headers["cache-control"] == "no-cache", "\(path) may linger after an update")
        for foreign in ["http://", "https://", "//cdn"] {
          let allowed = reply.text.replacing("http://www.w3.org/", with: "")
          #expect(!allowed.contains(foreign), "\(path) names another host")
        }
        waiting += reply.text.matches(of: /(?:src|href)="(\/[^"]+)"/).map { String($0.1) }
        waiting += reply.text.matches(of: /from "\.(\/[^"]+)"/).map { "/page" + String($0.1) }
      }
      #expect(texts.count > 25)
      for path in texts.keys where path.hasSuffix(".js") {
        #expect(try await station.get(path).headers["content-type"] == "text/javascript; charset=utf-8")
      }
      let total = texts.values.reduce(0) { $0 + $1.utf8.count }
      #expect(total < 200_000, "the first load is \(total) bytes")
      #expect(try await station.get("/v1/models/part/report").text.contains("<html"))
      for (language, word) in [("en", "GOOD"), ("zh", "合格"), ("de", "GUT")] {
        #expect(texts["/page/words-\(language).js"]?.contains("goodWord: \"\(word)\"") == true)
      }
    }
  }

  @Test func noPathReachesTheFileSystem() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      for path in [
        "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/inspect/..%2f..%2fetc%2fpasswd",
        "/v2/models/..%2fpart", "/v1/models/%2fetc%2fpasswd/report", "/page/../../etc/passwd",
        "/page/../Page/page.html", "/page/package.json", "/manifest.json",
      ] {
        let reply = try await station.get(path)
        #expect(reply.status == 404 || reply.status == 405 || reply.status == 400, "\(path): \(reply.status)")
        #expect(!reply.text.contains("root:"))
      }
    }
  }

  @Test func oversizedBodies() async throws {
    try await TestStation.run {
      $0.maximumBody = 100_000
    } _: { (station: TestStation) async throws -> Void in
      // Refused by what it declares: the body is never sent.
      let port = station.port
      let declared = await Wire.blocking { () -> Wire.Reply? in
        let wire = Wire(port: port)
        wire?.send(Array("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n".utf8))
        return wire?.receive()
      }
      #expect(declared?.status == 413 && declared?.json["error"] is String)
      // Refused where it declares nothing.
      let chunked = await Wire.blocking { () -> Wire.Reply? in
        let wire = Wire(port: port)
        wire?.send(
          Array("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        for _ in 0..<12 {
          wire?.send(Array("2710\r\n".utf8) + [UInt8](repeating: 65, count: 10_000) + Array("\r\n".utf8))
        }
        wire?.send(Array("0\r\n\r\n".utf8))
        return wire?.receive()
      }
      #expect(chunked?.status == 413)
      #expect(try await station.inspect(5001, isScratched: true).status == 200)
    }
  }

  /// A PNG of a few bytes that declares 65,535 x 65,535 pixels.
  @Test func pixelBombs() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      var header = Array("IHDR".utf8) + [0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 8, 2, 0, 0, 0]
      // CRC-32 of the chunk, as the PNG specification computes it (ISO 3309).
      var crc: UInt32 = 0xFFFF_FFFF
      for byte in header {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      }
      header += withUnsafeBytes(of: (~crc).bigEndian, Array.init)
      let bomb =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + header + [0, 0, 0x75, 0x30]
        + Array("IDAT".utf8) + [UInt8](repeating: 0x78, count: 30_000) + [0, 0, 0, 0]
      let reply = try await station.call("POST", "/v1/inspect/part", body: bomb)
      #expect(reply.status == 413 && reply.text.contains("65535 x 65535"))
    }
  }

  @Test func slowSendersAreCutOff() async throws {
    try await TestStation.run { options in
      options.exchangeSeconds = 0.6
      options.idleSeconds = 0.8
    } _: { (station: TestStation) async throws -> Void in
      let port = station.port
      // A body that comes byte by byte, a head that never ends, and a connection that says nothing.
      let slow = await Wire.blocking { () -> (Int?, Bool) in
        guard let wire = Wire(port: port) else { return (nil, false) }
        wire.send(Array("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n".utf8))
        for _ in 0..<40 {
          guard wire.send([65]) else { break }
          usleep(50_000)
        }
        return (wire.receive()?.status, wire.isClosedByServer())
      }
      #expect(slow.0 == 408 || slow.0 == nil)
      #expect(slow.1, "the connection stays open")
      for opening in ["GET /v2 HTTP/1.1\r\nX-Slow: ", ""] {
        let isClosed = await Wire.blocking { () -> Bool in
          guard let wire = Wire(port: port) else { return false }
          wire.send(Array(opening.utf8))
          return wire.isClosedByServer()
        }
        #expect(isClosed, "\(opening.debugDescription) stays open")
      }
      #expect(try await station.get("/v2/health/live").status == 200)
    }
  }

  /// Many that say nothing keep nobody out.
  @Test func idleConnections() async throws {
    try await TestStation.run { (station: TestStation) async throws -> Void in
      let port = station.port
      let idle = await Wire.blocking { (0..<120).compactMap { _ in Wire(port: port) } }
      #expect(idle.count == 120)
      #expect(try await station.inspect(5002, isScratched: true).status == 200)
      withExtendedLifetime(idle) {}
    }
  }
}
