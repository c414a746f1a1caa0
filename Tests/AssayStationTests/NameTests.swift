import AssayBase
import AssayStation
import AssayTestSupport
import Foundation
import Logging
import Synchronization
import Testing

/// Names that come from outside: what cannot be served is said, and what is not seen is written so that it is.
@Suite struct NameTests {
  /// Keeps what is logged.
  private struct KeptLog: LogHandler {
    final class Lines: Sendable {
      let all = Mutex<[String]>([])
    }

    let lines = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let text = "\(event.message) \(event.metadata ?? [:])"
      lines.all.withLock { $0.append(text) }
    }
  }

  @Test func bundlesThatCannotBeServedAreNamedOnce() throws {
    let folder = TemporaryFolder()
    _ = try TinyBundle.write(.classifier, in: folder.path)
    _ = try TinyBundle.write(.classifier, in: folder.path, name: "a#b")
    let log = KeptLog()
    let shelf = try BundleShelf(
      [folder.path], maximumPixels: 1_000_000, logger: Logger(label: "test") { _ in log })
    #expect(shelf.names == ["part"])
    shelf.look()
    var lines: [String] { log.lines.all.withLock { $0 } }
    #expect(lines.count == 1 && lines[0].contains("a#b.assay") && lines[0].contains("rename"))
    // One that comes while the station runs.
    _ = try TinyBundle.write(.classifier, in: folder.path, name: "c+d")
    for _ in 0..<3 { shelf.look() }
    #expect(lines.count == 2 && lines[1].contains("c+d.assay") && shelf.names == ["part"])
    // Named outright it is refused, with the way out.
    let error = #expect(throws: StationError.self) {
      try BundleShelf(
        [folder.path + "/a#b.assay"], maximumPixels: 1_000_000, logger: Logger(label: "test") { _ in log })
    }
    #expect(error?.kind == .usage && error?.description.contains("NAME=") == true)
  }

  /// A share that is away takes no bundle with it.
  @Test func bundlesOfAFolderThatIsAwayAreServedOn() throws {
    let folder = TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/shelf", withIntermediateDirectories: true)
    _ = try TinyBundle.write(.classifier, in: folder.path + "/shelf")
    let log = KeptLog()
    let shelf = try BundleShelf(
      [folder.path + "/shelf"], maximumPixels: 1_000_000, logger: Logger(label: "test") { _ in log })
    try FileManager.default.moveItem(atPath: folder.path + "/shelf", toPath: folder.path + "/aside")
    for _ in 0..<3 { shelf.look() }
    #expect(shelf.names == ["part"] && shelf["part"] != nil)
    #expect(log.lines.all.withLock { $0 }.count == 1)
    try FileManager.default.moveItem(atPath: folder.path + "/aside", toPath: folder.path + "/shelf")
    try FileManager.default.removeItem(atPath: folder.path + "/shelf/part.assay")
    shelf.look()
    #expect(shelf.names.isEmpty, "one that is gone is gone")
  }

  /// A line of a log is read on terminals and by programs: the same text, in characters that both take.
  @Test func logsAreOneLineEach() throws {
    let text = "a\n\u{1B}[2J\u{9B}m\u{202E}\u{2028}\u{200B}\u{7F}\u{E0041}\"\\ü部"
    let quoted = JSONText.quoted(text)
    #expect(
      quoted == "\"a\\n\\u001b[2J\\u009bm\\u202e\\u2028\\u200b\\u007f\\udb40\\udc41\\\"\\\\ü部\"")
    #expect(try JSONDecoder().decode(String.self, from: Data(quoted.utf8)) == text)
  }
}
