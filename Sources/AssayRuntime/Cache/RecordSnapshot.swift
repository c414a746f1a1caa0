import AssayBase

/// The records that a store held when it was looked at.
///
/// Payloads are read when they are asked for, not mapped: they belong to the system's page cache and never to this process, and
/// a file that somebody else shortens is a record that cannot be read instead of a signal.
struct RecordSnapshot: Sendable {
  private let file: CacheFile?
  private let offsets: [SHA256Digest: Int]
  /// Where the last whole record ends.
  private let end: Int

  /// Of no file.
  init() {
    file = nil
    offsets = [:]
    end = 0
  }

  /// - Parameters:
  ///   - file: one with a store's header.
  ///   - previous: of the same store; what it has checked is not read again.
  init(_ file: CacheFile, recordSize: Int, after previous: RecordSnapshot?) {
    self.file = file
    var offsets: [SHA256Digest: Int] = [:]
    var at = RecordStore.headerSize
    if let previous, previous.file === file {
      offsets = previous.offsets
      at = previous.end
    }
    // Small records many at a time, large ones one by one.
    let count = max(1, (1 << 20) / recordSize)
    let size = file.size
    withUnsafeTemporaryAllocation(byteCount: count * recordSize, alignment: 16) { buffer in
      while at + recordSize <= size {
        let wanted = min(count, (size - at) / recordSize) * recordSize
        let block = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        let read = PlainFile.read(file.descriptor, at: at, into: block) / recordSize
        guard read > 0 else { break }
        for index in 0..<read {
          let record = UnsafeRawBufferPointer(rebasing: block[index * recordSize..<(index + 1) * recordSize])
          let stored = record.loadUnaligned(fromByteOffset: recordSize - 8, as: UInt64.self)
          guard Checksum.of(UnsafeRawBufferPointer(rebasing: record[..<(recordSize - 8)])) == stored else { continue }
          offsets[SHA256Digest(record)] = at + index * recordSize + 32
        }
        at += read * recordSize
      }
    }
    self.offsets = offsets
    end = at
  }

  var count: Int { offsets.count }

  func contains(_ key: SHA256Digest) -> Bool { offsets[key] != nil }

  /// Copies a record's payload, if there is one.
  /// - Returns: false when the key is not known, or the record can no longer be read.
  func copy(_ key: SHA256Digest, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    guard let at = offsets[key], let file else { return false }
    return PlainFile.read(file.descriptor, at: at, into: buffer) == buffer.count
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
