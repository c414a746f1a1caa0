public import AssayBase
import AssayData
public import AssayImage
public import AssayInspection
public import AssayRecord
public import AssayRuntime
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
/// A picture is inspected once it is settled: its `FileMark` has been the same over two looks. What cannot be decoded
/// then is looked at again until its patience has run out, so that a slow copy is not taken for a broken picture. What
/// cannot be opened or moved, and what is no file, is named once and left (`LeftPictures`).
///
/// Each result is appended to a journal, `FOLDER/.assay-watch.jsonl`, and synchronised to the disk **before** the picture
/// is moved. A picture that the journal has, and that could not be moved or was not before a restart, is moved as the
/// journal says and not inspected again; one that the journal does not have is inspected. So each picture ends in exactly
/// one place, and none is missed or counted twice. With a record, a result is put there before the journal has it.
public final class FolderWatcher {
  /// Where a picture goes.
  public enum Destination: String, Sendable, Codable, CaseIterable {
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

  /// Inspected, and still where it arrived.
  private struct Pending {
    let result: WatchJournal.Result
    /// nil until the file was seen; a journal of earlier versions does not say which it is.
    var mark: FileMark?
    /// It may have been placed already, before a crash.
    var isRepeated: Bool
    /// When moving it is tried again, by ``monotonicNow()``.
    var nextTry = 0.0
    /// Whether the journal says that it stays.
    var isNoted = false
    var isTold = false
  }

  private let folder: String
  private let action: WatchAction
  private let patience: Double
  let bundle: ServedBundle
  let pipeline: PartPipeline
  let recording: WatchRecording?
  private let journal: WatchJournal
  private let placement: PicturePlacement
  /// Bytes of a file at most: the largest picture without compression, as `ImageFile` has it.
  private let longest: Int
  var keeping = Keeping()
  private var looks: [ExactName: FileMark] = [:]
  /// When a settled picture first could not be read, by ``monotonicNow()``.
  private var failing: [ExactName: Double] = [:]
  private var pending: [ExactName: Pending] = [:]
  private var left = LeftPictures()
  /// What was there when this watcher began, and has not been inspected by it.
  private var atStart: [ExactName: FileMark] = [:]
  /// Pictures that have a link and have not changed since.
  private var linked: [ExactName: FileMark] = [:]

