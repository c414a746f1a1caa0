import AssayImage
import Foundation
import Testing

@Suite struct PreprocessingTests {
  private func ramp(_ width: Int, _ height: Int, channels: Int = 1) -> Image {
    let values = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    return Image(width: width, height: height, channels: channels, samples: .uint8(values))
  }

  @Test func stretchUsesEverything() {
    let place = Preprocessing(width: 8, height: 6).plan(sourceWidth: 20, sourceHeight: 30)
    #expect(place.crop == PixelRectangle(x: 0, y: 0, width: 20, height: 30))
    #expect((place.x, place.y, place.width, place.height) == (0, 0, 8, 6))
    let image = ramp(20, 30)
    let plane = Resampler().resize(image, width: 8, height: 6, filter: .bilinear)
    #expect(Preprocessing(width: 8, height: 6).apply(to: image) == plane + plane + plane)
  }

  @Test func letterboxKeepsTheAspectAndPads() {
    let rule = Preprocessing(width: 10, height: 10, policy: .letterbox, padding: 0.25)
    let place = rule.plan(sourceWidth: 40, sourceHeight: 20)
    #expect((place.x, place.y, place.width, place.height) == (0, 2, 10, 5))
    let image = ramp(40, 20, channels: 3)
    let output = rule.apply(to: image)
    let inner = Resampler().resize(image, width: 10, height: 5, filter: .bilinear)
    for c in 0..<3 {
      for y in 0..<10 {
        let row = Array(output[(c * 100 + y * 10)..<(c * 100 + y * 10 + 10)])
        let expected =
          (2..<7).contains(y)
          ? Array(inner[(c * 50 + (y - 2) * 10)..<(c * 50 + (y - 1) * 10)]) : [Float](repeating: 0.25, count: 10)
        #expect(row == expected)
      }
    }
  }

  @Test func letterboxOfATallImagePadsLeftAndRight() {
    let rule = Preprocessing(width: 9, height: 6, policy: .letterbox, padding: 1)
    let output = rule.apply(
      to: Image(width: 2, height: 4, channels: 1, samples: .uint8([UInt8](repeating: 0, count: 8))))
    #expect(output == (0..<18).flatMap { _ in [1, 1, 1, 0, 0, 0, 1, 1, 1] as [Float] })
  }

  @Test func centreCropFitsTheShortestSide() {
    let rule = Preprocessing(width: 10, height: 10, policy: .centreCrop)
    let place = rule.plan(sourceWidth: 40, sourceHeight: 20)
    #expect(place.crop == PixelRectangle(x: 10, y: 0, width: 20, height: 20))
    #expect((place.x, place.y, place.width, place.height) == (0, 0, 10, 10))
    let image = ramp(40, 20)
    let plane = Resampler().resize(image, width: 10, height: 10, filter: .bilinear, crop: place.crop)
    #expect(rule.apply(to: image) == plane + plane + plane)
  }

  @Test func policiesAgreeOnImagesOfTheNetworksShape() {
    let image = ramp(33, 33)
    let outputs = FramingPolicy.allCases.map { Preprocessing(width: 12, height: 12, policy: $0).apply(to: image) }
    #expect(outputs[0] == outputs[1] && outputs[1] == outputs[2])
  }

