import AssayImage
import Foundation
import Testing

@Suite struct FormatTests {
  @Test(arguments: Fixture.formats) func everyVariantHasThePixelsOfPillow(_ format: Fixture.Format) throws {
    let image = try ImageFile.read(path: Fixture.path(format.file))
    let expected = format.image
    #expect(image.samples == expected.samples && image.channels == expected.channels)
    #expect(image.width == expected.width && image.height == expected.height)
    #expect(try ImageFile.decode(Fixture.bytes(format.file), name: format.file) == image)
  }

  @Test(arguments: Fixture.formats) func theHeaderAnnouncesWhatDecodingGives(_ format: Fixture.Format) throws {
    let header = try ImageFile.header(path: Fixture.path(format.file))
    #expect(header.width == format.width && header.height == format.height)
    #expect(header.channels == format.channels)
    #expect(header.decodedBits == format.bits)
    #expect(header.format.extensions.contains(String(format.file.split(separator: ".").last!)))
    #expect(!header.extensionMismatch)
    #expect(try ImageFile.header(of: Fixture.bytes(format.file), name: format.file) == header)
  }

  @Test func storedBitsAndOrientationAreInTheHeader() throws {
    #expect(try ImageFile.header(path: Fixture.path("gray2.png")).bitsPerSample == 2)
    #expect(try ImageFile.header(path: Fixture.path("gray12.tif")).bitsPerSample == 12)
    for orientation in 1...8 {
      #expect(try ImageFile.header(path: Fixture.path("exif\(orientation).jpg")).orientation == orientation)
    }
  }

  /// Pixel (0, 0) of the stored image is at the corner that the EXIF standard names for each orientation.
  @Test func exifOrientationsPutTheFirstStoredPixelInItsCorner() throws {
    // Row 0 and column 0 as seen: top left, top right, bottom right, bottom left, left top, right top, right bottom,
    // left bottom. The stored picture brightens from column to column, so its darkest edge is column 0.
    let edges = ["left", "right", "right", "left", "top", "top", "bottom", "bottom"]
    for (index, edge) in edges.enumerated() {
      let image = try ImageFile.read(path: Fixture.path("exif\(index + 1).jpg"))
      let values = try #require(image.uint8)
      let (w, h) = (image.width, image.height)
      #expect((w, h) == (index < 4 ? (13, 7) : (7, 13)))
      let corners = [
        "left": values[w * (h / 2)], "right": values[w * (h / 2) + w - 1], "top": values[w / 2],
        "bottom": values[(h - 1) * w + w / 2],
      ]
      #expect(corners.min { $0.value < $1.value }?.key == edge, "orientation \(index + 1)")
    }
  }