  /// - Parameters:
  ///   - output: where `good/`, `defect/` and `unsure/` are; the folder itself when nil.
  ///   - patience: seconds for which an unreadable picture is tried again.
  ///   - recording: nil to keep the journal only.
  /// - Throws: `WorkflowError` when folder, bundle, journal or record cannot be used.
  public init(
    bundle: String, folder: String, output: String? = nil, action: WatchAction = .move, patience: Double = 10,
    recording: WatchRecording? = nil, maximumPixels: Int = DecodingOptions().maximumPixels,
    engines: Engines = .automatic
  ) throws(WorkflowError) {
    self.folder = folder
    self.action = action
    longest = min(maximumPixels, Int.max / 16) * 8 + (64 << 20)
    self.patience = patience
    self.recording = recording
    do {
      self.bundle = try ServedBundle(
        name: StationOptions.bundleName(bundle), path: bundle, maximumPixels: maximumPixels, engines: engines,
        isForMany: false)
    } catch {
      throw WorkflowError(error)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw WorkflowError(.noInput, "\(folder): there is no such folder; make it or check the path")
    }
    placement = try PicturePlacement(folder: folder, output: output ?? folder, action: action)
    journal = try WatchJournal(folder: folder)
    do throws(RecordError) {
      let record: InspectionRecord? =
        if let recording { try InspectionRecord(folder: recording.folder) } else { nil }
      record?.keep(bytes: recording?.retention.bytes)
      pipeline = PartPipeline(
        record: record, recording: .sync, images: recording?.images ?? .none, budget: nil,
        logger: Logger(label: "assay") { _ in SwiftLogNoOpLogHandler() })
    } catch {
      throw WorkflowError(.inputOutput, "\(error)")
    }
    try recover()
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

  /// What the journal knows of the pictures that are there.
  private func recover() throws(WorkflowError) {
    let present = try names().map(ExactName.init)
    for name in present { atStart[name] = FileMark(path: folder + "/" + name.text) }
    let found = try journal.recover(isAll: action == .link, present: Set(present))
    for (name, result) in found.results {
      pending[name] = Pending(result: result, isRepeated: true, isNoted: found.staying.contains(name))
    }
    if let first = found.damaged.first {
      left.warn(
        "\(journal.path): line \(first)\(found.damaged.count > 1 ? " and \(found.damaged.count - 1) more" : "") cannot be "
          + "understood, so what it says is lost; a picture of it that is still there is inspected anew")
    }
  }

  /// One look at the folder: settled pictures are inspected and sorted.
  /// - Parameters:
  ///   - isStopped: asked between pictures; then the look ends.
  ///   - report: receives each picture as it is done.
  /// - Returns: how many pictures are still waited for; those that are left are not.
  /// - Throws: `WorkflowError` when folder, journal or the folders of the output can no longer be used.
  public func look(isStopped: () -> Bool = { false }, report: (Entry) -> Void) throws(WorkflowError) -> Int {
    try journal.check()
    var present: [ExactName: FileMark] = [:]
    var waiting = 0
    for file in try names() {
      if isStopped() { return waiting }
      let name = ExactName(file)
      guard let mark = FileMark(path: folder + "/" + file) else { continue }
      present[name] = mark
      guard mark.kind == .regular else {
        left.leave(notAFile: name, mark, path: folder + "/" + file)
        continue
      }
      if left.contains(name, mark) || linked[name] == mark { continue }
      guard looks[name] == mark else {
        waiting += 1
        continue
      }
      var outcome = try settle(name, mark)
      if case .inspected(let entry, let bytes) = outcome {
        report(entry)
        outcome = try move(name, mark, bytes)
      }
      switch outcome {
      case .waiting: waiting += 1
      case .left, .inspected: failing[name] = nil
      case .sorted:
        failing[name] = nil
        if action == .link {
          // A link is a change of the file, too; but a file that took the name meanwhile is a picture of its own.
          let now = FileMark(path: folder + "/" + file)
          linked[name] = now?.hasSameContents(as: mark) == true ? now : nil
        }
        present[name] = linked[name] ?? mark
      }
    }
    looks = present
    linked = linked.filter { present[$0.key] == $0.value }
    failing = failing.filter { present[$0.key] != nil }
    pending = pending.filter { present[$0.key] != nil }
    left.keep { present[$0] != nil }
    atStart = atStart.filter { present[$0.key]?.hasSameContents(as: $0.value) == true }
    prune()
    observeDrift()
    return waiting
  }

  private func names() throws(WorkflowError) -> [String] {
    guard let found = FolderEntries(of: folder) else {
      throw WorkflowError(
        .inputOutput,
        "\(folder): the folder cannot be read any more (\(String(cString: strerror(errno)))); make it again and "
          + "start `assay watch`")
    }
    left.leave(notUTF8: found.notUTF8, in: folder)
    return found.names.filter { name in
      !name.hasPrefix(".") && ImageFile.extensions.contains(name.pathExtension.lowercased())
    }
  }

  /// What was named and left since this was last asked, a line each. Names in them are as they are on the disk: escape them
  /// where they are shown.
  public func takeWarnings() -> [String] { left.takeWarnings() }

  private enum Outcome {
    /// To be looked at again.
    case waiting
    /// Named, and not waited for.
    case left
    /// The journal has it now; it is to be moved.
    case inspected(Entry, [UInt8])
    /// Where it belongs.
    case sorted
  }

  private func settle(_ name: ExactName, _ mark: FileMark) throws(WorkflowError) -> Outcome {
    let path = folder + "/" + name.text
    let slot = InspectionQueue.Slot(
      isAlone: true, arrived: DispatchTime.now().uptimeNanoseconds, deadline: .max)
    if let known = pending[name]?.mark {
      if known.hasSameContents(as: mark) { return try move(name, mark) }
      if action == .move { pending[name] = nil }
    }
    guard mark.size > 0 else {
      return wait(name, mark, "the file is empty (0 bytes)", "copy it again")
    }
    let bytes: [UInt8]
    switch SettledFile.read(path, as: mark, atMost: longest) {
    case .bytes(let read): bytes = read
    case .changed: return .waiting
    case .refused(let cause, let remedy):
      guard mark.size <= longest else {
        left.leave(name, mark, path: path, cause: cause, remedy: remedy)
        return .left
      }
      return wait(name, mark, cause, remedy)
    }
    let hash = ContentHash.of(bytes)
    if let known = pending[name] {
      if known.result.entry.hash == hash, action == .link || known.result.isOf(mark) {
        pending[name]?.mark = mark
        return try move(name, mark, bytes)
      }
      pending[name] = nil
    }
    var part = Part(.file(bytes), name: name.text, serial: name.text)
    // One that was there before this watcher may be on record already, since a crash came between record and journal.
    part.mayBeOnRecord = atStart[name]?.hasSameContents(as: mark) == true
    let judged: JudgedPart
    do throws(PartRefusal) {
      judged = try pipeline.judge(part, with: bundle, slot)
    } catch {
      if case .unreadable(let cause) = error { return try giveUp(name, mark, hash: hash, cause, bytes) }
      throw WorkflowError(.inputOutput, "\(path): \(error)")
    }
    // It may have grown, or become another, while it was inspected.
    guard FileMark(path: path) == mark else { return .waiting }
    let answer = settle(judged)
    let entry = Self.entry(name.text, hash: hash, judged)
    try write(entry, mark)
    atStart[name] = nil
    // Whatever becomes of the file, the part was inspected.
    pipeline.publish([answer])
    return .inspected(entry, bytes)
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

  private func giveUp(
    _ name: ExactName, _ mark: FileMark, hash: String, _ error: ImageError, _ bytes: [UInt8]
  ) throws(WorkflowError) -> Outcome {
    guard isOutOfPatience(name) else { return .waiting }
    let entry = Entry(
      time: Self.now, file: name.text, hash: hash, destination: .unsure, verdict: "unreadable", class: "", score: nil,
      probability: nil, milliseconds: 0, error: "\(error.cause); \(error.remedy)")
    try write(entry, mark)
    return .inspected(entry, bytes)
  }

  /// Waited for as long as patience lasts, then named and left.
  private func wait(_ name: ExactName, _ mark: FileMark, _ cause: String, _ remedy: String) -> Outcome {
    guard isOutOfPatience(name) else { return .waiting }
    left.leave(name, mark, path: folder + "/" + name.text, cause: cause, remedy: remedy)
    return .left
  }

  private func isOutOfPatience(_ name: ExactName) -> Bool {
    let now = Self.monotonicNow
    let since = failing[name] ?? now
    failing[name] = since
    return now - since >= patience
  }

  private func write(_ entry: Entry, _ mark: FileMark) throws(WorkflowError) {
    let result = WatchJournal.Result(entry, mark)
    try journal.append(result)
    pending[ExactName(entry.file)] = Pending(result: result, mark: mark, isRepeated: false)
  }

  /// Sorts a picture that the journal has.
  private func move(_ name: ExactName, _ mark: FileMark, _ bytes: [UInt8]? = nil) throws(WorkflowError) -> Outcome {
    guard let known = pending[name], known.nextTry <= Self.monotonicNow else { return .left }
    let entry = known.result.entry
    let outcome = try placement.place(entry, mark, isRepeated: known.isRepeated) { [folder, longest] in
      if let bytes { return bytes }
      guard case .bytes(let read) = SettledFile.read(folder + "/" + name.text, as: mark, atMost: longest) else {
        return nil
      }
      return read
    }
    func note(_ stays: Bool, _ cause: String?) throws(WorkflowError) {
      try journal.append(
        WatchJournal.Stay(time: Self.now, file: name.text, hash: entry.hash, stays: stays, cause: cause))
    }
    switch outcome {
    case .placed, .gone:
      if known.isNoted { try note(false, nil) }
      // A linked picture stays, and is known by what the journal says of it.
      if action == .move { pending[name] = nil } else { pending[name]?.isRepeated = true }
      return .sorted
    case .stays(let cause, let remedy):
      if !known.isNoted { try note(true, cause) }
      if !known.isTold { left.warn("\(folder)/\(name.text): \(cause), so it is left where it is; \(remedy)") }
      pending[name]?.isNoted = true
      pending[name]?.isTold = true
      pending[name]?.nextTry = Self.monotonicNow + Self.retrySeconds
      return .left
    }
  }

  private static let retrySeconds = 10.0

  /// Seconds of a clock that nobody sets.
  private static var monotonicNow: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  private static var now: String { Timestamp.text() }
}
