import AssayBase
import Foundation
import Synchronization

/// A file of fixed-size records: 32 bytes of key, a payload, 8 bytes of checksum; appended to, never changed.
///
/// - Two processes may append at once: each does so under an exclusive lock.
/// - A process killed while appending leaves at most a torn last record; the next writer cuts it off.
/// - A damaged record fails its checksum and is treated as absent; the recomputed one is appended and wins.
/// - When the disk is full or the folder is not writable the store goes on without remembering, and says so once.
/// - From the first look or record on the file is in use (``CacheFile``), until store and snapshots are gone.
final class RecordStore: Sendable {
  typealias Key = SHA256Digest

  let path: String
  let payloadSize: Int
  private let limit: Int
  private let state: Mutex<State>

  private struct State {
    var file: CacheFile?
    var pending: [UInt8] = []
    var failure: String?
  }

  private static let magic: [UInt8] = Array("ASSAYRS1".utf8)
  static let headerSize = 16

  /// - Parameter limit: the file grows no larger than this many bytes.
  init(path: String, payloadSize: Int, limit: Int) {
    self.path = path
    self.payloadSize = payloadSize
    self.limit = limit
    state = Mutex(State())
  }

  var recordSize: Int { 32 + payloadSize + 8 }

  /// Why records are no longer kept, if so.
  var failure: String? { state.withLock { $0.failure } }

  /// Why records that were written cannot be found again.
  func lost(_ what: String) -> RuntimeError {
    RuntimeError(
      operation: "keep \(what) in \(path)",
      cause: failure ?? "they were removed while they were being written",
      remedy: failure == nil
        ? "let nothing empty the cache's folder while Assay works, and run it again"
        : "make room there and make it writable, or name another folder with --cache")
  }

  /// Checks every record. The payloads stay on disk until they are read.
  /// - Parameter previous: a snapshot of this store; what it has seen is not checked again.
  func snapshot(after previous: RecordSnapshot? = nil) -> RecordSnapshot {
    let opened = state.withLock { state -> CacheFile? in
      if state.file == nil {
        do throws(PlainFile.Refusal) {
          state.file = try CacheFile.open(path, creates: false)
        } catch {
          // None yet, or no file at all: whoever writes is told.
        }
      }
      return state.file
    }
    guard let opened, hasHeader(opened) else { return RecordSnapshot() }
    opened.markUsed()
    return RecordSnapshot(opened, recordSize: recordSize, after: previous)
  }

  /// Queues a record; every megabyte is written out.
  func append(_ key: Key, _ payload: UnsafeRawBufferPointer) {
    precondition(payload.count == payloadSize)
    state.withLock { state in
      guard state.failure == nil else { return }
      let start = state.pending.count
      state.pending.append(contentsOf: key.bytes)
      state.pending.append(contentsOf: payload)
      let sum = state.pending.withUnsafeBytes { Checksum.of(UnsafeRawBufferPointer(rebasing: $0[start...])) }
      withUnsafeBytes(of: sum) { state.pending.append(contentsOf: $0) }
      if state.pending.count > 1 << 20 { write(&state) }
    }
  }

  /// Writes out what is queued.
  func flush() {
    state.withLock { write(&$0) }
  }

  private func write(_ state: inout State) {
    guard !state.pending.isEmpty, state.failure == nil else { return }
    defer { state.pending.removeAll(keepingCapacity: true) }
    do {
      let folder = path.deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try CacheFile.whileWriting(in: folder) { () throws(PlainFile.Refusal) in
        let file = try writable(&state)
        let whole = Self.headerSize + max(0, file.size - Self.headerSize) / recordSize * recordSize
        guard state.pending.count <= limit - whole else {
          state.failure = "the feature cache has reached its limit of \(limit >> 20) MiB"
          return
        }
        try write(state.pending, to: file, at: whole)
      }
    } catch let refusal as PlainFile.Refusal {
      state.failure = "the feature cache cannot be written (\(refusal))"
    } catch {
      state.failure = "the feature cache cannot be written (\(error.localizedDescription))"
    }
  }

  /// The file with a header. One that holds something else is not changed but replaced: others may be reading it.
  private func writable(_ state: inout State) throws(PlainFile.Refusal) -> CacheFile {
    var own: CacheFile
    if let known = state.file, known.isWritable, known.isInPlace {
      own = known
    } else {
      own = try CacheFile.open(path, creates: true)
    }
    if !hasHeader(own) {
      if own.size > 0 {
        guard unlink(path) == 0 else {
          let code = errno
          throw PlainFile.Refusal(path: path, cause: String(cString: strerror(code)), code: code)
        }
        own = try CacheFile.open(path, creates: true)
      }
      try write(Self.magic + withUnsafeBytes(of: UInt64(payloadSize)) { Array($0) }, to: own, at: 0)
    }
    state.file = own
    return own
  }

  private func hasHeader(_ file: CacheFile) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: Self.headerSize, alignment: 8) { header in
      PlainFile.read(file.descriptor, at: 0, into: header) == Self.headerSize
        && header.prefix(8).elementsEqual(Self.magic)
        && header.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == UInt64(payloadSize)
    }
  }

  private func write(_ bytes: [UInt8], to file: CacheFile, at offset: Int) throws(PlainFile.Refusal) {
    let code = bytes.withUnsafeBytes { PlainFile.write(file.descriptor, at: offset, $0) }
    if let code { throw PlainFile.Refusal(path: path, cause: String(cString: strerror(code)), code: code) }
  }
}
