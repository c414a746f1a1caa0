import AssayImage
import Foundation
import Testing

@Suite struct DrawingTests {
  private let red = Colour(red: 255, green: 0, blue: 0)

  private func pixel(_ canvas: Canvas, _ x: Int, _ y: Int) -> [UInt8] {
    Array(canvas.pixels[3 * (y * canvas.width + x)..<3 * (y * canvas.width + x) + 3])
  }

  @Test(arguments: [1, 3, 4]) func pngRoundTrip(_ channels: Int) throws {
    var random = SplitMix64(state: 5)
    let pixels = (0..<19 * 11 * channels).map { _ in UInt8.random(in: 0...255, using: &random) }
    let bytes = try ImageEncoder.png(width: 19, height: 11, channels: channels, pixels: pixels)
    let image = try ImageFile.decode(bytes, name: "written.png")
    let kept = channels == 4 ? pixels.enumerated().filter { $0.offset % 4 < 3 }.map(\.element) : pixels
    #expect(image == Image(width: 19, height: 11, channels: channels == 1 ? 1 : 3, samples: .uint8(kept)))
  }

  @Test(arguments: [1, 3]) func jpegIsCloseAndSmallerAtLowerQuality(_ channels: Int) throws {
    let pixels = (0..<64 * 48 * channels).map { UInt8($0 / channels % 64 * 3) }
    let fine = try ImageEncoder.jpeg(width: 64, height: 48, channels: channels, pixels: pixels, quality: 95)
    let coarse = try ImageEncoder.jpeg(width: 64, height: 48, channels: channels, pixels: pixels, quality: 20)
    #expect(coarse.count < fine.count)
    let image = try ImageFile.decode(fine, name: "written.jpg")
    #expect((image.width, image.height, image.channels) == (64, 48, channels))
    let values = try #require(image.uint8)
    #expect(zip(values, pixels).allSatisfy { abs(Int($0) - Int($1)) <= 8 })
  }

  @Test func sixteenBitsAreShownFromDarkestToBrightest() {
    let canvas = Canvas(Image(width: 3, height: 1, channels: 1, samples: .uint16([1000, 1500, 2000])))
    #expect(canvas.pixels == [0, 0, 0, 128, 128, 128, 255, 255, 255])
    let flat = Canvas(Image(width: 2, height: 1, channels: 1, samples: .uint16([7, 7])))
    #expect(flat.pixels == [0, 0, 0, 0, 0, 0])
  }

  /// Annotations may say anything; what lies outside of the picture is not drawn, and costs nothing.
  @Test(.timeLimit(.minutes(1))) func linesFromFarAway() {
    var canvas = Canvas(width: 8, height: 6)
    canvas.outline([PixelPoint(x: -1e9, y: 2.5), PixelPoint(x: 1e9, y: 2.5)], red)
    #expect((0..<8).allSatisfy { pixel(canvas, $0, 2) == [255, 0, 0] && pixel(canvas, $0, 4) == [0, 0, 0] })
    var empty = Canvas(width: 8, height: 6)
    for far in [1e18, 1e300, Double.infinity, .nan] {
      empty.outline([PixelPoint(x: far, y: 1), PixelPoint(x: far, y: far), PixelPoint(x: -far, y: -20)], red)
    }
    empty.outline([PixelPoint(x: 1e18, y: 1), PixelPoint(x: 2e18, y: 1e18), PixelPoint(x: 1e18, y: 5)], red)
    #expect(empty == Canvas(width: 8, height: 6))
    // A rectangle that surrounds the picture shows none of its sides.
    empty.outline(
      [PixelPoint(x: -9, y: -9), PixelPoint(x: 99, y: -9), PixelPoint(x: 99, y: 99), PixelPoint(x: -9, y: 99)], red)
    #expect(empty == Canvas(width: 8, height: 6))
  }

  @Test func heatIsOnAnAbsoluteScale() {
    var cold = Canvas(width: 12, height: 8, colour: .white)
    cold.blend(HeatGrid(width: 3, height: 2, values: [0, -1, 0, 0, .nan, 0]))
    #expect(cold == Canvas(width: 12, height: 8, colour: .white))
    var hot = Canvas(width: 12, height: 8)
    hot.blend(HeatGrid(width: 1, height: 1, values: [3]), opacity: 1)
    #expect(hot == Canvas(width: 12, height: 8, colour: HeatColours.colour(for: 1)))
    var half = Canvas(width: 12, height: 8)
    half.blend(HeatGrid(width: 1, height: 1, values: [0.5]), opacity: 1)
    let colour = HeatColours.colour(for: 0.5)
    #expect(pixel(half, 3, 3) == [colour.red, colour.green, colour.blue].map { UInt8((Float($0) / 2).rounded()) })
  }

  @Test func heatIsInterpolatedBetweenCellCentres() {
    let grid = HeatGrid(width: 2, height: 2, values: [0, 1, 0, 1])
    // Centres of the cells are at 0.25 and 0.75, those of the picture's columns at 0.125, 0.375, 0.625 and 0.875.
    let row: [Float] = [0, 0.25, 0.75, 1]
    let stretched = grid.stretched(width: 4, height: 3)
    #expect(zip(stretched, row + row + row).allSatisfy { abs($0 - $1) < 1e-6 } && stretched.count == 12)
  }

