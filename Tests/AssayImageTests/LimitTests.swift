import AssayImage
import Foundation
import Testing

/// What a picture may cost is known, and bounded, before it is decoded.
@Suite struct LimitTests {
  private func refusal(_ bytes: [UInt8], _ options: DecodingOptions = .init()) -> ImageError? {
    #expect(throws: ImageError.self) { try ImageFile.decode(bytes, name: "part", options: options) }
  }

  /// 40 million pixels are fewer than the limit of pixels, and their file has 117 KB.
  @Test(arguments: MadeFile.ofAnySide.map(\.name), [(40_000_000, 1), (1, 40_000_000), (65_536, 1), (1, 65_536)])
  func noSideIsLongerThanTheLimit(_ format: String, _ size: (Int, Int)) throws {
    let make = try #require(MadeFile.ofAnySide.first { $0.name == format }).make
    let bytes = make(size.0, size.1)
    let error = try #require(refusal(bytes))
    #expect(error.reason == .tooLarge)
    #expect(error.cause.contains("\(size.0) x \(size.1) pixels, and no side may have more than 65535"), "\(error)")
    #expect(throws: error) { try ImageFile.header(of: bytes, name: "part") }
  }

  /// Pixels that come without a file have a file's limits.
  @Test func pixelsWithoutAFileAreBounded() throws {
    try ImageHeader.check(width: 65_535, height: 2, maximumPixels: 131_070, name: "camera")
    for (width, height) in [(65_536, 1), (1, 65_536), (65_535, 3)] {
      let error = try #require(throws: ImageError.self) {
        try ImageHeader.check(width: width, height: height, maximumPixels: 131_070, name: "camera")
      }
      #expect(error.file == "camera" && error.reason == .tooLarge)
      #expect(error.cause.contains("\(width) x \(height) pixels"))
    }
  }

  @Test(arguments: MadeFile.ofAnySide.map(\.name), [(65_535, 1), (1, 65_535)])
  func theLongestSideIsRead(_ format: String, _ size: (Int, Int)) throws {
    let make = try #require(MadeFile.ofAnySide.first { $0.name == format }).make
    let header = try ImageFile.header(of: make(size.0, size.1), name: "part")
    #expect((header.width, header.height) == size)
  }

  /// What the header promises is what the samples take.
  @Test(arguments: Fixture.formats) func theHeaderTellsTheBytesOfTheSamples(_ format: Fixture.Format) throws {
    let header = try ImageFile.header(path: Fixture.path(format.file))
    let image = try ImageFile.read(path: Fixture.path(format.file))
    let bytes = image.samples.count * (image.bitsPerSample / 8)
    #expect(header.decodedBytes == bytes)
    #expect(header.peakBytes >= bytes)
  }

  /// libjpeg keeps 16 bits for each coefficient between the scans of a progressive picture; a turned picture is there twice.
  @Test func thePeakCountsWhatTheCodecKeeps() throws {
    let gray = try ImageFile.header(path: Fixture.path("gray.jpg"))
    #expect(gray.codecBytes == 0 && gray.peakBytes == gray.decodedBytes)
    let progressive = try ImageFile.header(path: Fixture.path("rgb444-progressive.jpg"))
    #expect(progressive.codecBytes >= 2 * progressive.decodedBytes)
    let turned = try ImageFile.header(path: Fixture.path("exif6.png"))
    #expect(turned.peakBytes == 2 * turned.decodedBytes)
    // A strip of 16 rows of 3 samples of 2 bytes.
    let tiff = MadeFile.tiff(width: 100, height: 64, bits: 16, samples: 3, rowsPerStrip: 16, blocks: [[], [], [], []])
    #expect(try ImageFile.header(of: tiff, name: "part").codecBytes == 100 * 16 * 6)
  }
}
