import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Logging
import Testing

/// Encrypted connections, with openssl as the client.
@Suite struct TLSTests {
  private static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// What openssl wrote to standard output, and its exit code.
  private static func run(_ arguments: [String], input: String = "") throws -> (text: String, code: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(openssl))
    process.arguments = arguments
    let (toward, back) = (Pipe(), Pipe())
    process.standardInput = toward
    process.standardOutput = back
    process.standardError = FileHandle.nullDevice
    try process.run()
    try toward.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try toward.fileHandleForWriting.close()
    let text = String(decoding: back.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, process.terminationStatus)
  }

  private static func certificate(_ name: String, in folder: String) throws -> (certificate: String, key: String) {
    let (certificate, key) = ("\(folder)/\(name).pem", "\(folder)/\(name).key")
    let made = try run([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
    ])
    #expect(made.code == 0)
    return (certificate, key)
  }

  @Test(.enabled(if: openssl != nil, "needs Debian's package openssl")) func answersOverTLSOnly() async throws {
    let folder = TemporaryFolder()
    let own = try Self.certificate("station", in: folder.path)
    let other = try Self.certificate("stranger", in: folder.path)
    func secured(_ options: inout TestOptions) {
      options.certificate = own.certificate
      options.key = own.key
    }
    try await TestStation.run(change: secured) { station in
      let request = "GET /v2/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      @Sendable func ask(trusting certificate: String, _ more: [String] = []) async -> (text: String, code: Int32)? {
        let arguments =
          [
            "s_client", "-connect", "127.0.0.1:\(station.port)", "-CAfile", certificate, "-verify_return_error",
            "-verify_ip", "127.0.0.1", "-quiet",
          ] + more
        return await Wire.blocking { try? Self.run(arguments, input: request) }
      }
      #expect(await ask(trusting: own.certificate)?.text.hasPrefix("HTTP/1.1 200") == true)
      #expect(await ask(trusting: own.certificate, ["-tls1_3"])?.text.hasPrefix("HTTP/1.1 200") == true)
      // A client that trusts somebody else goes away.
      let stranger = try #require(await ask(trusting: other.certificate))
      #expect(stranger.text.isEmpty && stranger.code != 0)
      // What is not TLS gets no answer, and the station goes on.
      let plain = await Wire.blocking { () -> Wire.Reply? in
        guard let wire = Wire(port: station.port) else { return nil }
        wire.send(Wire.request("GET", "/v2/health/ready"))
        return wire.receive()
      }
      #expect(plain == nil)
      #expect(await ask(trusting: own.certificate)?.text.hasPrefix("HTTP/1.1 200") == true)
    }
  }

  /// Of TLS 1.2 only authenticated encryption with forward secrecy; nothing older.
  @Test(.enabled(if: openssl != nil, "needs Debian's package openssl")) func onlyGoodCiphers() async throws {
    let folder = TemporaryFolder()
    let own = try Self.certificate("station", in: folder.path)
    try await ConnectionTests.run {
      $0.certificate = own.certificate
      $0.key = own.key
    } _: { station in
      let request = "GET /v2/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      @Sendable func ask(_ arguments: [String]) async -> String {
        let all =
          ["s_client", "-connect", "127.0.0.1:\(station.port)", "-CAfile", own.certificate, "-quiet"] + arguments
        return await Wire.blocking { (try? Self.run(all, input: request).text) ?? "" }
      }
      for suite in ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"] {
        let answer = await ask(["-tls1_2", "-cipher", "ECDHE-ECDSA-\(suite)"])
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(suite)")
        // RFC 6797.
        #expect(answer.lowercased().contains("strict-transport-security: max-age=31536000"))
      }
      for suite in ["AES128-SHA", "AES256-SHA", "AES128-SHA256", "AES256-SHA384"] {
        #expect(await ask(["-tls1_2", "-cipher", "ECDHE-ECDSA-\(suite):@SECLEVEL=0"]).isEmpty, "\(suite) has CBC")
      }
      #expect(await ask(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]).isEmpty)
      #expect(await ask(["-tls1_3"]).hasPrefix("HTTP/1.1 200"))
    }
    try await ConnectionTests.run { station in
      let answer = try await station.get("/v2")
      #expect(answer.headers["strict-transport-security"] == nil)
    }
  }

  @Test(.enabled(if: openssl != nil, "needs Debian's package openssl")) func aKeyOfAnotherCertificateIsRefused() throws
  {
    let folder = TemporaryFolder()
    let own = try Self.certificate("station", in: folder.path)
    let other = try Self.certificate("stranger", in: folder.path)
    #expect(try Self.refusal(own.certificate, other.key).contains("PEM form"))
    #expect(try Self.refusal(own.certificate, folder.path + "/missing.key").contains("PEM form"))
    #expect(try Self.refusal(own.certificate, nil).contains("belong together"))
  }

  private static func refusal(_ certificate: String, _ key: String?) throws -> String {
    let folder = TemporaryFolder()
    var options = StationOptions(bundles: [try TestParts.bundle(in: folder.path)])
    options.recording = .off
    var http = HTTPOptions()
    http.certificate = certificate
    http.key = key
    do throws(StationError) {
      let station = try Station(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      defer { station.close() }
      _ = try StationServer(station, http)
      return "accepted"
    } catch { return error.description }
  }
}
