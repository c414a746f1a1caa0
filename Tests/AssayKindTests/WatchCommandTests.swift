import AssayTestSupport
import Foundation
import Testing

/// `assay watch` as its users run it. Black pictures are good, white ones bad.
@Suite struct WatchCommandTests {
  let folder = TemporaryFolder()

  init() throws {
    _ = try TinyBundle.write(.classifier, in: folder.path)
    try FileManager.default.createDirectory(atPath: folder.path + "/in", withIntermediateDirectories: true)
  }

  private var journal: [JSONValue] {
    let text = try? String(contentsOfFile: folder.path + "/in/.assay-watch.jsonl", encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap { try? JSONValue(parsing: $0.utf8) }
  }

  private func watch(_ options: [String] = []) throws -> AssayProgram.Outcome {
    try AssayProgram.run(
      ["watch", "part.assay", "in", "--once", "--interval", "0.05", "--patience", "0.1"] + options, in: folder.path)
  }

  /// A name that brings a line and a command of its own is one line, escaped; documents for programs have it as it is.
  @Test func namesAreShownOnOneLine() throws {
    let name = "a\npart-1.png: GOOD\u{1B}[2J\u{202E}.png"
    folder.write("in/" + name, Pictures.grey(255))
    folder.write("in/b\n.png", "")
    let shown = try watch()
    #expect(shown.status == 0)
    #expect(shown.text == "a\\x0Apart-1.png: GOOD\\x1B[2J\\u{202E}.png: defect  scratch\n")
    #expect(shown.messages.contains("warning: in/b\\x0A.png: the file is empty"))
    #expect(!shown.messages.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    folder.write("in/" + name, Pictures.grey(255))
    #expect(try watch(["--json"]).lines.first?["file"]?.text == name)
    let inspected = try AssayProgram.run(["inspect", "part.assay", "in/defect"], in: folder.path)
    #expect(inspected.text.split(separator: "\n").count == 2 && !inspected.text.contains("\u{1B}"))
  }

  @Test func aNameThatIsNoTopicIsRefusedAtTheStart() throws {
    _ = try TinyBundle.write(.classifier, in: folder.path, name: "a#b")
    folder.write("in/a.png", Pictures.grey(0))
    let words = ["watch", "a#b.assay", "in", "--once", "--interval", "0.05"]
    let refused = try AssayProgram.run(words + ["--mqtt", "mqtt://127.0.0.1:1"], in: folder.path)
    #expect(refused.status == 64 && refused.messages.contains("a#b: results of a bundle of this name"))
    #expect(refused.messages.contains("rename") && folder.names(in: "in/good").isEmpty)
    #expect(try AssayProgram.run(words, in: folder.path).status == 0, "without a broker any name will do")
  }

  // As another user than root, for whom rights mean something.
  private static let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", AssayProgram.path]
  fileprivate static let canBeAnother: Bool = {
    guard getuid() == 0 else { return false }
    let outcome = try? run(other + ["--version"], in: "/")
    return outcome?.status == 0
  }()

  private static func run(_ words: [String], in folder: String) throws -> (
    status: Int32, text: String, messages: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    let (output, messages) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = messages
    try process.run()
    // Both are short.
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, said)
  }

  private func watchAsAnother(_ seconds: String = "0.1") throws -> (status: Int32, text: String, messages: String) {
    try Self.run(
      Self.other + ["watch", "part.assay", "in", "--once", "--interval", "0.05", "--patience", seconds],
      in: folder.path)
  }

  /// One picture of another user ended the watcher of an earlier version at every start.
  @Test(.enabled(if: WatchCommandTests.canBeAnother)) func picturesOfOtherUsersAreLeft() throws {
    chmod(folder.path + "/in", 0o777)
    for name in ["a.png", "b.png", "c.png"] { folder.write("in/" + name, Pictures.grey(name == "b.png" ? 255 : 0)) }
    chmod(folder.path + "/in/b.png", 0o600)
    let found = try watchAsAnother()
    #expect(found.status == 0 && found.text == "a.png: good  good\nc.png: good  good\n", "\(found)")
    #expect(found.messages.contains("in/b.png: reading it is not permitted, so it is left where it is"))
    #expect(folder.names(in: "in") == ["b.png", "defect", "good", "unsure"] && journal.count == 2)
    chmod(folder.path + "/in/b.png", 0o644)
    #expect(try watchAsAnother().text == "b.png: defect  scratch\n")
  }

  /// In a folder with the sticky bit only its owner may move a picture: it is inspected once, and the next start does not
  /// do it again.
  @Test(.enabled(if: WatchCommandTests.canBeAnother)) func picturesThatCannotBeMovedAreInspectedOnce() throws {
    for place in ["in/good", "in/defect", "in/unsure"] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + place, withIntermediateDirectories: true)
      chmod(folder.path + "/" + place, 0o777)
    }
    folder.write("in/a.png", Pictures.grey(0))
    folder.write("in/b.png", Pictures.grey(0))
    chmod(folder.path + "/in", 0o1777)
    chown(folder.path + "/in/b.png", 65534, 65534)
    let first = try watchAsAnother()
    #expect(first.status == 0 && first.text == "a.png: good  good\nb.png: good  good\n", "\(first)")
    #expect(first.messages.contains("in/a.png: it was inspected, and cannot be moved"))
    #expect(folder.names(in: "in/good") == ["b.png"] && folder.names(in: "in").contains("a.png"))
    let second = try watchAsAnother()
    #expect(second.status == 0 && second.text.isEmpty && second.messages.contains("in/a.png: it was inspected"))
    #expect(journal.count { $0["verdict"] != nil } == 2)
    // Once it may, the next start moves it.
    chmod(folder.path + "/in", 0o777)
    #expect(try watchAsAnother().text.isEmpty)
    #expect(folder.names(in: "in/good") == ["a.png", "b.png"] && journal.count { $0["verdict"] != nil } == 2)
  }
}
