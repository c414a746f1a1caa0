import AssayImage
import Foundation
import Testing

/// What the files say of their white.
@Suite struct DeclaredWhiteTests {
  private let values: [UInt16] = [0, 100, 1023, 512]

  private func decoded(_ bytes: [UInt8]) throws -> Image {
    let image = try ImageFile.decode(bytes, name: "part")
    #expect(try ImageFile.header(of: bytes, name: "part").depth == image.depth, "the header says the same")
    return image
  }

  @Test func tiffOf16Bits() throws {
    let plain = try decoded(DeepPicture.tiff(width: 2, values))
    #expect(plain.samples == .uint16(values) && plain.depth == SampleDepth())
    let declared = try decoded(DeepPicture.tiff(width: 2, values, largest: 1023))
    #expect(declared.samples == .uint16(values) && declared.depth.white == 1023)
    #expect(declared.largestStored == 1023)
    // No end of a range of bits: the largest sample of one picture, or a range that says nothing.
    for value in [700, 1020, 4080, 127, 65_535] {
      #expect(try decoded(DeepPicture.tiff(width: 2, values, largest: value)).depth.white == nil, "\(value)")
    }
  }

  /// Where 0 is white, black is at the declared level: 1023 - v.
  @Test func invertedTIFF() throws {
    let image = try decoded(DeepPicture.tiff(width: 2, values, largest: 1023, isInverted: true))
    #expect(image.samples == .uint16([1023, 923, 0, 511]))
  }

  @Test func pngNamesItsBits() throws {
    #expect(try decoded(DeepPicture.png(width: 2, values)).depth == SampleDepth())
    let named = try decoded(DeepPicture.png(width: 2, values, significantBits: 10))
    #expect(named.samples == .uint16(values))
    #expect(named.depth == SampleDepth(significantBits: 10) && named.depth.white == nil)
    #expect(try decoded(DeepPicture.png(width: 2, values, significantBits: 16)).depth == SampleDepth())
  }

  /// A PNM's largest value is white, and becomes 65535; the largest of all says nothing.
  @Test func pnm() throws {
    let image = try decoded(DeepPicture.pgm(width: 2, values, maxval: 1023))
    #expect(image.depth == SampleDepth(full: 1023) && image.depth.white == 1023 && image.largestStored == 1023)
    // 100 * 65535 / 1023 = 6406.16, 512 * 65535 / 1023 = 32799.53
    #expect(image.samples == .uint16([0, 6406, 65_535, 32_800]))
    #expect(try decoded(DeepPicture.pgm(width: 2, values, maxval: 65_535)).depth == SampleDepth())
  }
}

/// What becomes of the pixels.
@Suite struct WhiteLevelScalingTests {
  private func row(_ values: [UInt16], depth: SampleDepth = SampleDepth()) -> Image {
    Image(width: values.count, height: 1, channels: 1, samples: .uint16(values), depth: depth)
  }

  private func seen(_ image: Image, _ level: WhiteLevel?, width: Int? = nil) -> [Float] {
    let rule = Preprocessing(width: width ?? image.width, height: 1, whiteLevel: level)
    return Array(rule.apply(to: image).prefix(width ?? image.width))
  }

