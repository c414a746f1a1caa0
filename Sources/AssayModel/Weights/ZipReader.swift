/// Finds the stored entries of a zip archive (APPNOTE 6.3), including zip64, as PyTorch writes them.
struct ZipReader {
  struct Entry {
    let range: Range<Int>
    let isStored: Bool
  }

  private(set) var entries: [String: Entry] = [:]

  init(_ bytes: [UInt8]) throws(PickleError) {
    func u16(_ at: Int) -> Int { at >= 0 && at + 2 <= bytes.count ? Int(bytes[at]) | Int(bytes[at + 1]) << 8 : 0 }
    func u32(_ at: Int) -> Int { u16(at) | u16(at + 2) << 16 }
    func u64(_ at: Int) -> Int { u32(at) | (u32(at + 4) & 0x7FFF_FFFF) << 32 }
    // The end record is the last thing in the file, before a comment of at most 65,535 bytes.
    let lowest = max(0, bytes.count - 22 - 65_535)
    guard bytes.count >= 22,
      let end = stride(from: bytes.count - 22, through: lowest, by: -1).first(where: { u32($0) == 0x0605_4B50 })
    else { throw .truncated(bytes.count) }
    var count = u16(end + 10)
    var at = u32(end + 16)
    if u32(end - 20) == 0x0706_4B50 {
      let end64 = u64(end - 12)
      guard end64 < bytes.count, u32(end64) == 0x0606_4B50 else { throw .truncated(bytes.count) }
      count = u64(end64 + 32)
      at = u64(end64 + 48)
    }
    for _ in 0..<min(count, bytes.count / 46) {
      guard at + 46 <= bytes.count, u32(at) == 0x0201_4B50 else { throw .truncated(bytes.count) }
      let (nameLength, extraLength) = (u16(at + 28), u16(at + 30))
      var (packed, size, local) = (u32(at + 20), u32(at + 24), u32(at + 42))
      guard at + 46 + nameLength + extraLength <= bytes.count else { throw .truncated(bytes.count) }
      let name = String(decoding: bytes[at + 46..<at + 46 + nameLength], as: UTF8.self)
      // The zip64 extra field holds, in this order, only the values that did not fit.
      var extra = at + 46 + nameLength
      let extraEnd = extra + extraLength
      while extra + 4 <= extraEnd {
        if u16(extra) == 1 {
          var field = extra + 4
          for index in 0..<3 {
            let needed = [size, packed, local][index] == 0xFFFF_FFFF
            guard needed else { continue }
            switch index {
            case 0: size = u64(field)
            case 1: packed = u64(field)
            default: local = u64(field)
            }
            field += 8
          }
        }
        extra += 4 + u16(extra + 2)
      }
      guard local < bytes.count, u32(local) == 0x0403_4B50 else { throw .truncated(bytes.count) }
      let start = local + 30 + u16(local + 26) + u16(local + 28)
      guard start <= bytes.count, size <= bytes.count - start, packed <= bytes.count - start else {
        throw .truncated(bytes.count)
      }
      entries[name] = Entry(range: start..<start + size, isStored: u16(at + 10) == 0)
      at = extraEnd + u16(at + 32)
    }
  }

  func range(of name: String) throws(PickleError) -> Range<Int> {
    guard let entry = entries[name] else {
      throw PickleError("the archive has no \(name)", remedy: "download it again")
    }
    guard entry.isStored else {
      throw PickleError(
        "\(name) is compressed inside the archive", remedy: "save it with torch.save, which stores it plainly")
    }
    return entry.range
  }
}
