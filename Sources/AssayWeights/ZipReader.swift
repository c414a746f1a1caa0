/// Finds the stored entries of a zip archive (APPNOTE 6.3), including zip64, as PyTorch writes them.
///
/// Nothing is unpacked: entries are ranges of the file, so that no archive can claim more than it holds. Names that lead
/// out of a folder, entries that share bytes and checksums that do not fit are refused.
package struct ZipReader {
  package struct Entry {
    package let range: Range<Int>
    package let method: Int
    package let isEncrypted: Bool
    package let checksum: UInt32
  }

  package private(set) var entries: [String: Entry] = [:]
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) throws(PickleError) {
    self.bytes = bytes
    let directory = try Directory(bytes)
    var at = directory.start
    var occupied: [(range: Range<Int>, name: String)] = []
    for _ in 0..<directory.count {
      let header = try Header(bytes, at: at, end: directory.end)
      let name = header.name
      try Self.check(name)
      guard header.localOffset < directory.start, Self.u32(bytes, header.localOffset) == 0x0403_4B50 else {
        throw Self.refused("\(name.readable()) lies at \(header.localOffset), where no entry begins")
      }
      let nameLength = Self.u16(bytes, header.localOffset + 26)
      let start = header.localOffset + 30 + nameLength + Self.u16(bytes, header.localOffset + 28)
      guard start <= directory.start, header.packed <= directory.start - start else {
        throw Self.refused(
          "\(name.readable()) claims \(header.packed) bytes, more than the file has (\(bytes.count))")
      }
      let own = bytes[header.localOffset + 30..<header.localOffset + 30 + nameLength]
      guard own.elementsEqual(name.utf8) else {
        throw Self.refused("\(name.readable()) has another name where it is stored")
      }
      guard header.method != 0 || header.size == header.packed else {
        throw Self.refused("\(name.readable()) claims \(header.size) bytes and has \(header.packed)")
      }
      let entry = Entry(
        range: start..<start + header.packed, method: header.method, isEncrypted: header.isEncrypted,
        checksum: header.checksum)
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw Self.refused("\(name.readable()) is there twice")
      }
      occupied.append((header.localOffset..<entry.range.upperBound, name))
      at = header.end
    }
    var end = 0
    for (range, name) in occupied.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard range.lowerBound >= end else { throw Self.refused("\(name.readable()) overlaps another entry") }
      end = range.upperBound
    }
  }

  /// Where an entry's bytes are, their checksum verified.
  package func range(of name: String) throws(PickleError) -> Range<Int> {
    guard let entry = entries[name] else {
      throw PickleError("the archive has no \(name.readable())", remedy: "download it again")
    }
    guard entry.method == 0, !entry.isEncrypted else {
      throw PickleError(
        "\(name.readable()) is \(entry.isEncrypted ? "encrypted" : "compressed") inside the archive",
        remedy: "save it with torch.save, which stores it plainly")
    }
    guard CRC32.of(bytes, entry.range) == entry.checksum else {
      throw PickleError("the checksum of \(name.readable()) is wrong", remedy: "download it again")
    }
    return entry.range
  }

  private static func check(_ name: String) throws(PickleError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !name.contains("\\"), !name.contains("\0") else {
      throw refused("an entry is called \(name.readable()), which leads out of the archive")
    }
  }

  private static func refused(_ cause: String) -> PickleError {
    PickleError("its zip archive is wrong: \(cause)", remedy: "download it again, or do not use this file")
  }

  private static func u16(_ bytes: [UInt8], _ at: Int) -> Int {
    at >= 0 && at <= bytes.count - 2 ? Int(bytes[at]) | Int(bytes[at + 1]) << 8 : 0
  }

  private static func u32(_ bytes: [UInt8], _ at: Int) -> Int { u16(bytes, at) | u16(bytes, at + 2) << 16 }

  /// Beyond `Int` it is `Int.max`, which no file reaches.
  private static func u64(_ bytes: [UInt8], _ at: Int) -> Int {
    u32(bytes, at + 4) >> 31 == 1 ? .max : u32(bytes, at) | u32(bytes, at + 4) << 32
  }

  /// Where the central directory is.
  private struct Directory {
    let start: Int
    let end: Int
    let count: Int

    init(_ bytes: [UInt8]) throws(PickleError) {
      // The end record is the last thing in the file, before a comment of at most 65,535 bytes.
      let lowest = max(0, bytes.count - 22 - 65_535)
      guard bytes.count >= 22,
        let end = stride(from: bytes.count - 22, through: lowest, by: -1).first(where: { u32(bytes, $0) == 0x0605_4B50 }
        )
      else { throw refused("its directory is missing") }
      var count = u16(bytes, end + 10)
      var size = u32(bytes, end + 12)
      var start = u32(bytes, end + 16)
      var limit = end
      if u32(bytes, end - 20) == 0x0706_4B50 {
        let end64 = u64(bytes, end - 12)
        guard end64 < end, u32(bytes, end64) == 0x0606_4B50 else { throw refused("its zip64 record is missing") }
        count = u64(bytes, end64 + 32)
        size = u64(bytes, end64 + 40)
        start = u64(bytes, end64 + 48)
        limit = end64
      }
      guard start <= limit, size <= limit - start else { throw refused("its directory lies beyond the file") }
      guard count <= size / 46 else { throw refused("it claims \(count) entries in a directory of \(size) bytes") }
      self.start = start
      self.end = start + size
      self.count = count
    }
  }

  /// An entry of the central directory.
  private struct Header {
    let name: String
    let method: Int
    let isEncrypted: Bool
    let checksum: UInt32
    let packed: Int
    let size: Int
    let localOffset: Int
    let end: Int

    init(_ bytes: [UInt8], at: Int, end limit: Int) throws(PickleError) {
      guard at <= limit - 46, u32(bytes, at) == 0x0201_4B50 else { throw refused("its directory is cut off") }
      let (nameLength, extraLength) = (u16(bytes, at + 28), u16(bytes, at + 30))
      guard nameLength + extraLength <= limit - at - 46 else { throw refused("its directory is cut off") }
      name = String(decoding: bytes[at + 46..<at + 46 + nameLength], as: UTF8.self)
      method = u16(bytes, at + 10)
      isEncrypted = bytes[at + 8] & 1 == 1
      checksum = UInt32(truncatingIfNeeded: u32(bytes, at + 16))
      // Uncompressed and compressed size and place; the zip64 extra field holds, in this order, those that did not fit.
      var fields = [u32(bytes, at + 24), u32(bytes, at + 20), u32(bytes, at + 42)]
      var extra = at + 46 + nameLength
      let extraEnd = extra + extraLength
      while extra + 4 <= extraEnd {
        let next = extra + 4 + u16(bytes, extra + 2)
        if u16(bytes, extra) == 1 {
          var field = extra + 4
          for index in fields.indices where fields[index] == 0xFFFF_FFFF {
            guard field + 8 <= min(next, extraEnd) else { throw refused("a zip64 field is cut off") }
            fields[index] = u64(bytes, field)
            field += 8
          }
        }
        extra = next
      }
      (size, packed, localOffset) = (fields[0], fields[1], fields[2])
      end = extraEnd + u16(bytes, at + 32)
    }
  }
}
