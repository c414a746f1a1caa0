import AssayBase
import AssayImage
import AssayPlant
import Testing

/// What becomes of a camera's bytes.
@Suite struct PictureTests {
  private func samples(_ format: PixelFormat, _ width: Int, _ height: Int, _ bytes: [UInt8]) throws -> Image.Samples {
    try CameraFrame(width: width, height: height, format: format, bytes: bytes).image.samples
  }

  /// Depth d to 16 bits: v * 65535 / (2^d - 1), which repeating the leading bits equals for the ends and within 1 between.
  @Test(arguments: [(PixelFormat.mono10, 10), (.mono12, 12), (.mono14, 14), (.mono16, 16)])
  func depths(format: PixelFormat, depth: Int) throws {
    let white = (1 << depth) - 1
    let values = [0, 1, white / 3, white / 2, white]
    let bytes = values.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    guard case .uint16(let found) = try samples(format, 5, 1, bytes) else {
      Issue.record("16 bits are expected")
      return
    }
    #expect(found.first == 0 && found.last == 65_535)
    for (value, sample) in zip(values, found) {
      #expect(abs(Double(sample) - Double(value) * 65_535 / Double(white)) <= 1)
    }
  }

  @Test func colours() throws {
    #expect(try samples(.rgb8, 2, 1, [1, 2, 3, 4, 5, 6]) == .uint8([1, 2, 3, 4, 5, 6]))
    #expect(try samples(.bgr8, 2, 1, [1, 2, 3, 4, 5, 6]) == .uint8([3, 2, 1, 6, 5, 4]))
    #expect(try samples(.mono8, 2, 1, [7, 9, 0, 0]) == .uint8([7, 9]), "a buffer may be longer than its picture")
    #expect(throws: WorkflowError.self) { try samples(.rgb8, 2, 1, [1, 2, 3]) }
    // A camera may say anything, also what no product of three numbers holds.
    for (width, height) in [(65_536, 1), (1, 65_536), (1 << 31, 1 << 31)] {
      let error = #expect(throws: WorkflowError.self) { try samples(.mono16, width, height, [0, 0]) }
      #expect(error.map { "\($0)".contains("65535") } == true)
    }
  }

  /// A scene of one colour has it everywhere, edges included. The name says the first two pixels of the first row.
  @Test(arguments: [
    (PixelFormat.bayerRG8, "RGGB"), (.bayerBG8, "BGGR"), (.bayerGR8, "GRBG"), (.bayerGB8, "GBRG"),
  ])
  func oneColour(format: PixelFormat, square: String) throws {
    let values: [Character: UInt8] = ["R": 200, "G": 100, "B": 50]
    let letters = Array(square)
    let mosaic = (0..<5).flatMap { y in (0..<6).map { x in values[letters[2 * (y % 2) + x % 2]] ?? 0 } }
    #expect(try samples(format, 6, 5, mosaic) == .uint8((0..<30).flatMap { _ in [200, 100, 50] as [UInt8] }))
  }

  /// Worked by hand: RGGB of 4 x 4, the pixel at (1, 1) is blue, the one at (2, 1) green in a blue row.
  @Test func bilinearInterpolation() throws {
    let mosaic: [UInt8] = [
      10, 20, 30, 40,
      50, 60, 70, 80,
      90, 100, 110, 120,
      130, 140, 150, 160,
    ]
    guard case .uint8(let found) = try samples(.bayerRG8, 4, 4, mosaic) else { return }
    // Red: (10 + 30 + 90 + 110) / 4; green: (20 + 50 + 70 + 100) / 4.
    #expect(found[15..<18] == [60, 60, 60])
    // Red above and below: (30 + 110) / 2; blue beside: (60 + 80) / 2.
    #expect(found[18..<21] == [70, 70, 70])
    // The corner at (0, 0) is red: green (20 + 50) / 2, blue 60.
    #expect(found[0..<3] == [10, 35, 60])
  }

  /// Cameras of 10, 12 and 14 bits: the file says how many, so that a station with any white level reads it aright.
  @Test(arguments: [(PixelFormat.mono10, 10), (.mono12, 12), (.mono14, 14)])
  func portableAnymapsSayTheirDepth(format: PixelFormat, depth: Int) throws {
    let white = 1 << depth - 1
    let values = (0..<60).map { $0 * white / 59 }
    let bytes = values.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let image = try CameraFrame(width: 10, height: 6, format: format, bytes: bytes).image
    let file = image.portableAnymap
    #expect(file.starts(with: Array("P5\n10 6\n\(white)\n".utf8)))
    #expect(
      file.suffix(120).elementsEqual(values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }), "as the camera has it")
    let read = try ImageFile.decode(file, name: "frame")
    #expect(read == image && read.depth.white == white)
    let rule = Preprocessing(width: 10, height: 6, whiteLevel: WhiteLevel(1023, .samples))
    for (found, value) in zip(rule.apply(to: read), values) {
      #expect(abs(Double(found) - Double(value) / Double(white)) < 1e-4)
    }
  }

  /// Sizes whose product no number holds are refused as those that the bytes do not fill.
  @Test(arguments: [(Int.max, 2), (1 << 40, 1 << 40), (13, 1), (0, 4), (-1, -12)])
  func sizesThatTheBytesDoNotFill(width: Int, height: Int) {
    for format in PixelFormat.allCases {
      #expect(throws: WorkflowError.self) {
        try CameraFrame(width: width, height: height, format: format, bytes: [UInt8](0..<12))
      }
    }
  }

  /// The decoder of files reads back what is handed to the station.
  @Test func portableAnymaps() throws {
    for (format, bytes) in [
      (PixelFormat.mono8, [UInt8](0..<12)), (.mono16, [UInt8](0..<24)), (.rgb8, [UInt8](0..<36)),
    ] {
      let image = try CameraFrame(width: 4, height: 3, format: format, bytes: bytes).image
      #expect(try ImageFile.decode(image.portableAnymap, name: "frame") == image)
    }
  }
}