  @Test func smallPicturesOfPhotographs() throws {
    let maker = ThumbnailMaker(maxSide: 40)
    // A step from dark to bright: the mean of what each pixel covers, within what JPEG loses.
    for channels in [1, 3] {
      let samples = (0..<60).flatMap { _ in (0..<80).flatMap { [UInt8](repeating: $0 < 40 ? 50 : 200, count: channels) }
      }
      let bytes = try maker.jpeg(of: Image(width: 80, height: 60, channels: channels, samples: .uint8(samples)))
      let small = try ImageFile.decode(bytes, name: "small")
      #expect(small.width == 40 && small.height == 30 && small.channels == channels)
      guard case .uint8(let values) = small.samples else { throw ImageFixtureError() }
      for (x, value) in [(5, 50), (34, 200)] { #expect(abs(Int(values[(15 * 40 + x) * channels]) - value) < 4) }
    }
    // Twelve bits are stretched, and what is small enough keeps its size.
    let deep = Image(width: 8, height: 2, channels: 1, samples: .uint16((0..<16).map { $0 < 8 ? 0 : 4095 }))
    let small = try ImageFile.decode(try maker.jpeg(of: deep), name: "deep")
    #expect(small.width == 8 && small.height == 2)
    guard case .uint8(let values) = small.samples else { throw ImageFixtureError() }
    #expect(values[0] < 30 && values[values.count - 1] > 225)
  }

  private struct ImageFixtureError: Error {}

  @Test func heatFollowsThePlacement() {
    // The network saw the middle 20 x 20 of 40 x 20 pixels.
    let place = Preprocessing(width: 10, height: 10, policy: .centreCrop).plan(sourceWidth: 40, sourceHeight: 20)
    var canvas = Canvas(width: 40, height: 20)
    canvas.blend(
      HeatGrid(width: 1, height: 1, values: [1]), opacity: 1, placement: place, network: (width: 10, height: 10))
    let hot = HeatColours.colour(for: 1)
    for x in 0..<40 {
      #expect(pixel(canvas, x, 7) == ((10..<30).contains(x) ? [hot.red, hot.green, hot.blue] : [0, 0, 0]), "\(x)")
    }
  }

  /// Relative luminance (ITU-R BT.709 weights of linear light) never falls from cold to hot.
  @Test func heatColoursAreOrderedByLightness() {
    func linear(_ value: UInt8) -> Double {
      let v = Double(value) / 255
      return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
    }
    let lightness = HeatColours.table.map {
      0.2126 * linear($0.red) + 0.7152 * linear($0.green) + 0.0722 * linear($0.blue)
    }
    #expect(HeatColours.table.count == 256)
    #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $1 >= $0 - 0.003 })
    #expect(lightness[0] < 0.03 && lightness[255] > 0.8)
  }

  @Test func outlinesAndBarsAreCutAtTheBorder() {
    var canvas = Canvas(width: 10, height: 8)
    canvas.outline(PixelRectangle(x: 2, y: 1, width: 6, height: 5), red, thickness: 1)
    let marked = (0..<80).filter { pixel(canvas, $0 % 10, $0 / 10) == [255, 0, 0] }
    #expect(marked.count == 2 * 6 + 2 * 3)
    #expect(marked.first == 12 && marked.last == 57)
    canvas.fill(x: -5, y: 6, width: 100, height: 100, red)
    #expect(pixel(canvas, 0, 7) == [255, 0, 0] && pixel(canvas, 9, 6) == [255, 0, 0])
    canvas.fill(x: 40, y: 40, width: 3, height: 3, red)
    canvas.outline(PixelRectangle(x: 50, y: -20, width: 3, height: 3), red)
    canvas.draw("cut off", x: -9, y: 5, scale: 3, red)
  }

  @Test func everyCharacterHasItsOwnGlyph() {
    var shapes: Set<[UInt8]> = []
    for code in UInt8(32)...126 {
      var canvas = Canvas(width: 6, height: 10)
      canvas.draw(String(UnicodeScalar(code)), x: 0, y: 0, .white)
      shapes.insert(canvas.pixels)
    }
    #expect(shapes.count == 95)
    var canvas = Canvas(width: 6, height: 10)
    canvas.draw("ß", x: 0, y: 0, .white)
    var question = Canvas(width: 6, height: 10)
    question.draw("?", x: 0, y: 0, .white)
    #expect(canvas == question)
  }

  @Test func textIsScaledByWholeDots() {
    // The letter T: a bar of five dots and a stem of six.
    var canvas = Canvas(width: 20, height: 20)
    canvas.draw("T", x: 1, y: 2, scale: 2, .white)
    let white = (0..<400).filter { pixel(canvas, $0 % 20, $0 / 20) == [255, 255, 255] }
    #expect(white.count == 11 * 4)
    #expect(white.first == 2 * 20 + 1 && white.last == 15 * 20 + 6)
    #expect(Canvas.textWidth("MT_Crack", scale: 2) == 96)
  }

  @Test func aBannerIsAboveThePhotograph() {
    let photograph = Canvas(width: 200, height: 50, colour: red)
    let shown = photograph.withBanner("DEFECT  MT_Crack  97 %", background: .black)
    #expect(shown.width == 200 && shown.height > 50)
    #expect(Array(shown.pixels.suffix(3 * 200 * 50)) == photograph.pixels)
    let above = shown.pixels.prefix(shown.pixels.count - 3 * 200 * 50)
    #expect(above.contains(255) && above.contains(0))
    let narrow = Canvas(width: 20, height: 20).withBanner("DEFECT  97 %", background: red)
    #expect(narrow.width >= Canvas.textWidth("DEFECT  97 %"))
  }

  @Test func thumbnailsKeepTheAspect() {
    let canvas = Canvas(width: 300, height: 100, colour: red)
    let small = canvas.thumbnail(maxSide: 64)
    #expect(small == Canvas(width: 64, height: 21, colour: red))
    #expect(canvas.thumbnail(maxSide: 300) == canvas)
    #expect(Canvas(width: 1000, height: 1).thumbnail(maxSide: 10).height == 1)
  }
}
