import AssayBase
import AssayData
import AssayHTTP
import AssayInspection
import AssayRecord
import AssayStation
import AssayTestSupport
import Foundation
import Testing

@Suite struct WatchTests {
  private func files(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  @Test func picturesAreSorted() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    let inbox = folder.path + "/in"
    folder.write("in/bad.pgm", Pictures.brushedMetal(seed: 5050, isScratched: true))
    folder.write("in/fine.pgm", Pictures.brushedMetal(seed: 6050, isScratched: false))
    folder.write("in/broken.pgm", Array("P5 64 64 255\n".utf8))
    folder.write("in/notes.txt", Array("hello".utf8))
    let watcher = try FolderWatcher(bundle: bundle, folder: inbox, patience: 0)
    var seen: [String: String] = [:]
    #expect(try watcher.look { seen[$0.file] = $0.destination.rawValue } == 3, "the first look only notes sizes")
    #expect(seen.isEmpty)
    #expect(try watcher.look { seen[$0.file] = $0.destination.rawValue } == 0)
    #expect(seen["bad.pgm"] == "defect" && seen["fine.pgm"] == "good" && seen["broken.pgm"] == "unsure")
    #expect(files(inbox + "/defect") == ["bad.pgm"] && files(inbox + "/good") == ["fine.pgm"])
    #expect(files(inbox + "/unsure") == ["broken.pgm"] && files(inbox) == ["defect", "good", "notes.txt", "unsure"])

    // Another of the same name keeps the first.
    folder.write("in/bad.pgm", Pictures.brushedMetal(seed: 5051, isScratched: true))
    _ = try watcher.look { _ in }
    _ = try watcher.look { _ in }
    #expect(files(inbox + "/defect") == ["bad-2.pgm", "bad.pgm"])
    // Two watchers would sort the same pictures.
    #expect(throws: WorkflowError.self) { try FolderWatcher(bundle: bundle, folder: inbox) }
  }

