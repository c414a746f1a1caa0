import AssayBase
import AssayData
import AssayPlant
import AssayRecord
import AssayStation
import AssayTestSupport
import Foundation
import Synchronization
import Testing

/// Each picture ends in exactly one place, exactly once, or is named once and left. Black pictures are good, white ones bad.
@Suite struct WatchPlaceTests {
  let folder = TemporaryFolder()
  let good = Pictures.grey(0)
  let bad = Pictures.grey(255)

  private func watcher(
    action: WatchAction = .move, output: String? = nil, recording: WatchRecording? = nil, patience: Double = 0
  ) throws -> FolderWatcher {
    let bundle = folder.path + "/part.assay"
    try FileManager.default.createDirectory(atPath: folder.path + "/in", withIntermediateDirectories: true)
    if !FileManager.default.fileExists(atPath: bundle) { try TinyBundle(.classifier).write(to: bundle) }
    return try FolderWatcher(
      bundle: bundle, folder: folder.path + "/in", output: output, action: action, patience: patience,
      recording: recording)
  }

  private func looks(_ count: Int, _ watcher: FolderWatcher) throws -> (files: [String], waiting: Int) {
    var files: [String] = []
    var waiting = 0
    for _ in 0..<count { waiting = try watcher.look { files.append($0.file) } }
    return (files, waiting)
  }

  private var journal: [String] {
    ((try? String(contentsOfFile: folder.path + "/in/" + FolderWatcher.journalName, encoding: .utf8)) ?? "")
      .split(separator: "\n").map(String.init)
  }