  private func isNear(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  @Test func aSampleIsDividedByTheLevelAndCutAtWhite() {
    let image = row([0, 256, 1023, 4095])
    #expect(isNear(seen(image, WhiteLevel(1023, .samples)), [0, 256.0 / 1023, 1, 1]))
    #expect(isNear(seen(image, WhiteLevel(4095, .samples)), [0, 256.0 / 4095, 1023.0 / 4095, 1]))
    #expect(isNear(seen(image, nil), [0, 256.0 / 65_535, 1023.0 / 65_535, 4095.0 / 65_535]), "as before levels")
  }

  /// Half of the picture is black, half beyond white: a half, not the white that 65535 / 2 would be.
  @Test func whatIsAboveWhiteIsWhiteBeforeItIsMixed() {
    #expect(isNear(seen(row([0, 65_535]), WhiteLevel(1023, .samples), width: 1), [0.5]))
  }

  /// Nothing of one image's level stays in the resampler for the next.
  @Test func oneResamplerForAllLevels() {
    let resampler = Resampler()
    let image = row([0, 512])
    for level in [1023, 4095, 1023] {
      var output = [Float](repeating: -1, count: 6)
      output.withUnsafeMutableBufferPointer {
        Preprocessing(width: 2, height: 1, whiteLevel: WhiteLevel(level, .given))
          .apply(to: image, into: $0, using: resampler)
      }
      #expect(abs(output[1] - 512 / Float(level)) < 1e-6)
    }
  }

  @Test func tilesAreScaledAlike() {
    let tiling = Tiling(size: 2, overlap: 0)
    let image = Image(width: 2, height: 2, channels: 1, samples: .uint16([0, 512, 1023, 2000]))
    var cut = [Float](repeating: -1, count: 12)
    let white = Preprocessing(width: 2, height: 2, whiteLevel: WhiteLevel(1023, .samples)).white(of: image)
    cut.withUnsafeMutableBufferPointer {
      tiling.cut(tiling.tiles(width: 2, height: 2)[0], of: image, white: white, into: $0)
    }
    #expect(isNear(Array(cut[8...]), [0, 512.0 / 1023, 1, 1]))
  }

  /// What a file declares goes before what was found, and what a person says before both.
  @Test func whoDecides() {
    let declared = row([1023, 4095], depth: SampleDepth(white: 1023))
    #expect(isNear(seen(declared, WhiteLevel(4095, .samples)), [1, 1]))
    #expect(isNear(seen(declared, WhiteLevel(4095, .given)), [1023.0 / 4095, 1]))
    #expect(isNear(seen(declared, nil), [1023.0 / 65_535, 4095.0 / 65_535]), "bundles of before did not ask")
    // 1023 of a PNM of 4095 is decoded as 16372.
    let portable = row([16_372, 65_535], depth: SampleDepth(full: 4095))
    #expect(isNear(seen(portable, WhiteLevel(65_535, .samples)), [16_372.0 / 65_535, 1]))
    #expect(abs(seen(portable, WhiteLevel(1023, .given))[0] - 1) < 1e-4)
  }

  /// 8 bits, 8 bits spread over 16, at the upper end of 12, and 10 bits at the lower end are one picture.
  @Test func formsOfOnePicture() {
    let bytes = (0..<256).map { UInt8(($0 * 7 + 13) % 256) }
    let eight = Image(width: 16, height: 16, channels: 1, samples: .uint8(bytes))
    let expected = Preprocessing(width: 9, height: 9).apply(to: eight)
    for (factor, white) in [(257, 65_535), (16, 4095), (4, 1023)] {
      let image = Image(width: 16, height: 16, channels: 1, samples: .uint16(bytes.map { UInt16($0) * UInt16(factor) }))
      let rule = Preprocessing(width: 9, height: 9, whiteLevel: WhiteLevel(white, .samples))
      let difference = zip(rule.apply(to: image), expected).map { abs($0 - $1) }.max() ?? 1
      // 255 * 4 = 1020 of 1023, 255 * 16 = 4080 of 4095.
      #expect(difference <= (factor == 257 ? 1e-6 : 0.004), "\(factor): \(difference)")
    }
  }

  @Test func notes() {
    let rule = Preprocessing(width: 2, height: 1, whiteLevel: WhiteLevel(1023, .samples))
    #expect(rule.note(on: row([0, 1023])) == nil)
    #expect(
      rule.note(on: row([0, 1024]))?.contains("samples up to 1,024 are above the bundle's white level of 1,023") == true
    )
    #expect(rule.note(on: row([0, 2000], depth: SampleDepth(white: 4095))) == nil, "its own level covers it")
    #expect(rule.note(on: row([0, 5000], depth: SampleDepth(white: 4095)))?.contains("that the file declares") == true)
    #expect(rule.note(on: Image(width: 1, height: 1, channels: 1, samples: .uint8([255]))) == nil)
    // A bundle that knows of no level sees this nearly black.
    let old = Preprocessing(width: 2, height: 1)
    #expect(old.note(on: row([0, 4000]))?.contains("nearly black") == true)
    #expect(old.note(on: row([0, 60_000])) == nil)
  }
}

/// One level for a whole set.
@Suite struct WhiteLevelChoiceTests {
  private func picture(_ largest: Int, _ depth: SampleDepth = SampleDepth(), name: String = "a")
    -> WhiteLevelChoice.Picture
  {
    .init(name: name, depth: depth, largest: largest)
  }

  @Test(arguments: [
    (0, 1023), (255, 1023), (1023, 1023), (1024, 4095), (4080, 4095), (4096, 16_383), (16_383, 16_383),
    (16_384, 65_535),
    (65_520, 65_535), (65_535, 65_535),
  ])
  func theSmallestUsualLevelThatCoversAll(largest: Int, level: Int) {
    // The last picture alone uses the range.
    let choice = WhiteLevelChoice([picture(0), picture(largest / 9), picture(largest, name: "last")])
    #expect(choice.level == WhiteLevel(level, .samples) && choice.largest == largest && choice.pictures == 3)
  }

  @Test func nothingToChoose() {
    #expect(WhiteLevelChoice([]).level == nil && WhiteLevelChoice([]).sentence == nil)
  }

