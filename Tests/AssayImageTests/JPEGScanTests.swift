import AssayImage
import Testing

/// A progressive JPEG goes through all its blocks once a scan, whatever a scan holds.
@Suite struct JPEGScanTests {
  private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
    [0xFF, marker] + MadeFile.big(content.count + 2, 2) + content
  }

  /// A gray picture whose blocks are all zero: the mean in the first scan, then one coefficient a scan (T.81, annex G).
  /// - Parameter between: put in front of each scan.
  private static func progressive(side: Int, scans: Int, between: [UInt8] = []) -> [UInt8] {
    let oneCode: [UInt8] = [1] + [UInt8](repeating: 0, count: 15)
    var bytes: [UInt8] = [0xFF, 0xD8]
    bytes += segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
    bytes += segment(0xC2, [8] + MadeFile.big(side, 2) + MadeFile.big(side, 2) + [1, 1, 0x11, 0])
    // One code of one bit each: "no difference", and "end of block".
    bytes += segment(0xC4, [0x00] + oneCode + [0]) + segment(0xC4, [0x10] + oneCode + [0])
    for scan in 0..<scans {
      let coefficient = UInt8(scan % 64)
      bytes += between + segment(0xDA, [1, 1, 0, coefficient, coefficient, 0]) + [0x7F]
    }
    return bytes + [0xFF, 0xD9]
  }

  private func refusal(_ bytes: [UInt8]) -> ImageError? {
    #expect(throws: ImageError.self) { try ImageFile.decode(bytes, name: "part.jpg") }
  }

  /// 16 million pixels in 500 scans: 8 thousand million pixels' work from 6 KB.
  @Test func manyScansOfManyPixelsAreRefusedUndecoded() throws {
    let error = try #require(refusal(Self.progressive(side: 4_000, scans: 500)))
    #expect(error.reason == .tooLarge)
    #expect(
      error.cause == "JPEG goes 500 times through its 4000 x 4000 pixels (scans), and at most 100 times are allowed")
    #expect(error.remedy.contains("baseline"))
  }

  /// libjpeg's own progression has 10 scans; the largest picture that is read has 100 million pixels.
  @Test func photographsOfTheLargestSizeMayBeProgressive() {
    #expect(JPEGScans.allowed(pixels: DecodingOptions().maximumPixels) >= 10)
    #expect(JPEGScans.allowed(pixels: 6_300 * 6_300) < 500)
  }

  /// Zero blocks are medium gray.
  @Test func manyScansOfFewPixelsAreRead() throws {
    let image = try ImageFile.decode(Self.progressive(side: 8, scans: 64), name: "part.jpg")
    #expect(image.uint8 == [UInt8](repeating: 128, count: 64))
  }

  /// Markers inside a comment belong to it; bytes between scans that are no marker hide none.
  @Test func scansAreCountedAsTheDecoderMeetsThem() throws {
    let quoted = Self.segment(0xFE, [UInt8]([[UInt8]](repeating: [0xFF, 0xDA, 0, 8], count: 5_000).joined()))
    _ = try ImageFile.decode(Self.progressive(side: 8, scans: 3, between: quoted), name: "part.jpg")
    for hidden in [[0xFF, 0xFF], [0x00, 0xFF, 0x00], [0xFF, 0xD3], [0xFF, 0x01]] as [[UInt8]] {
      let error = try #require(refusal(Self.progressive(side: 4_000, scans: 101, between: hidden)))
      #expect(error.cause.contains("101 times"), "\(hidden): \(error)")
    }
  }

  /// A sequential picture has each of its components in one scan.
  @Test func aComponentDoesNotComeTwice() throws {
    var bytes: [UInt8] = [0xFF, 0xD8]
    bytes += Self.segment(0xC0, [8, 16, 0, 16, 0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
    for scan in 0..<4 { bytes += Self.segment(0xDA, [1, UInt8(scan % 3 + 1), 0, 0, 63, 0]) + [0] }
    let error = try #require(refusal(bytes + [0xFF, 0xD9]))
    #expect(error.reason == .tooLarge && error.cause.contains("4 times") && error.cause.contains("at most 3"))
  }
}
