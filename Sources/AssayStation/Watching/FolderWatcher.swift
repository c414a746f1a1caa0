import AssayData
import AssayImage
import AssayInspection
import AssayRecord
import AssayWorkflows
import Foundation
import Logging
import Synchronization

/// What `assay watch` does with a picture that it has inspected.
public enum WatchAction: String, Sendable, CaseIterable {
  /// Into `good/`, `defect/` or `unsure/`.
  case move
  /// A hard link there; the picture stays. A copy where the file system has no links.
  case link
}

/// Inspects pictures as they arrive in a folder and sorts them.
///
/// A picture is inspected once it is settled: its size and time of change have been the same over two looks, and nobody
/// holds it open for writing as far as can be told. What cannot be read then is looked at again until its patience has run
/// out, so that a slow copy is not taken for a broken picture.
///
/// Each result is appended to a journal, `FOLDER/.assay-watch.jsonl`, and synchronised to the disk **before** the picture
/// is moved. After a restart a picture that the journal has, but that was not sorted any more, is sorted as the journal
/// says and not inspected again; one that the journal does not have is inspected. So none is missed and none is counted
/// twice. With a record, a result is put there before the journal has it.
public final class FolderWatcher {
  /// Where a picture goes.
  public enum Destination: String, Sendable, Codable {
    case good, defect, unsure
  }

  /// A line of the journal.
  public struct Entry: Sendable, Codable, Equatable {
    /// ISO 8601, UTC.
    public let time: String
    public let file: String
    /// SHA-256 of the bytes.
    public let hash: String
    public let destination: Destination
    public let verdict: String
    public let `class`: String
    public let score: Double?
    public let probability: Double?
    public let milliseconds: Double
    /// Why it could not be inspected; its destination is `unsure` then.
    public let error: String?
    /// What a person should know of how it was read; nil when nothing.
    public var note: String?
  }

  public static let journalName = ".assay-watch.jsonl"

  private struct Look: Equatable {
    let size: Int
    let seconds: Int
    let nanoseconds: Int
    let inode: UInt
    /// When it came or changed last, seconds since 1970.
    let arrival: Double
  }

  private let folder: String
  private let output: String
  private let action: WatchAction
  private let patience: Double
  let bundle: ServedBundle
  let pipeline: PartPipeline
  let recording: WatchRecording?
  private let journal: FileHandle
  /// Seconds since 1970.
  private let opened = Date().timeIntervalSince1970
  var keeping = Keeping()
  private var looks: [String: Look] = [:]
  /// When a settled picture first could not be read.
  private var failing: [String: Double] = [:]
  /// What the journal has but may not be sorted: of moves the last one before a restart, of links all, since linked
  /// pictures stay. By hash and name.
  private var known: [String: Entry] = [:]

