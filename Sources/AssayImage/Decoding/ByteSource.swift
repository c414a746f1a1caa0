import Glibc

/// Bytes of a file or of memory, read at any place: header readers skip through large files instead of loading them.
struct ByteSource {
  let size: Int
  /// The first bytes: everything for a source in memory and for a small file.
  let head: [UInt8]
  /// The open file, when there is more than `head`.
  let descriptor: Int32?

  static let headSize = 65_536

  init(_ bytes: [UInt8]) {
    size = bytes.count
    head = bytes
    descriptor = nil
  }

  init(descriptor: Int32, size: Int, head: [UInt8]) {
    self.size = size
    self.head = head
    self.descriptor = head.count < size ? descriptor : nil
  }

  /// `count` bytes from `offset`, fewer where the source ends.
  func bytes(at offset: Int, count: Int) -> [UInt8] {
    guard offset >= 0, offset < size, count > 0 else { return [] }
    let end = min(size, offset + min(count, size))
    if end <= head.count { return Array(head[offset..<end]) }
    guard let descriptor else { return [] }
    return ByteSource.read(descriptor, at: offset, count: end - offset)
  }

  /// Everything, in one array.
  func all() -> [UInt8] {
    guard let descriptor else { return head }
    return ByteSource.read(descriptor, at: 0, count: size)
  }

  /// Up to `count` bytes of an open file; fewer at its end or after a read error.
  static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count, let base = buffer.baseAddress {
        let got = pread(descriptor, base + initialized, count - initialized, off_t(offset + initialized))
        if got < 0 && errno == EINTR { continue }
        if got <= 0 { break }
        initialized += got
      }
    }
  }
}

/// Integers at a place of a byte array, nil beyond its end.
extension Array where Element == UInt8 {
  func bigEndian16(_ at: Int) -> Int? {
    at >= 0 && at + 2 <= count ? Int(self[at]) << 8 | Int(self[at + 1]) : nil
  }

  func bigEndian32(_ at: Int) -> Int? {
    guard let high = bigEndian16(at), let low = bigEndian16(at + 2) else { return nil }
    return high << 16 | low
  }

  func littleEndian16(_ at: Int) -> Int? {
    at >= 0 && at + 2 <= count ? Int(self[at + 1]) << 8 | Int(self[at]) : nil
  }

  func littleEndian32(_ at: Int) -> Int? {
    guard let low = littleEndian16(at), let high = littleEndian16(at + 2) else { return nil }
    return high << 16 | low
  }
}