  private func bytes(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: folder.path + "/" + name).map { Array($0) }
  }

  @Test func emptyFilesAreNamedOnceAndLeft() throws {
    folder.write("in/empty.png", "")
    folder.write("in/a.png", good)
    let watcher = try watcher()
    let (files, waiting) = try looks(2, watcher)
    #expect(files == ["a.png"] && waiting == 0)
    let warnings = watcher.takeWarnings()
    #expect(warnings.count == 1 && warnings[0].contains("in/empty.png: the file is empty"))
    #expect(try looks(3, watcher).waiting == 0 && watcher.takeWarnings().isEmpty)
    #expect(folder.names(in: "in") == ["defect", "empty.png", "good", "unsure"])
    // Once it has been filled it is a picture like all others.
    folder.write("in/empty.png", bad)
    #expect(try looks(2, watcher).files == ["empty.png"])
    #expect(folder.names(in: "in/defect") == ["empty.png"])
  }

  /// 27 times in six seconds, an earlier version inspected a picture whose folder was gone.
  @Test func foldersThatAreTakenAwayAreMadeAgain() throws {
    let recording = WatchRecording(folder: folder.path + "/record", images: .none, retention: RetentionPolicy())
    let watcher = try watcher(recording: recording)
    let link = ListeningLink()
    watcher.attach(link)
    folder.write("in/a.png", good)
    folder.write("in/b.png", bad)
    _ = try looks(1, watcher)
    try FileManager.default.removeItem(atPath: folder.path + "/in/good")
    try FileManager.default.moveItem(atPath: folder.path + "/in/defect", toPath: folder.path + "/elsewhere")
    #expect(try looks(10, watcher).files == ["a.png", "b.png"])
    #expect(folder.names(in: "in/good") == ["a.png"] && folder.names(in: "in/defect") == ["b.png"])
    #expect(journal.count == 2 && link.documents.count == 2)
    #expect(try records() == ["b.png", "a.png"])
  }

  private func records() throws -> [String] {
    let record = try InspectionRecord(folder: folder.path + "/record")
    defer { record.close() }
    return try record.search(RecordQuery()).compactMap(\.serial)
  }

  /// Where a picture cannot be put the watcher stops; it has been inspected, and is only moved after a restart.
  @Test func aPictureThatCouldNotBeMovedIsNotInspectedAgain() throws {
    let recording = WatchRecording(folder: folder.path + "/record", images: .none, retention: RetentionPolicy())
    folder.write("in/a.png", good)
    var count = 0
    do {
      let watcher = try watcher(recording: recording)
      _ = try watcher.look { _ in }
      try FileManager.default.removeItem(atPath: folder.path + "/in/good")
      folder.write("in/good", "a file has its name")
      let error = #expect(throws: WorkflowError.self) { _ = try watcher.look { _ in count += 1 } }
      #expect(error?.kind == .inputOutput && error?.description.contains("in/good") == true)
      #expect(count == 1 && journal.count == 1, "what was found has been told")
    }
    try FileManager.default.removeItem(atPath: folder.path + "/in/good")
    folder.write("in/b.png", bad)
    let second = try watcher(recording: recording)
    #expect(try looks(4, second).files == ["b.png"])
    #expect(folder.names(in: "in/good") == ["a.png"] && folder.names(in: "in") == ["defect", "good", "unsure"])
    #expect(journal.count == 2)
    #expect(try records() == ["b.png", "a.png"])
  }

  @Test func whatIsNoPictureIsNamedOnceAndLeft() throws {
    let inbox = folder.path + "/in"
    folder.write("in/a.png", good)
    folder.write("in/b.jpg/inside.png", good)
    folder.write("other.png", good)
    folder.link("in/link.png", to: "../other.png")
    folder.link("in/nowhere.png", to: "gone.png")
    #expect(mkfifo(inbox + "/pipe.png", 0o644) == 0)
    folder.write("in/m.png", "")
    #expect(truncate(inbox + "/m.png", 300 << 30) == 0)
    let watcher = try watcher(patience: 60)
    let (files, waiting) = try looks(2, watcher)
    #expect(files == ["a.png"] && waiting == 0, "nobody waits for them")
    let warnings = watcher.takeWarnings().sorted()
    #expect(warnings.count == 5)
    for (warning, text) in zip(warnings, ["folder", "symbolic link", "322122547200 bytes", "symbolic link", "pipe"]) {
      #expect(warning.contains(text) && warning.contains("left where it is"), "\(warning)")
    }
    folder.write("in/b.jpg/more.png", good)
    #expect(try looks(3, watcher).files.isEmpty && watcher.takeWarnings().isEmpty)
    #expect(
      folder.names(in: "in")
        == ["b.jpg", "defect", "good", "link.png", "m.png", "nowhere.png", "pipe.png", "unsure"])
  }

  /// Takes the place of the picture between its inspection and its move.
  private final class Replacing: StationLink {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    func receive(_ answer: InspectAnswer) { work() }
    var health: LinkHealth { LinkHealth(name: "test", isUp: true) }
    func close() {}
  }

  @Test(arguments: [WatchAction.move, .link], [false, true])
  func aPictureThatTakesTheNameOfAnotherIsNotTakenForIt(_ action: WatchAction, isReused: Bool) throws {
    folder.write("in/a.png", good)
    let watcher = try watcher(action: action)
    let path = folder.path
    folder.write("next.png", bad)
    watcher.attach(
      Replacing {
        // Deleted and written anew, the second has the inode of the first on many file systems.
        if isReused {
          unlink(path + "/in/a.png")
          try? FileManager.default.copyItem(atPath: path + "/next.png", toPath: path + "/in/a.png")
        } else {
          rename(path + "/next.png", path + "/in/a.png")
        }
      })
    #expect(try looks(2, watcher).files == ["a.png"])
    #expect(bytes("in/good/a.png") == good, "as it was inspected")
    #expect(bytes("in/a.png") == bad)
    #expect(try looks(2, watcher).files == ["a.png"])
    #expect(bytes("in/defect/a.png") == bad && folder.names(in: "in/good") == ["a.png"])
  }

  /// Names at the limit of 255 bytes get a number in the place of their last letters.
  @Test func longNamesComeTwice() throws {
    let name = String(repeating: "é", count: 125) + "x.png"
    #expect(name.utf8.count == 255)
    let watcher = try watcher()
    for _ in 0..<3 {
      folder.write("in/" + name, good)
      #expect(try looks(2, watcher).files == [name])
    }
    let names = folder.names(in: "in/good")
    #expect(names.count == 3 && names.allSatisfy { $0.utf8.count <= 255 && $0.hasSuffix(".png") })
    #expect(
      names.contains(name) && names.contains { $0.hasSuffix("-2.png") } && names.contains { $0.hasSuffix("-3.png") })
  }

  /// Names that look the same are two files.
  @Test(arguments: [WatchAction.move, .link]) func composedAndDecomposedNames(_ action: WatchAction) throws {
    folder.write("in/Pr\u{FC}fling.png", good)
    folder.write("in/Pru\u{308}fling.png", bad)
    let (files, waiting) = try looks(3, try watcher(action: action))
    #expect(files.count == 2 && waiting == 0)
    #expect(folder.names(in: "in/good").count == 1 && folder.names(in: "in/defect").count == 1)
  }

  /// Times of files are compared with each other, never with a clock.
  @Test func timesOfFilesDoNotCount() throws {
    for (name, year) in [("past.png", 0.0), ("future.png", 4e9)] {
      folder.write("in/" + name, good)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: year)], ofItemAtPath: folder.path + "/in/" + name)
    }
    let (files, waiting) = try looks(2, try watcher())
    #expect(files == ["future.png", "past.png"] && waiting == 0)
  }

  @Test func aDamagedJournalIsNamed() throws {
    folder.write("in/a.png", good)
    do { _ = try looks(2, try watcher()) }
    let lines = journal
    folder.write("in/" + FolderWatcher.journalName, "\u{0}\u{0}\u{0}\n" + lines[0] + "\n{\"file\":\"cut.p\n")
    let watcher = try watcher()
    let warnings = watcher.takeWarnings()
    #expect(warnings.count == 1 && warnings[0].contains("line 1 and 1 more cannot be understood"), "\(warnings)")
    folder.write("in/b.png", bad)
    #expect(try looks(2, watcher).files == ["b.png"])
    #expect(journal.count == 4, "nothing of it was thrown away")
  }

  @Test func aJournalOfALaterVersionIsRefused() throws {
    folder.write("in/" + FolderWatcher.journalName, "{\"file\":\"a.png\",\"form\":2,\"places\":[]}\n")
    let error = #expect(throws: WorkflowError.self) { try watcher() }
    #expect(error?.kind == .badData && error?.description.contains("form 2") == true)
  }

  /// Results must not go where nobody finds them.
  @Test func journalAndFolderMustStay() throws {
    let watcher = try watcher()
    folder.write("in/a.png", good)
    _ = try looks(1, watcher)
    let journal = folder.path + "/in/" + FolderWatcher.journalName
    try FileManager.default.moveItem(atPath: journal, toPath: folder.path + "/old.jsonl")
    let error = #expect(throws: WorkflowError.self) { _ = try looks(1, watcher) }
    #expect(error?.description.contains("journal was taken away") == true)
    #expect(folder.names(in: "in/good").isEmpty)
    try FileManager.default.removeItem(atPath: folder.path + "/in")
    #expect(throws: WorkflowError.self) { _ = try looks(1, watcher) }
  }

  /// Sorted pictures must not arrive in the folder that is watched.
  @Test func theFolderIsNotItsOwnOutput() throws {
    folder.write("in/a.png", good)
    folder.link("good", to: "in")
    let error = #expect(throws: WorkflowError.self) { try watcher(output: folder.path) }
    #expect(error?.kind == .usage && error?.description.contains("watched") == true)
  }

  @Test func aLookEndsWhenItIsAsked() throws {
    for index in 0..<5 { folder.write("in/\(index).png", good) }
    let watcher = try watcher()
    _ = try watcher.look { _ in }
    let count = Mutex(0)
    _ = try watcher.look(isStopped: { count.withLock { $0 } == 2 }, report: { _ in count.withLock { $0 += 1 } })
    #expect(folder.names(in: "in/good").count == 2)
  }

  /// A file system of its own: pictures are copied there, whole or not at all.
  @Test(.enabled(if: WatchPlaceTests.isElsewhere("/dev/shm"))) func otherFileSystems() throws {
    let output = "/dev/shm/assay-watch-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try FileManager.default.createDirectory(atPath: output + "/good", withIntermediateDirectories: true)
    // Of a watcher that was killed while it wrote.
    _ = FileManager.default.createFile(atPath: output + "/good/.assay-watch-1-1.part", contents: Data(good.prefix(100)))
    func names() -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: output + "/good")) ?? []).sorted()
    }
    let date = Date(timeIntervalSince1970: 1_000_000_000)
    func arrive() throws {
      folder.write("in/a.png", good)
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder.path + "/in/a.png")
    }
    try arrive()
    do {
      let watcher = try watcher(output: output)
      #expect(try looks(2, watcher).files == ["a.png"] && names() == ["a.png"])
      try arrive()
      #expect(try looks(2, watcher).files == ["a.png"] && names() == ["a-2.png", "a.png"])
      #expect(folder.names(in: "in").isEmpty)
    }
    #expect(FileManager.default.contents(atPath: output + "/good/a.png") == Data(good))
    let time = try FileManager.default.attributesOfItem(atPath: output + "/good/a-2.png")[.modificationDate] as? Date
    #expect(time == date)
    // A crash after the copy had its name and before the original went: only the latter is left to do.
    try arrive()
    let second = try watcher(output: output)
    #expect(try looks(3, second).files.isEmpty)
    #expect(names() == ["a-2.png", "a.png"] && folder.names(in: "in").isEmpty && journal.count == 2)
  }

  fileprivate static func isElsewhere(_ path: String) -> Bool {
    var (a, b) = (stat(), stat())
    return stat(path, &a) == 0 && stat(NSTemporaryDirectory(), &b) == 0 && a.st_dev != b.st_dev
      && access(path, W_OK) == 0
  }

  /// Two watchers that sort into the same folders take nothing from each other.
  @Test func twoWatchersWithOneOutput() throws {
    let bundle = folder.path + "/part.assay"
    try TinyBundle(.classifier).write(to: bundle)
    for place in ["one", "two"] { for index in 0..<20 { folder.write("\(place)/\(index).png", good) } }
    let output = folder.path + "/out"
    let watchers = try ["one", "two"].map {
      try FolderWatcher(bundle: bundle, folder: folder.path + "/" + $0, output: output, patience: 0)
    }
    for _ in 0..<2 { for watcher in watchers { _ = try watcher.look { _ in } } }
    #expect(folder.names(in: "out/good").count == 40)
    #expect(folder.names(in: "one").isEmpty && folder.names(in: "two").isEmpty)
  }
}
