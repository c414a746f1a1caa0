import AssayHTTP
import AssayStationSupport
import AssayTestSupport
import Foundation
import Testing

/// What RFC 9110 and 9112 say of a connection, byte by byte.
@Suite struct ConnectionTests {
  /// Before a bundle that is there in milliseconds.
  static func run(
    change: (inout TestOptions) -> Void = { _ in }, _ body: @escaping @Sendable (TestStation) async throws -> Void
  ) async throws {
    try await TestStation.run(
      { folder in
        let path = folder + "/bundles/part.assay"
        try TinyBundle(.classifier).write(to: path)
        return path
      }, change: change, body)
  }

  /// What is answered to these bytes, and whether the connection is closed after it without a reset.
  private static func exchange(
    _ station: TestStation, _ text: String
  ) async -> (reply: Wire.Reply?, isClosed: Bool) {
    let port = station.port
    return await Wire.blocking {
      guard let wire = Wire(port: port, timeout: 60) else { return (nil, false) }
      wire.send(Array(text.utf8))
      let reply = wire.receive()
      return (reply, wire.endsCleanly())
    }
  }

  @Test func errorsOfTheProtocolAreJSON() async throws {
    try await Self.run { station in
      let long = String(repeating: "a", count: 40_000)
      let many = (0..<120).map { "X-\($0): 1\r\n" }.joined()
      let cases: [(String, Int)] = [
        ("nonsense\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\r\n\r\n", 400),
        ("BREW /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n", 501), ("GET /v2\r\n\r\n", 400),
        ("GET /v2 HTTP/1.1 x\r\nHost: localhost\r\n\r\n", 400),
        ("GET /v2 HTTP/2.0\r\nHost: localhost\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: \(long)\r\n\r\n", 431),
        ("GET /v2?\(long) HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        ("GET /v2 HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n", 431),
        ("GET /v2 HTTP/1.1\r\n\r\n", 400), ("GET /v2 HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        ("GET /v2 HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET /v2 HTTP/1.1\r\nHost: user@localhost\r\n\r\n", 400),
        ("GET ftp://localhost/v2 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("GET /v1/inspect/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        ("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        ("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\n", 417),
      ]
      for (request, status) in cases {
        let (reply, isClosed) = await Self.exchange(station, request)
        let name = String(request.prefix(90))
        #expect(reply?.status == status, "\(name.debugDescription): \(reply?.status ?? 0) \(reply?.text ?? "")")
        #expect(reply?.headers["content-type"] == "application/json" && reply?.json["error"] is String, "\(name)")
        #expect(reply?.headers["connection"] == "close" && isClosed, "\(name.debugDescription) is not closed")
        #expect(reply?.headers["x-content-type-options"] == "nosniff" && reply?.headers["date"] != nil)
      }
      let metrics = try await station.get("/metrics").text
      #expect(metrics.contains("assay_requests_total{method=\"other\",route=\"unknown\""))
    }
  }

  @Test func oneHostOfTheTarget() async throws {
    try await Self.run { station in
      for request in [
        "GET http://localhost:8080/v2 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET /v2 HTTP/1.0\r\nHost: localhost\r\n\r\n",
        "GET HTTP://127.0.0.1/v2?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v2/models/p%61rt HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v2/%6Dodels/part HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
      ] {
        let last = request.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n")
        #expect(await Self.exchange(station, request + last).reply?.status == 200, "\(request)")
      }
      // The target's host counts, and this station answers to its own names alone.
      let foreign = "GET http://evil.example/v2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      #expect(await Self.exchange(station, foreign).reply?.status == 421)
    }
  }

  /// Decoded once: %2525 is the name %25, and not %.
  @Test func namesAreDecodedOnce() async throws {
    try await Self.run { station in
      for (name, shown) in [
        ("my%20part", "my part"), ("p%C3%A4rt", "pärt"), ("a%2525", "a%25"), ("%2e", "."), ("%00", "\0"),
      ] {
        let reply = try await station.call("POST", "/v1/inspect/\(name)", body: [1])
        #expect(reply.status == 404 && reply.json["error"] as? String == "there is no model \(shown)", "\(reply.text)")
      }
      #expect(try await station.call("POST", "/v1/inspect/%ff", body: [1]).status == 400)
      #expect(try await station.call("POST", "/v1/inspect/p%61rt", body: Pictures.grey(0)).status == 200)
    }
  }

  @Test func headIsGetWithoutABody() async throws {
    try await Self.run { station in
      for path in [
        "/", "/page/main.js", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/part", "/v1/models",
        "/openapi.json",
        "/v1/records?limit=1", "/v1/models/part/report", "/v1/records/99", "/v1/records?limit=0", "/nowhere",
      ] {
        let port = station.port
        let replies = await Wire.blocking { () -> (Wire.Reply?, Wire.Reply?, Wire.Reply?) in
          guard let wire = Wire(port: port) else { return (nil, nil, nil) }
          wire.send(Wire.request("GET", path))
          let get = wire.receive()
          wire.send(Wire.request("HEAD", path))
          let head = wire.receive(isHead: true)
          // A byte too many would be taken for the beginning of the next answer.
          wire.send(Wire.request("GET", "/v2/health/live"))
          return (get, head, wire.receive())
        }
        let (get, head) = (try #require(replies.0), try #require(replies.1))
        #expect(head.status == get.status && head.body.isEmpty && replies.2?.status == 200, "\(path): \(head.status)")
        for (name, value) in get.headers where name != "date" {
          #expect(head.headers[name] == value, "\(path): \(name)")
        }
      }
      let metrics = try await station.call("HEAD", "/metrics")
      #expect(metrics.status == 200 && Int(metrics.headers["content-length"] ?? "") ?? 0 > 100)
    }
  }

  @Test func methodsThatAreNotOffered() async throws {
    try await Self.run { station in
      for (method, path, allowed) in [
        ("POST", "/v2", "GET, HEAD, OPTIONS"), ("DELETE", "/", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/inspect/part", "OPTIONS, POST"), ("HEAD", "/v1/inspect/part", "OPTIONS, POST"),
        ("PUT", "/v1/models/part/threshold", "OPTIONS, POST"), ("TRACE", "/metrics", "GET, HEAD, OPTIONS"),
        ("PATCH", "/v1/records/7", "GET, HEAD, OPTIONS"), ("PROPFIND", "/v2/health/live", "GET, HEAD, OPTIONS"),
      ] {
        let reply = try await station.call(method, path)
        #expect(reply.status == 405 && reply.headers["allow"] == allowed, "\(method) \(path): \(reply)")
        if method != "HEAD" { #expect(reply.json["error"] is String) }
        let options = try await station.call("OPTIONS", path)
        #expect(options.status == 204 && options.headers["allow"] == allowed && options.body.isEmpty)
      }
      let all = await Self.exchange(station, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      #expect(all.reply?.status == 204 && all.reply?.headers["allow"] == "GET, HEAD, OPTIONS, POST" && all.isClosed)
      #expect(try await station.call("POST", "/nowhere").status == 404)
    }
  }

  /// Who offers to wait is asked for the body at once.
  @Test(arguments: ["Content-Length: ", "Transfer-Encoding: chunked"]) func theBodyIsAskedFor(
    _ framing: String
  ) async throws {
    try await Self.run { station in
      let port = station.port
      let isChunked = framing.hasSuffix("chunked")
      let picture = Pictures.grey(0)
      let replies = await Wire.blocking { () -> (Wire.Reply?, Wire.Reply?, Wire.Reply?) in
        guard let wire = Wire(port: port, timeout: 60) else { return (nil, nil, nil) }
        let head = "POST /v1/inspect/part HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\(framing)"
        wire.send(Array((head + (isChunked ? "" : "\(picture.count)") + "\r\n\r\n").utf8))
        let asked = wire.receive()
        let size = String(picture.count, radix: 16)
        wire.send(isChunked ? Array("\(size)\r\n".utf8) + picture + Array("\r\n0\r\n\r\n".utf8) : picture)
        let answer = wire.receive()
        // The connection goes on.
        wire.send(Wire.request("GET", "/v2/health/live"))
        return (asked, answer, wire.receive())
      }
      #expect(replies.0?.status == 100 && replies.0?.headers.isEmpty == true, "\(String(describing: replies.0))")
      #expect(replies.1?.status == 200 && replies.1?.json["verdict"] is String)
      #expect(replies.2?.status == 200)
    }
  }

  /// Refused by its head: no body is asked for, and the connection ends so that the client can read why.
  @Test func refusedBeforeTheBody() async throws {
    let secrets = TemporaryFolder()
    secrets.write("token", Array("0123456789abcdef0123\n".utf8))
    try await Self.run { options in
      options.maximumBody = 1 << 20
      options.tokenFile = secrets.path + "/token"
    } _: { station in
      let port = station.port
      let token = "Authorization: Bearer 0123456789abcdef0123\r\n"
      for (status, path, header) in [
        (413, "/v1/inspect/part", token + "Content-Length: 9000000\r\n"),
        (401, "/v1/inspect/part", "Content-Length: 9000\r\n"),
        (404, "/v1/inspect/none", token + "Content-Length: 9000\r\n"),
        (404, "/nowhere", token + "Content-Length: 9000\r\n"),
        (405, "/v2", token + "Content-Length: 9000\r\n"),
        (415, "/v1/inspect/part", token + "Content-Encoding: gzip\r\nContent-Length: 9000\r\n"),
        (415, "/v2/models/part/infer", token + "Content-Encoding: gzip\r\nContent-Length: 9000\r\n"),
        (400, "/v1/inspect/part?mpa=1", token + "Content-Length: 9000\r\n"),
        (413, "/v1/models/part/threshold", token + "Content-Length: 900000\r\n"),
      ] {
        // With Expect the client waits; without, it sends all it has before it reads (8 MB are more than any buffer).
        for body in ["Expect: 100-continue\r\n", ""] {
          let outcome = await Wire.blocking { () -> (Wire.Reply?, Bool) in
            guard let wire = Wire(port: port, timeout: 60) else { return (nil, false) }
            wire.send(Array("POST \(path) HTTP/1.1\r\nHost: localhost\r\n\(header)\(body)\r\n".utf8))
            if body.isEmpty, status == 413, path.contains("inspect") {
              for _ in 0..<8 { wire.send([UInt8](repeating: 0, count: 1_000_000)) }
            }
            let reply = wire.receive()
            return (reply, wire.endsCleanly())
          }
          #expect(outcome.0?.status == status, "\(path) \(body): \(outcome.0?.status ?? 0) \(outcome.0?.text ?? "")")
          #expect(outcome.0?.json["error"] is String && outcome.0?.headers["connection"] == "close")
          #expect(outcome.1, "\(path): the connection is reset or stays open")
        }
      }
    }
  }

  /// The clock runs from the first byte: a head that comes in drops is cut off with an answer, and the connection that
  /// says nothing is closed after another time.
  @Test func slowHeads() async throws {
    try await Self.run { options in
      options.exchangeSeconds = 0.5
      options.idleSeconds = 240
    } _: { station in
      for opening in ["G", "GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: ", "POST /v1/inspect/part HTTP/1.1\r\n"] {
        let (reply, isClosed) = await Self.exchange(station, opening)
        #expect(
          reply?.status == 408 && reply?.json["error"] is String, "\(opening.debugDescription): \(reply?.status ?? 0)")
        #expect(isClosed)
      }
      let dripping = await Wire.blocking { [port = station.port] () -> Wire.Reply? in
        guard let wire = Wire(port: port, timeout: 60) else { return nil }
        for byte in Array("GET /v2 HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8) {
          guard wire.send([byte]) else { break }
          usleep(20_000)
        }
        return wire.receive()
      }
      #expect(dripping?.status == 408)
    }
  }

  /// Thousands that hold back the end of a header may not take the memory of thousands of headers: 8 MiB in all.
  @Test func headsThatAreNotWhole() async throws {
    try await Self.run { station in
      let port = station.port
      let line = "X-Long: \(String(repeating: "a", count: 7_400))\r\n"
      let head = Array("GET /v2 HTTP/1.1\r\nHost: localhost\r\n\(line)".utf8)
      let wires = await Wire.blocking {
        (0..<1_200).compactMap { _ in
          let wire = Wire(port: port, timeout: 60)
          wire?.send(head)
          return wire
        }
      }
      #expect(wires.count == 1_200)
      let reply = await Wire.blocking { wires.last?.receive() }
      #expect(reply?.status == 503 && reply?.headers["retry-after"] == "1", "\(String(describing: reply?.status))")
      // The first ones are whole with one line more.
      let first = await Wire.blocking { () -> Wire.Reply? in
        wires.first?.send(Array("\r\n".utf8))
        return wires.first?.receive()
      }
      #expect(first?.status == 200)
    }
    // Who goes gives back what it took.
    try await Self.run { station in
      let reply = try await station.get("/v2")
      #expect(reply.status == 200)
    }
  }

  /// Requests sent together are answered in their order, also when the last one is wrong.
  @Test func pipelining() async throws {
    try await Self.run { station in
      let port = station.port
      let good = Wire.request("POST", "/v1/inspect/part?serial=1", body: Pictures.grey(0))
      let statuses = await Wire.blocking { () -> [Int] in
        guard let wire = Wire(port: port, timeout: 60) else { return [] }
        wire.send(good + Wire.request("GET", "/v2") + good + Array("nonsense\r\n\r\n".utf8))
        var statuses: [Int] = []
        while let reply = wire.receive() { statuses.append(reply.status) }
        return statuses
      }
      #expect(statuses == [200, 200, 200, 400])
    }
  }

  /// A body that breaks off is not judged, whether its length was declared or not.
  @Test func cutOffBodies() async throws {
    try await Self.run { station in
      let port = station.port
      let picture = Pictures.grey(0)
      for framing in [
        "Content-Length: \(picture.count + 1)\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n\(String(picture.count, radix: 16))\r\n",
      ] {
        let reply = await Wire.blocking { () -> Wire.Reply? in
          guard let wire = Wire(port: port, timeout: 60) else { return nil }
          wire.send(Array("POST /v1/inspect/part?serial=cut HTTP/1.1\r\nHost: localhost\r\n\(framing)".utf8) + picture)
          wire.endSending()
          return wire.receive()
        }
        #expect(reply?.status == 400 && reply?.json["error"] is String)
      }
      let kept = try await station.get("/v1/records?serial=cut").json["records"] as? [Any]
      #expect(kept?.isEmpty == true)
    }
  }

  /// Other protocols are not spoken; the request is answered all the same (RFC 9110, section 7.8).
  @Test func upgradesAreIgnored() async throws {
    try await Self.run { station in
      for upgrade in ["h2c", "websocket"] {
        let request = "GET /v2 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: \(upgrade)\r\n\r\n"
        let (reply, isClosed) = await Self.exchange(station, request)
        #expect(reply?.status == 200 && reply?.headers["connection"] == "close" && isClosed)
      }
    }
  }
}
