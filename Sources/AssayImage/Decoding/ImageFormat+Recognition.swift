extension ImageFormat {
  /// The format that a whole file's first bytes announce; nil when it is none that is read.
  package init?(announcedBy bytes: [UInt8]) {
    guard let format = Self.recognised(in: bytes.prefix(32)) else { return nil }
    self = format
  }

  /// The format that a file's first bytes (16 are enough) announce.
  static func recognised(in head: ArraySlice<UInt8>) -> ImageFormat? {
    func starts(_ signature: [UInt8]) -> Bool { head.starts(with: signature) }
    if starts([0xFF, 0xD8, 0xFF]) { return .jpeg }
    if starts(PNGDecoder.signature) { return .png }
    if tiffSignatures.contains(where: starts) { return .tiff }
    if starts(Array("RIFF".utf8)), head.dropFirst(8).starts(with: "WEBP".utf8) { return .webp }
    if starts(Array("BM".utf8)), head.count < 16 || BMPDecoder.headerSizes.contains(Int(head[head.startIndex + 14])) {
      return .bmp
    }
    let space: Set<UInt8> = [9, 10, 11, 12, 13, 32, 35]
    if head.count >= 3, head.first == UInt8(ascii: "P"), (0x31...0x36).contains(head[head.startIndex + 1]),
      space.contains(head[head.startIndex + 2])
    {
      return .pnm
    }
    return nil
  }

  /// A format whose signature these few bytes begin without completing it.
  static func begun(by head: ArraySlice<UInt8>) -> ImageFormat? {
    func begins(_ signature: [UInt8]) -> Bool { head.count < signature.count && signature.starts(with: head) }
    if begins(PNGDecoder.signature) { return .png }
    if begins([0xFF, 0xD8, 0xFF]) { return .jpeg }
    if tiffSignatures.contains(where: begins) { return .tiff }
    if head.count < 12, head.prefix(4).elementsEqual("RIFF".utf8.prefix(head.count)) { return .webp }
    return nil
  }

  private static let tiffSignatures: [[UInt8]] = [
    [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43],
  ]
}
