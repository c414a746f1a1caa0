import Foundation
import Synchronization

/// A file of fixed-size records: 32 bytes of key, a payload, 8 bytes of checksum; appended to, never changed.
///
/// - Two processes may append at once: each does so under an exclusive lock.
/// - A process killed while appending leaves at most a torn last record; the next writer cuts it off.
/// - A damaged record fails its checksum and is treated as absent; the recomputed one is appended and wins.
/// - When the disk is full or the folder is not writable the store goes on without remembering, and says so once.
final class RecordStore: Sendable {
  typealias Key = SHA256Digest

  let path: String
  let payloadSize: Int
  private let limit: Int
  private let state: Mutex<State>

  private struct State {
    var pending: [UInt8] = []
    var failure: String?
  }

  private static let magic: [UInt8] = Array("ASSAYRS1".utf8)
  private static let headerSize = 16

  /// - Parameter limit: the file grows no larger than this many bytes.
  init(path: String, payloadSize: Int, limit: Int) {
    self.path = path
    self.payloadSize = payloadSize
    self.limit = limit
    state = Mutex(State())
  }

  private var recordSize: Int { 32 + payloadSize + 8 }

  /// Why records are no longer kept, if so.
  var failure: String? { state.withLock { $0.failure } }

  /// Maps the file and checks every record. The payloads stay on disk until they are read.
  func snapshot() -> RecordSnapshot {
    guard let map = MappedFile(path: path), map.bytes.count >= Self.headerSize,
      map.bytes.prefix(8).elementsEqual(Self.magic),
      map.bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == UInt64(payloadSize)
    else { return RecordSnapshot(map: nil, offsets: [:]) }
    // The modification time doubles as "last used", for eviction.
    utimes(path, nil)
    var offsets: [Key: Int] = [:]
    let count = (map.bytes.count - Self.headerSize) / recordSize
    offsets.reserveCapacity(count)
    for index in 0..<count {
      let at = Self.headerSize + index * recordSize
      let record = UnsafeRawBufferPointer(rebasing: map.bytes[at..<at + recordSize])
      let stored = record.loadUnaligned(fromByteOffset: recordSize - 8, as: UInt64.self)
      let isWhole = Checksum.of(UnsafeRawBufferPointer(rebasing: record[..<(recordSize - 8)])) == stored
      map.release(at..<at + recordSize)
      guard isWhole else { continue }
      offsets[Key(record)] = at + 32
    }
    return RecordSnapshot(map: map, offsets: offsets)
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
      let folder = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw Failure(code: errno) }
      defer { close(file) }
      guard flock(file, LOCK_EX) == 0 else { throw Failure(code: errno) }
      var status = stat()
      guard fstat(file, &status) == 0 else { throw Failure(code: errno) }
      var size = Int(status.st_size)
      if !hasHeader(file, size: size) {
        guard ftruncate(file, 0) == 0 else { throw Failure(code: errno) }
        try writeAll(file, Self.magic + withUnsafeBytes(of: UInt64(payloadSize)) { Array($0) }, at: 0)
        size = Self.headerSize
      }
      let whole = Self.headerSize + (size - Self.headerSize) / recordSize * recordSize
      guard state.pending.count <= limit - whole else {
        state.failure = "the feature cache has reached its limit of \(limit >> 20) MiB"
        return
      }
      try writeAll(file, state.pending, at: whole)
    } catch let failure as Failure {
      state.failure = "the feature cache cannot be written (\(String(cString: strerror(failure.code))))"
    } catch {
      state.failure = "the feature cache cannot be written (\(error.localizedDescription))"
    }
  }

  private struct Failure: Error { let code: Int32 }

  private func hasHeader(_ file: Int32, size: Int) -> Bool {
    guard size >= Self.headerSize else { return false }
    var header = [UInt8](repeating: 0, count: Self.headerSize)
    guard pread(file, &header, header.count, 0) == header.count else { return false }
    return header.starts(with: Self.magic)
      && header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) } == UInt64(payloadSize)
  }

  private func writeAll(_ file: Int32, _ bytes: [UInt8], at offset: Int) throws {
    var written = 0
    try bytes.withUnsafeBytes { raw in
      while written < raw.count {
        let count = pwrite(file, raw.baseAddress.map { $0 + written }, raw.count - written, off_t(offset + written))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Failure(code: errno) }
        written += count
      }
    }
  }
}

/// The records that a store held when it was opened.
struct RecordSnapshot: Sendable {
  private let map: MappedFile?
  private let offsets: [SHA256Digest: Int]

  init(map: MappedFile?, offsets: [SHA256Digest: Int]) {
    self.map = map
    self.offsets = offsets
  }

  var count: Int { offsets.count }

  func contains(_ key: SHA256Digest) -> Bool { offsets[key] != nil }

  /// Copies a record's payload, if there is one.
  /// - Returns: false when the key is not known.
  func copy(_ key: SHA256Digest, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    guard let at = offsets[key], let map else { return false }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: map.bytes[at..<at + buffer.count]))
    map.release(at..<at + buffer.count)
    return true
  }
}

/// A file mapped for reading.
final class MappedFile: @unchecked Sendable {
  // Immutable after `init`.
  let bytes: UnsafeRawBufferPointer

  init?(path: String) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size > 0 else { return nil }
    let size = Int(status.st_size)
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), base != MAP_FAILED else { return nil }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Gives back the process's hold on a part of the file, when it is large; reading it again brings it back. So a cache of
  /// many gigabytes takes no more memory than what is looked at.
  func release(_ range: Range<Int>) {
    guard range.count >= 64 << 10, let base = bytes.baseAddress else { return }
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard end > start else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, Int32(MADV_DONTNEED))
  }
}

/// A 64-bit checksum over 8-byte words (multiply and rotate), fast enough to check a whole cache at start-up. It guards
/// against damage, not against malice.
enum Checksum {
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
    var at = 0
    while at + 8 <= bytes.count {
      hash = (hash ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 29
      at += 8
    }
    while at < bytes.count {
      hash = (hash ^ UInt64(bytes[at])) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 29
      at += 1
    }
    return hash
  }
}
