/// The one EXIF field that changes pixels: the orientation (EXIF 2.32, tag 0x0112).
///
/// EXIF is a TIFF directory inside another file, often damaged by tools that move it. Nothing here fails: what cannot be
/// understood means "upright". Only the first directory's entries are looked at, so the work is bounded.
enum EXIF {
  /// The longest block that is looked at, in bytes: what one JPEG segment can hold.
  static let longest = 65_536

  /// The orientation 1...8 that a TIFF-structured EXIF block states; 1 when it states none.
  static func orientation(_ block: [UInt8]) -> Int {
    let little = block.starts(with: [0x49, 0x49])
    guard little || block.starts(with: [0x4D, 0x4D]) else { return 1 }
    func short(_ at: Int) -> Int? { little ? block.littleEndian16(at) : block.bigEndian16(at) }
    func long(_ at: Int) -> Int? { little ? block.littleEndian32(at) : block.bigEndian32(at) }
    guard short(2) == 42, let directory = long(4), let entries = short(directory) else { return 1 }
    for entry in 0..<entries {
      let at = directory + 2 + 12 * entry
      guard let tag = short(at) else { return 1 }
      guard tag == 0x0112 else { continue }
      let shortType = 3
      guard short(at + 2) == shortType, let value = short(at + 8), (1...8).contains(value) else { return 1 }
      return value
    }
    return 1
  }
}