  @Test func contentWinsOverTheName() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/photo.JPG"
      try Data(Fixture.bytes("gray16.png")).write(to: URL(fileURLWithPath: path))
      let header = try ImageFile.header(path: path)
      #expect(header.format == .png && header.extensionMismatch)
      #expect(try ImageFile.read(path: path) == ImageFile.read(path: Fixture.path("gray16.png")))
    }
    #expect(try !ImageFile.header(of: Fixture.bytes("gray16.png"), name: "download").extensionMismatch)
  }

  @Test func scaledDecodingLeavesTwiceWhatIsNeeded() throws {
    let path = Fixture.path("large.jpg")
    let full = try ImageFile.read(path: path)
    #expect((full.width, full.height) == (203, 150))
    for (wanted, reduction) in [(76, 1), (75, 1), (37, 2), (18, 4), (9, 8), (1, 8)] {
      let image = try ImageFile.read(path: path, options: DecodingOptions(reduceTo: (wanted, wanted)))
      #expect(image.width == (203 + reduction - 1) / reduction, "\(wanted)")
      #expect(image.height == (150 + reduction - 1) / reduction)
      #expect((image.fullWidth, image.fullHeight) == (203, 150))
      // The picture is a ramp: its reduced form has nearly the same values at the same places. At 1/8 its 26 columns
      // stand for 208 pixels instead of 203, which moves the right end by 5 / 255.
      let small = Resampler().resize(image, width: 9, height: 9, filter: .bilinear)
      let large = Resampler().resize(full, width: 9, height: 9, filter: .bilinear)
      #expect(zip(small, large).allSatisfy { abs($0 - $1) < 0.03 })
    }
  }

  @Test func extensionsCoverEveryFormat() {
    #expect(
      ImageFile.extensions == [
        "jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "bmp", "dib", "webp", "pbm", "pgm", "ppm", "pnm",
      ])
  }

  /// 1 is black. A row of the binary form ends with its byte; the text form needs no white space between digits.
  @Test func bitmaps() throws {
    let wanted: [UInt8] =
      [0, 255, 0, 255, 255, 255, 255, 255, 255, 0] + [255, 255, 255, 255, 255, 255, 255, 255, 0, 0]
    for bytes in [
      Array("P4\n# ten by two\n10 2\n".utf8) + [0b1010_0000, 0b0111_1111, 0b0000_0000, 0b1100_0000],
      Array("P1\n10 2\n1010000001\n0000000011\n".utf8),
      Array("P1 10 2\n1 0 1 0 0 0 0 0 0 1 # first\n00000 00 0 1 1".utf8),
    ] {
      let image = try ImageFile.decode(bytes, name: "a.pbm")
      #expect(image.channels == 1 && image.samples == .uint8(wanted))
      let header = try ImageFile.header(of: bytes, name: "a.pbm")
      #expect(header.bitsPerSample == 1 && !header.extensionMismatch)
      for length in 3..<bytes.count - 1 {
        #expect(throws: ImageError.self) { try ImageFile.decode(Array(bytes.prefix(length)), name: "a.pbm") }
      }
    }
    #expect(throws: ImageError.self) { try ImageFile.decode(Array("P1 2 1\n12".utf8), name: "a.pbm") }
  }

  @Test func contentIsKnownWithoutDecoding() throws {
    try withTemporaryFolder { folder in
      for (bytes, content) in [
        (Array("P5 1 1 255\n0".utf8), ImageFile.Content.image(.pnm)), (Array("GIF89a".utf8), .foreign("a GIF image")),
        (Array("\0\0\0\u{18}ftypheic".utf8), .foreign("an HEIF or AVIF image")), (Array("hello".utf8), .other),
        ([], .other),
      ] {
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/a"))
        #expect(try ImageFile.content(path: folder + "/a") == content)
      }
      #expect(throws: ImageError.self) { try ImageFile.content(path: folder + "/none") }
    }
  }

  @Test func filesLargerThanTheFirstReadAreWhole() throws {
    // 300 x 300 RGB of noise: neither PNG nor PPM fits the first 64 kB.
    var random = SplitMix64(state: 3)
    let pixels = (0..<270_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let wanted = Image(width: 300, height: 300, channels: 3, samples: .uint8(pixels))
    try withTemporaryFolder { folder in
      let files = [
        "a.png": try ImageEncoder.png(width: 300, height: 300, channels: 3, pixels: pixels),
        "a.ppm": Array("P6 300 300 255\n".utf8) + pixels,
      ]
      for (name, bytes) in files {
        #expect(bytes.count > 100_000)
        let url = URL(fileURLWithPath: folder + "/" + name)
        try Data(bytes).write(to: url)
        #expect(try ImageFile.read(path: url.path) == wanted)
        try Data(bytes.dropLast(1000)).write(to: url)
        #expect(try ImageFile.header(path: url.path).width == 300)
        #expect { try ImageFile.read(path: url.path) } throws: { ($0 as? ImageError)?.reason == .truncated }
      }
    }
  }

  /// Uncompressed, one strip behind a directory of eight entries, read in place by libtiff.
  @Test func largeTIFFIsReadInPlace() throws {
    func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
    let entries = [
      (256, 4, 300), (257, 4, 300), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 110), (278, 4, 300),
      (279, 4, 90_000),
    ]
    var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0] + little(entries.count, 2)
    for (tag, type, value) in entries { bytes += little(tag, 2) + little(type, 2) + little(1, 4) + little(value, 4) }
    bytes += [0, 0, 0, 0]
    #expect(bytes.count == 110)
    let pixels = (0..<90_000).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) }
    try withTemporaryFolder { folder in
      let url = URL(fileURLWithPath: folder + "/a.tif")
      try Data(bytes + pixels).write(to: url)
      #expect(
        try ImageFile.read(path: url.path) == Image(width: 300, height: 300, channels: 1, samples: .uint8(pixels)))
      try Data((bytes + pixels).dropLast(1)).write(to: url)
      #expect(try ImageFile.header(path: url.path).width == 300)
      #expect {
        try ImageFile.read(path: url.path)
      } throws: {
        ($0 as? ImageError)?.cause == "TIFF is truncated at byte 90109 of at least 90110"
      }
    }
  }

  /// Two colour profiles of 64 kB push the frame header beyond the first read.
  @Test func headersBehindLargeSegmentsAreFound() throws {
    let plain = Fixture.bytes("exif6.jpg")
    let segment: [UInt8] = [0xFF, 0xE2, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 65_533)
    let bytes = Array(plain.prefix(2)) + segment + segment + plain.dropFirst(2)
    try withTemporaryFolder { folder in
      let url = URL(fileURLWithPath: folder + "/a.jpg")
      try Data(bytes).write(to: url)
      let header = try ImageFile.header(path: url.path)
      #expect((header.width, header.height, header.orientation) == (7, 13, 6))
      #expect(try ImageFile.read(path: url.path) == ImageFile.read(path: Fixture.path("exif6.jpg")))
    }
  }
}