  @Test func declaredLevels() {
    let ten = SampleDepth(white: 1023)
    let twelve = SampleDepth(full: 4095)
    #expect(WhiteLevelChoice([picture(90, ten), picture(80, ten)]).level == WhiteLevel(1023, .declared))
    #expect(WhiteLevelChoice([picture(90, ten), picture(4095, twelve)]).level == WhiteLevel(4095, .declared))
    // The dark pictures that declare nothing come from a camera of as many bits.
    #expect(WhiteLevelChoice([picture(90), picture(80, SampleDepth(white: 4095))]).level == WhiteLevel(4095, .samples))
    let wrong = WhiteLevelChoice([picture(90, ten), picture(3000, ten, name: "b.tif")])
    #expect(wrong.level == WhiteLevel(1023, .declared))
    #expect(
      wrong.notes.count == 1 && wrong.notes[0].contains("b.tif, up to 3,000")
        && wrong.notes[0].contains("--white-level"))
  }

  /// sBIT says how many bits count; where they are, the samples tell.
  @Test func bitsThatCount() {
    let twelve = SampleDepth(significantBits: 12)
    #expect(WhiteLevelChoice([picture(900, twelve), picture(100, twelve)]).level == WhiteLevel(4095, .declared))
    #expect(WhiteLevelChoice([picture(65_520, twelve), picture(900, twelve)]).level == WhiteLevel(65_535, .samples))
    #expect(WhiteLevelChoice([picture(900, twelve), picture(100)]).level == WhiteLevel(4095, .samples))
  }

  @Test func aPersonSays() {
    let choice = WhiteLevelChoice([picture(900), picture(7000, name: "b")], given: 2000)
    #expect(choice.level == WhiteLevel(2000, .given))
    #expect(
      choice.notes.count == 1 && choice.notes[0].hasPrefix("1 picture has samples above the given white level of 2,000")
    )
    #expect(
      WhiteLevelChoice([], given: 4095).level == WhiteLevel(4095, .given), "for pictures that are inspected later")
  }

  /// One faulty pixel in a hundred pictures would make all of them dark: that is said.
  @Test func aLevelThatFewPicturesNeed() {
    let many = (0..<99).map { _ in picture(1000) }
    let choice = WhiteLevelChoice(many + [picture(1500, name: "hot.tif")])
    #expect(choice.level == WhiteLevel(4095, .samples))
    #expect(choice.notes.count == 1 && choice.notes[0].contains("Only 1 of 100") && choice.notes[0].contains("hot.tif"))
    #expect(choice.notes[0].contains("--white-level 1023"))
    #expect(WhiteLevelChoice(many).notes.isEmpty)
  }

  @Test func words() {
    #expect(
      WhiteLevel(4095, .samples).name == "4,095 (12 bits)" && WhiteLevel(65_535, .declared).name == "65,535 (16 bits)")
    #expect(WhiteLevel(4000, .given).sentence == "white is 4,000, as given")
    #expect(
      WhiteLevel(1023, .samples).sentence
        == "white is 1,023 (10 bits), the smallest of 1,023, 4,095, 16,383, 65,535 that covers all pictures")
    #expect(WhiteLevel(1005, .given).sentence == "white is 1,005, as given")
  }
}

/// What a bundle keeps.
@Suite struct WhiteLevelCodingTests {
  private let old = #"{"filter":"bilinear","height":8,"padding":0.5,"policy":"stretch","width":8}"#

  private func text(_ rule: Preprocessing) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(rule), as: UTF8.self)
  }

  /// Bundles of before have no level, and the features of 8-bit pictures keep their place in the cache.
  @Test func withoutALevelNothingChanges() throws {
    let rule = try JSONDecoder().decode(Preprocessing.self, from: Data(old.utf8))
    #expect(rule == Preprocessing(width: 8, height: 8) && rule.whiteLevel == nil)
    #expect(try text(rule) == old)
  }

  @Test(arguments: WhiteLevel.Origin.allCases) func thereAndBack(origin: WhiteLevel.Origin) throws {
    let rule = Preprocessing(width: 8, height: 8, whiteLevel: WhiteLevel(4095, origin))
    let text = try text(rule)
    #expect(text.contains(#""whiteLevel":4095,"whiteLevelOrigin":"\#(origin.rawValue)""#))
    #expect(try JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8)) == rule)
  }

  @Test(arguments: ["0", "-1", "254", "65536", "1e9", "0.5", "\"4095\""]) func senselessLevels(value: String) {
    let text = old.replacing(#""width""#, with: #""whiteLevel":\#(value),"width""#)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8)) }
  }
}
