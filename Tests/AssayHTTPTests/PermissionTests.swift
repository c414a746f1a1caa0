import AssayHTTP
import AssayStation
import AssayStationSupport
import AssayTestSupport
import Foundation
import Logging
import Synchronization
import Testing

/// What the file system forbids, and what it should forbid.
@Suite struct PermissionTests {
  /// Whether the program can be run as nobody, by root.
  private static let canBeNobody: Bool = {
    guard getuid() == 0, FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv") else { return false }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments = nobody + [AssayProgram.path, "--version"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  private static let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"]

  /// A bundle that belongs to somebody else: what would change it is a conflict that says why, and it is served on.
  @Test(.enabled(if: canBeNobody, "root may write everywhere, and nobody cannot run the program"))
  func bundlesThatCannotBeWritten() async throws {
    let folder = TemporaryFolder()
    let bundle = try TinyBundle.write(.classifier, in: folder.path)
    try FileManager.default.copyItem(atPath: bundle, toPath: folder.path + "/part.previous.assay")
    chmod(folder.path, 0o755)
    let station = Process()
    station.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    station.arguments = Self.nobody + [AssayProgram.path, "serve", bundle, "--port", "0", "--record", "off"]
    station.environment = ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin"]
    let messages = Pipe()
    station.standardError = messages
    try station.run()
    defer {
      station.terminate()
      station.waitUntilExit()
    }
    let port = try #require(await Self.port(messages))
    for (path, body, cause) in [
      ("/v1/models/part/threshold", "{\"value\":0.5}", "Permission denied"),
      ("/v1/models/part/rollback", "", "Permission denied"),
    ] {
      let reply = await Wire.blocking { () -> Wire.Reply? in
        guard let wire = Wire(port: port) else { return nil }
        wire.send(Wire.request("POST", path, body: Array(body.utf8)))
        return wire.receive()
      }
      #expect(reply?.status == 409, "\(path): \(reply?.status ?? 0) \(reply?.text ?? "")")
      #expect((reply?.json["error"] as? String)?.contains(cause) == true, "\(path): \(reply?.text ?? "")")
    }
    let judged = await Wire.blocking { () -> Wire.Reply? in
      guard let wire = Wire(port: port) else { return nil }
      wire.send(Wire.request("POST", "/v1/inspect/part", body: Pictures.grey(255)))
      return wire.receive()
    }
    #expect(judged?.json["threshold"] as? Double == 0.25, "the old threshold is served on")
  }

  /// The port that the station says it listens on.
  private static func port(_ messages: Pipe) async -> Int? {
    await Wire.blocking {
      var text = ""
      while case let data = messages.fileHandleForReading.availableData, !data.isEmpty {
        text += String(decoding: data, as: UTF8.self)
        if let match = text.firstMatch(of: #/serving at http://127\.0\.0\.1:(\d+)/#) { return Int(match.1) }
      }
      return nil
    }
  }

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private struct Collector: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning
    let lines: Lines

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.all.withLock { $0.append(event.message.description) } }
  }

  /// Warned of: a token that the network can read, and one that this machine's other users can.
  @Test func tokensThatOthersCanRead() async throws {
    for (host, mode, isClear, isShared) in [
      ("127.0.0.1", 0o600, false, false), ("0.0.0.0", 0o600, true, false), ("127.0.0.1", 0o640, false, true),
      ("0.0.0.0", 0o604, true, true),
    ] {
      let folder = TemporaryFolder()
      folder.write("token", Array("0123456789abcdef0123\n".utf8))
      chmod(folder.path + "/token", mode_t(mode))
      var options = TestOptions(bundle: try TinyBundle.write(.classifier, in: folder.path))
      (options.host, options.port, options.recording) = (host, 0, .off)
      options.tokenFile = folder.path + "/token"
      let lines = Lines()
      let logger = Logger(label: "test") { _ in Collector(lines: lines) }
      let server = try StationServer(try Station(options.station, logger: logger), options.http)
      try await withThrowingTaskGroup(of: Void.self) { group in
        let (ports, publisher) = AsyncStream.makeStream(of: Int.self)
        group.addTask { try await server.run(signals: []) { publisher.yield($0) } }
        group.addTask { for await _ in ports { return } }
        try await group.next()
        group.cancelAll()
        try? await group.waitForAll()
      }
      let said = lines.all.withLock { $0 }
      #expect(said.contains { $0.contains("in the clear") } == isClear, "\(host) \(mode): \(said)")
      #expect(said.contains { $0.contains("chmod 600") } == isShared, "\(host) \(mode): \(said)")
    }
  }
}