  /// - Parameters:
  ///   - output: where `good/`, `defect/` and `unsure/` are; the folder itself when nil.
  ///   - patience: seconds for which an unreadable picture is tried again.
  ///   - recording: nil to keep the journal only.
  /// - Throws: `WorkflowError` when folder, bundle, journal or record cannot be used.
  public init(
    bundle: String, folder: String, output: String? = nil, action: WatchAction = .move, patience: Double = 10,
    recording: WatchRecording? = nil, maximumPixels: Int = DecodingOptions().maximumPixels
  ) throws(WorkflowError) {
    self.folder = folder
    self.output = output ?? folder
    self.action = action
    self.patience = patience
    self.recording = recording
    do {
      self.bundle = try ServedBundle(
        name: StationOptions.bundleName(bundle), path: bundle, maximumPixels: maximumPixels, isForMany: false)
    } catch {
      throw WorkflowError(error)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw WorkflowError(.noInput, "\(folder): there is no such folder; make it or check the path")
    }
    do {
      for destination in [Destination.good, .defect, .unsure] {
        try FileManager.default.createDirectory(
          atPath: "\(self.output)/\(destination.rawValue)", withIntermediateDirectories: true)
      }
    } catch {
      throw WorkflowError(.inputOutput, "\(self.output): its folders cannot be made; check permissions")
    }
    let path = folder + "/" + Self.journalName
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw WorkflowError(.inputOutput, "\(path): the journal cannot be written; check permissions")
    }
    // Two watchers would sort the same pictures.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw WorkflowError(.unavailable, "\(folder): another `assay watch` is watching it; stop that one first")
    }
    journal = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do throws(RecordError) {
      let record: InspectionRecord? =
        if let recording { try InspectionRecord(folder: recording.folder) } else { nil }
      pipeline = PartPipeline(
        record: record, recording: .sync, images: recording?.images ?? .none, budget: nil,
        logger: Logger(label: "assay") { _ in SwiftLogNoOpLogHandler() })
    } catch {
      throw WorkflowError(.inputOutput, "\(error)")
    }
    try recover(path)
  }

  deinit { pipeline.record?.close() }

  /// From now on every result goes to this link as well, as those of a station do, once the journal has it.
  public func attach(_ link: any StationLink) { pipeline.attach(link) }

  /// How recording goes; nil without a record.
  public var recordHealth: InspectionRecord.Health? { pipeline.record?.state }

  /// How parts are judged.
  public var rule: DecisionRule { bundle.rule }

  /// The bundle, as links see it.
  public var served: Station.ServedModel {
    Station.ServedModel(name: bundle.name, version: bundle.version, classes: bundle.rule.numberedClasses)
  }

  /// Reads the journal; a line that a crash has cut short is cut off, its picture has not been sorted.
  private func recover(_ path: String) throws(WorkflowError) {
    guard let data = FileManager.default.contents(atPath: path) else { return }
    let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if end < data.count, ftruncate(journal.fileDescriptor, off_t(end)) != 0 {
      throw WorkflowError(.inputOutput, "\(path): the journal cannot be repaired; check permissions")
    }
    let lines = data[..<end].split(separator: UInt8(ascii: "\n"))
    for line in action == .move ? lines.suffix(1) : lines[...] {
      guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)) else { continue }
      known[Self.key(entry.file, entry.hash)] = entry
    }
  }

  private static func key(_ file: String, _ hash: String) -> String { hash + " " + file }

  /// One look at the folder: settled pictures are inspected and sorted.
  /// - Parameter report: receives each picture as it is done.
  /// - Returns: how many pictures are still waited for.
  public func look(report: (Entry) -> Void) throws(WorkflowError) -> Int {
    var present: [String: Look] = [:]
    var waiting = 0
    for name in names() {
      guard let look = Self.look(folder + "/" + name) else { continue }
      present[name] = look
      // A picture that a link has been made of stays where it is.
      guard looks[name] == look, look.size > 0 else {
        waiting += 1
        continue
      }
      if sorted[name] == look { continue }
      switch try settle(name, look) {
      case .waiting: waiting += 1
      case .sorted(let entry):
        failing[name] = nil
        if let entry { report(entry) }
        if action == .link { sorted[name] = look }
      }
    }
    looks = present
    sorted = sorted.filter { present[$0.key] == $0.value }
    failing = failing.filter { present[$0.key] != nil }
    prune()
    observeDrift()
    return waiting
  }

  /// Linked pictures that have not changed since.
  private var sorted: [String: Look] = [:]

  private func names() -> [String] {
    guard let found = FolderEntries(of: folder) else { return [] }
    let fresh = found.notUTF8.filter { !named.contains($0) }
    named.formUnion(fresh)
    unnamable += fresh
    return found.names.filter { name in
      !name.hasPrefix(".") && ImageFile.extensions.contains((name as NSString).pathExtension.lowercased())
    }
  }

  /// Names that are not UTF-8 and were found since this was last asked, escaped. Such files are left where they are: no
  /// result could be recorded under their name.
  public func takeUnnamable() -> [String] {
    defer { unnamable = [] }
    return unnamable
  }

  private var named: Set<String> = []
  private var unnamable: [String] = []

  /// nil for what is no file.
  private static func look(_ path: String) -> Look? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Look(
      size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec),
      inode: UInt(status.st_ino), arrival: Double(status.st_ctim.tv_sec) + Double(status.st_ctim.tv_nsec) / 1e9)
  }

  private enum Outcome {
    /// To be looked at again.
    case waiting
    /// nil when it had been inspected before.
    case sorted(Entry?)
  }

  private func settle(_ name: String, _ look: Look) throws(WorkflowError) -> Outcome {
    let path = folder + "/" + name
    let started = DispatchTime.now().uptimeNanoseconds
    let slot = InspectionQueue.Slot(isAlone: true, arrived: started, deadline: .max)
    let bytes: [UInt8]
    do throws(ImageError) { bytes = try ImageFile.contents(path: path) } catch {
      // Taken away by somebody else, or not readable yet.
      if error.reason == .notFound { return .waiting }
      return try giveUp(name, hash: "", error)
    }
    let hash = ContentHash.of(bytes)
    if let entry = known[Self.key(name, hash)] {
      try place(entry, isRepeated: true)
      if action == .move { known = [:] }
      return .sorted(nil)
    }
    var part = Part(.file(bytes), name: name, serial: name)
    // One that was there before this watcher may be on record already, since a crash came between record and journal.
    part.mayBeOnRecord = look.arrival <= opened
    let judged: JudgedPart
    do throws(PartRefusal) {
      judged = try pipeline.judge(part, with: bundle, slot)
    } catch {
      if case .unreadable(let cause) = error { return try giveUp(name, hash: hash, cause) }
      throw WorkflowError(.inputOutput, "\(path): \(error)")
    }
    // It may have grown while it was read.
    guard Self.look(path) == look else { return .waiting }
    let answer = settle(judged)
    let entry = Self.entry(name, hash: hash, judged)
    let finished = try finish(entry)
    pipeline.publish([answer])
    return .sorted(finished)
  }

  /// Waits for the disk.
  private func settle(_ judged: JudgedPart) -> InspectAnswer? {
    let answer = Mutex<InspectAnswer?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    pipeline.settle([judged], isWaiting: true) { answers in
      answer.withLock { $0 = answers[0] }
      isDone.signal()
    }
    isDone.wait()
    return answer.withLock { $0 }
  }

  private static func entry(_ name: String, hash: String, _ judged: JudgedPart) -> Entry {
    switch judged.outcome {
    case .found(let inspection):
      return Entry(
        time: now, file: name, hash: hash, destination: destination(inspection),
        verdict: inspection.verdict.rawValue, class: inspection.class, score: inspection.score,
        probability: inspection.probability, milliseconds: judged.milliseconds, error: nil, note: inspection.note)
    case .failed(let error):
      // The network had no finite answer: the picture goes to those who look at it, and the record says why.
      return Entry(
        time: now, file: name, hash: hash, destination: .unsure, verdict: InspectionEntry.errorVerdict, class: "",
        score: nil, probability: nil, milliseconds: judged.milliseconds, error: "\(error.cause); \(error.remedy)")
    case .onlyATile:
      return Entry(
        time: now, file: name, hash: hash, destination: .unsure, verdict: InspectionEntry.errorVerdict, class: "",
        score: nil, probability: nil, milliseconds: judged.milliseconds, error: "\(PartRefusal.onlyATile)")
    }
  }

  package static func destination(_ inspection: Inspection) -> Destination {
    if inspection.isUncertain { return .unsure }
    switch inspection.verdict {
    case .good: return .good
    case .defect: return .defect
    case .classified, .measured, .unjudged: return .unsure
    }
  }

  private func giveUp(_ name: String, hash: String, _ error: ImageError) throws(WorkflowError) -> Outcome {
    let now = Date().timeIntervalSince1970
    let since = failing[name] ?? now
    failing[name] = since
    guard now - since >= patience else { return .waiting }
    let entry = Entry(
      time: Self.now, file: name, hash: hash, destination: .unsure, verdict: "unreadable", class: "", score: nil,
      probability: nil, milliseconds: 0, error: "\(error.cause); \(error.remedy)")
    return .sorted(try finish(entry))
  }

  private func finish(_ entry: Entry) throws(WorkflowError) -> Entry {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try journal.write(contentsOf: try encoder.encode(entry) + Data("\n".utf8))
      guard fsync(journal.fileDescriptor) == 0 else { throw POSIXError(.EIO) }
    } catch {
      throw WorkflowError(.inputOutput, "\(folder)/\(Self.journalName): the journal cannot be written; make room")
    }
    try place(entry, isRepeated: false)
    if action == .link { known[Self.key(entry.file, entry.hash)] = entry }
    return entry
  }

  /// Moves or links a picture. Another of the same name there keeps its name.
  /// - Parameter isRepeated: it may be there already, since a crash came between placing it and removing the original.
  private func place(_ entry: Entry, isRepeated: Bool) throws(WorkflowError) {
    let source = folder + "/" + entry.file
    let target = "\(output)/\(entry.destination.rawValue)"
    let stem = (entry.file as NSString).deletingPathExtension
    let suffix = (entry.file as NSString).pathExtension
    var candidate = entry.file
    var number = 2
    while true {
      let path = target + "/" + candidate
      if link(source, path) == 0 { break }
      let code = errno
      if code == EEXIST {
        if isRepeated, Self.isSame(source, path) || Self.hash(path) == entry.hash { break }
        candidate = "\(stem)-\(number).\(suffix)"
        number += 1
        continue
      }
      if code == ENOENT { return }
      guard code == EXDEV || code == EPERM || code == EOPNOTSUPP || code == EMLINK else {
        throw Self.failure(path, code)
      }
      // No links here: a copy appears under its name when it is whole.
      let part = "\(target)/.\(candidate).part"
      do {
        try? FileManager.default.removeItem(atPath: part)
        try FileManager.default.copyItem(atPath: source, toPath: part)
      } catch {
        throw WorkflowError(.inputOutput, "\(path): it cannot be written; make room and check permissions")
      }
      guard rename(part, path) == 0 else { throw Self.failure(path, errno) }
      break
    }
    if action == .move, unlink(source) != 0, errno != ENOENT { throw Self.failure(source, errno) }
  }

  private static func hash(_ path: String) -> String? {
    (try? ImageFile.contents(path: path)).map { ContentHash.of($0) }
  }

  private static func isSame(_ first: String, _ second: String) -> Bool {
    var (a, b) = (stat(), stat())
    return lstat(first, &a) == 0 && lstat(second, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  private static func failure(_ path: String, _ code: Int32) -> WorkflowError {
    WorkflowError(
      .inputOutput, "\(path): it cannot be written (\(String(cString: strerror(code)))); check space and permissions")
  }

  private static var now: String { ISO8601DateFormatter().string(from: Date()) }
}