  /// A picture of 12 bits before a bundle that knows 8-bit parts only: judged, and said in the journal's entry.
  @Test func whatIsSeenNearlyBlackIsSaid() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    folder.write("in/fine.pgm", Pictures.brushedMetal(seed: 6060, isScratched: false))
    folder.write("in/deep.pgm", TestParts.deep(Pictures.brushedMetal(seed: 6061, isScratched: false)))
    let watcher = try FolderWatcher(bundle: bundle, folder: folder.path + "/in", patience: 0)
    var notes: [String: String] = [:]
    for _ in 0..<2 { _ = try watcher.look { notes[$0.file] = $0.note ?? "none" } }
    #expect(notes["fine.pgm"] == "none" && notes["deep.pgm"]?.contains("nearly black") == true)
    let journal = try String(contentsOfFile: folder.path + "/in/" + FolderWatcher.journalName, encoding: .utf8)
    #expect(journal.components(separatedBy: "\"note\"").count == 2)
  }

  /// No result could be recorded under such a name: it is named once and left, and the others go on.
  @Test func namesThatAreNotUTF8AreNamedOnceAndLeft() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    folder.write("in/fine.pgm", Pictures.brushedMetal(seed: 6051, isScratched: false))
    let path = Array((folder.path + "/in/pr").utf8) + [0xFC] + Array("fling.pgm".utf8) + [0]
    let part = Pictures.brushedMetal(seed: 6052, isScratched: false)
    let written = path.withUnsafeBufferPointer { name in
      name.withMemoryRebound(to: CChar.self) { name -> Int in
        guard let start = name.baseAddress else { return -1 }
        let file = open(start, O_CREAT | O_WRONLY, 0o644)
        defer { close(file) }
        return write(file, part, part.count)
      }
    }
    #expect(written == part.count)
    let watcher = try FolderWatcher(bundle: bundle, folder: folder.path + "/in", patience: 0)
    var seen: [String] = []
    _ = try watcher.look { seen.append($0.file) }
    let warnings = watcher.takeWarnings()
    #expect(warnings.count == 1 && warnings[0].contains("in/pr\\xFCfling.pgm: its name is not UTF-8"))
    #expect(try watcher.look { seen.append($0.file) } == 0, "it is not waited for")
    #expect(watcher.takeWarnings().isEmpty && seen == ["fine.pgm"])
    #expect(FolderEntries(of: folder.path + "/in")?.notUTF8 == ["pr\\xFCfling.pgm"], "it is still there")
  }

  @Test func halfWrittenPicturesAreWaitedFor() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    let whole = Pictures.brushedMetal(seed: 5052, isScratched: true)
    let watcher = try {
      folder.write("in/part.pgm", Array(whole.prefix(1000)))
      return try FolderWatcher(bundle: bundle, folder: folder.path + "/in", patience: 60)
    }()
    var count = 0
    for size in [1000, 2000, 3000] {
      folder.write("in/part.pgm", Array(whole.prefix(size)))
      #expect(try watcher.look { _ in count += 1 } == 1)
    }
    // It stops growing, but is not whole: patience, not a verdict.
    #expect(try watcher.look { _ in count += 1 } == 1)
    folder.write("in/part.pgm", whole)
    _ = try watcher.look { _ in count += 1 }
    #expect(count == 0)
    var verdict = ""
    let waiting = try watcher.look { entry in
      count += 1
      verdict = entry.verdict
    }
    #expect(waiting == 0 && count == 1 && verdict == "defect")
  }

  /// A crash between journal and move: the picture is moved as the journal says, and not counted again.
  @Test func restartsRepeatNothing() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    let inbox = folder.path + "/in"
    folder.write("in/part.pgm", Pictures.brushedMetal(seed: 5053, isScratched: true))
    var first: FolderWatcher? = try FolderWatcher(bundle: bundle, folder: inbox)
    _ = try first?.look { _ in }
    _ = try first?.look { _ in }
    #expect(files(inbox + "/defect") == ["part.pgm"])
    first = nil
    // As the crash would have left it: journalled, linked, the original still there; and a line cut short.
    try FileManager.default.linkItem(atPath: inbox + "/defect/part.pgm", toPath: inbox + "/part.pgm")
    let journal = inbox + "/" + FolderWatcher.journalName
    let handle = try #require(FileHandle(forWritingAtPath: journal))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"file\":\"cut".utf8))
    try handle.close()
    let second = try FolderWatcher(bundle: bundle, folder: inbox)
    var count = 0
    for _ in 0..<3 { _ = try second.look { _ in count += 1 } }
    #expect(count == 0 && files(inbox + "/defect") == ["part.pgm"] && files(inbox).contains("part.pgm") == false)
    let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 1)
  }

  /// A crash between record and journal: the picture is inspected again, and stays on record once.
  @Test func whatIsFoundIsOnRecordOnce() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    let inbox = folder.path + "/in"
    let recording = WatchRecording(folder: folder.path + "/record", images: .all, retention: RetentionPolicy())
    folder.write("in/bad.pgm", Pictures.brushedMetal(seed: 5055, isScratched: true))
    folder.write("in/fine.pgm", Pictures.brushedMetal(seed: 6055, isScratched: false))
    func watch() throws -> Int {
      let watcher = try FolderWatcher(bundle: bundle, folder: inbox, recording: recording)
      var count = 0
      for _ in 0..<3 { _ = try watcher.look { _ in count += 1 } }
      #expect(watcher.recordHealth?.lost == 0)
      return count
    }
    func recorded() throws -> [RecordedInspection] {
      let record = try InspectionRecord(folder: folder.path + "/record")
      defer { record.close() }
      return try record.search(RecordQuery())
    }
    #expect(try watch() == 2)
    var found = try recorded()
    #expect(found.map(\.serial) == ["fine.pgm", "bad.pgm"] && found.map(\.verdict) == ["good", "defect"])
    #expect(found.allSatisfy { $0.hasImage && $0.featureDistance != nil && $0.width == 64 })
    // As the crash would have left it: on record, the journal without its last line, the picture not moved.
    let journal = inbox + "/" + FolderWatcher.journalName
    let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
    try Data((lines[0] + "\n").utf8).write(to: URL(fileURLWithPath: journal))
    try FileManager.default.moveItem(atPath: inbox + "/good/fine.pgm", toPath: inbox + "/fine.pgm")
    #expect(try watch() == 1)
    #expect(try recorded().count == 2)
    // The same picture arriving anew is another part.
    let watcher = try FolderWatcher(bundle: bundle, folder: inbox, recording: recording)
    folder.write("in/bad.pgm", Pictures.brushedMetal(seed: 5055, isScratched: true))
    for _ in 0..<3 { _ = try watcher.look { _ in } }
    found = try recorded()
    #expect(found.count == 3 && found[0].serial == "bad.pgm")
  }

  @Test func linksLeaveThePicture() throws {
    let folder = TemporaryFolder()
    let bundle = try TestParts.bundle(in: folder.path + "/b")
    let inbox = folder.path + "/in"
    folder.write("in/part.pgm", Pictures.brushedMetal(seed: 5054, isScratched: true))
    var count = 0
    for _ in 0..<2 {
      let watcher = try FolderWatcher(bundle: bundle, folder: inbox, output: folder.path + "/out", action: .link)
      for _ in 0..<3 { _ = try watcher.look { _ in count += 1 } }
    }
    #expect(count == 1 && files(inbox) == ["part.pgm"] && files(folder.path + "/out/defect") == ["part.pgm"])
  }
}