  @Test(arguments: FramingPolicy.allCases) func placesMapThereAndBack(_ policy: FramingPolicy) {
    let rule = Preprocessing(width: 224, height: 160, policy: policy)
    var random = SplitMix64(state: 9)
    for _ in 0..<200 {
      let width = Int.random(in: 1...900, using: &random)
      let height = Int.random(in: 1...900, using: &random)
      let place = rule.plan(sourceWidth: width, sourceHeight: height)
      #expect(place.x >= 0 && place.x + place.width <= 224 && place.y >= 0 && place.y + place.height <= 160)
      let point = PixelPoint(
        x: .random(in: 0...Double(width), using: &random), y: .random(in: 0...Double(height), using: &random))
      let back = place.toSource(place.toNetwork(point))
      #expect(abs(back.x - point.x) < 1e-9 * 1000 && abs(back.y - point.y) < 1e-9 * 1000)
      // What is seen, seen as a whole.
      let seen = place.toSource(PixelRectangle(x: 0, y: 0, width: 224, height: 160))
      for (a, b) in [
        (seen.x, place.crop.x), (seen.y, place.crop.y), (seen.width, place.crop.width),
        (seen.height, place.crop.height),
      ] { #expect(abs(a - b) < 1e-6) }
      let whole = place.toNetwork(PixelRectangle(x: 0, y: 0, width: Double(width), height: Double(height)))
      #expect(abs(whole.width - Double(place.width)) < 1e-6 && abs(whole.x - Double(place.x)) < 1e-6)
    }
  }

  @Test func boxesMapByHand() {
    let crop = Preprocessing(width: 10, height: 10, policy: .centreCrop).plan(sourceWidth: 40, sourceHeight: 20)
    #expect(
      crop.toSource(PixelRectangle(x: 1, y: 2, width: 3, height: 4))
        == PixelRectangle(x: 12, y: 4, width: 6, height: 8))
    #expect(
      crop.toNetwork(PixelRectangle(x: 0, y: 4, width: 14, height: 8))
        == PixelRectangle(x: 0, y: 2, width: 2, height: 4))
    let box = Preprocessing(width: 10, height: 10, policy: .letterbox).plan(sourceWidth: 40, sourceHeight: 20)
    #expect(
      box.toSource(PixelRectangle(x: 5, y: 0, width: 5, height: 4))
        == PixelRectangle(x: 20, y: 0, width: 20, height: 8).clamped(width: 40, height: 8))
  }

  @Test func extremeShapesKeepOnePixel() {
    for policy in FramingPolicy.allCases {
      let rule = Preprocessing(width: 16, height: 16, policy: policy, filter: .bicubic)
      for (width, height) in [(1, 1), (1000, 1), (1, 1000), (3, 2)] {
        let image = Image(
          width: width, height: height, channels: 1,
          samples: .uint16([UInt16](repeating: 65_535, count: width * height)))
        let output = rule.apply(to: image)
        #expect(output.count == rule.count && output.allSatisfy { (0...1).contains($0) })
        #expect(output.contains { abs($0 - 1) < 1e-6 })
      }
    }
  }

  @Test func sixteenBitsKeepTheirPrecision() {
    // Two levels that are the same in 8 bits.
    let image = Image(width: 2, height: 1, channels: 1, samples: .uint16([1000, 1001]))
    let output = Preprocessing(width: 2, height: 1).apply(to: image)
    #expect(abs((output[1] - output[0]) * 65_535 - 1) < 1e-2)
  }

  @Test func isStoredAsJSON() throws {
    let rule = Preprocessing(width: 320, height: 256, policy: .centreCrop, filter: .bicubic, padding: 0.125)
    let text = try JSONEncoder().encode(rule)
    #expect(String(decoding: text, as: UTF8.self).contains("\"centre-crop\""))
    #expect(try JSONDecoder().decode(Preprocessing.self, from: text) == rule)
  }

  @Test(arguments: [
    #"{"width":0,"height":8,"policy":"stretch","filter":"bilinear","padding":0.5}"#,
    #"{"width":8,"height":99999,"policy":"stretch","filter":"bilinear","padding":0.5}"#,
    #"{"width":8,"height":8,"policy":"stretch","filter":"bilinear","padding":1.5}"#,
    #"{"width":8,"height":8,"policy":"squeeze","filter":"bilinear","padding":0.5}"#,
  ])
  func damagedSettingsAreRefused(_ text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8)) }
  }

  @Test func scaledDecodingMapsToThePixelsOfTheFile() throws {
    let rule = Preprocessing(width: 16, height: 16)
    let image = try ImageFile.read(path: Fixture.path("large.jpg"), options: rule.decodingOptions())
    #expect(image.width == 51)
    #expect(rule.plan(for: image).sourceWidth == 203)
  }
}
