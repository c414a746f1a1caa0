import AssayImage
import Testing

@Suite struct ResamplingTests {
  /// The three sources are at the start of `resampling.bin`: 31 x 23 gray, RGB and 16-bit gray.
  private static func source(_ name: String) -> Image {
    let bytes = Fixture.resamplingBytes
    let samples: Image.Samples =
      switch name {
      case "gray": .uint8(Array(bytes[0..<713]))
      case "rgb": .uint8(Array(bytes[713..<2852]))
      default: .uint16(Fixture.words(bytes[2852..<4278]))
      }
    return Image(width: 31, height: 23, channels: name == "rgb" ? 3 : 1, samples: samples)
  }

  /// Agreement with Pillow to 1/255 on every pixel (of 16 bits: to 1/65535). The expected values, from `make.py`:
  ///
  ///     image = Image.fromarray(source)          # uint8 [23, 31] or [23, 31, 3]; uint16 as float32, mode F
  ///     image.resize((width, height), Image.Resampling.BILINEAR, box)     # or BICUBIC
  @Test(arguments: Fixture.resampling) func agreesWithPillow(_ item: Fixture.Resampling) {
    let image = Self.source(item.source)
    let crop = item.box.map { PixelRectangle(x: $0[0], y: $0[1], width: $0[2] - $0[0], height: $0[3] - $0[1]) }
    let planes = Resampler().resize(image, width: item.width, height: item.height, filter: item.filter, crop: crop)
    let count = item.width * item.height
    let bytes = Fixture.resamplingBytes[item.offset...]
    let wide = item.source == "gray16"
    let expected: [Float] =
      wide
      ? Fixture.words(bytes.prefix(2 * count)).map { Float($0) / 65_535 }
      : bytes.prefix(count * image.channels).map { Float($0) / 255 }
    #expect(planes.count == count * image.channels)
    var worst: Float = 0
    for i in 0..<count {
      for c in 0..<image.channels {
        worst = max(worst, abs(planes[c * count + i] - expected[i * image.channels + c]))
      }
    }
    #expect(worst <= (wide ? 1.0 / 65_535 : 1.0 / 255) + 1e-6, "\(worst * 255) / 255")
  }

  @Test func theSameSizeIsTheSameImage() throws {
    let image = Self.source("gray16")
    let values = try #require(image.uint16)
    for filter in ResamplingFilter.allCases {
      let planes = Resampler().resize(image, width: 31, height: 23, filter: filter)
      #expect(zip(planes, values).allSatisfy { abs($0 - Float($1) / 65_535) < 1e-6 })
    }
  }

  /// The full range of integers is the full range of the network's input, exactly.
  @Test func blackAndWhiteAreExact() {
    for filter in ResamplingFilter.allCases {
      for samples in [
        Image.Samples.uint8([UInt8](repeating: 255, count: 35)), .uint16([UInt16](repeating: 65_535, count: 35)),
      ] {
        let planes = Resampler().resize(
          Image(width: 7, height: 5, channels: 1, samples: samples), width: 11, height: 3, filter: filter)
        #expect(planes.allSatisfy { abs($0 - 1) < 1e-6 && $0 <= 1 })
      }
    }
    let black = Image(width: 7, height: 5, channels: 1, samples: .uint8([UInt8](repeating: 0, count: 35)))
    #expect(Resampler().resize(black, width: 3, height: 9, filter: .bicubic).allSatisfy { $0 == 0 })
  }

  /// Halving averages pairs: the triangle of half-width 2 at distances 0.5 and 1.5 weighs 3 : 1, and 1 : 3 beyond.
  @Test func halvingByHand() {
    let image = Image(width: 4, height: 1, channels: 1, samples: .uint8([0, 80, 160, 240]))
    let values = Resampler().resize(image, width: 2, height: 1, filter: .bilinear).map { $0 * 255 }
    // (3 * 0 + 3 * 80 + 1 * 160) / 7 and (1 * 80 + 3 * 160 + 3 * 240) / 7
    #expect(abs(values[0] - 400.0 / 7) < 1e-3 && abs(values[1] - 1280.0 / 7) < 1e-3)
  }

  @Test func aResamplerMayChangeGeometry() {
    let resampler = Resampler()
    for name in ["gray", "rgb", "gray16", "gray"] {
      for size in [(5, 40), (40, 5), (12, 12)] {
        let image = Self.source(name)
        let again = resampler.resize(image, width: size.0, height: size.1, filter: .bicubic)
        #expect(again == Resampler().resize(image, width: size.0, height: size.1, filter: .bicubic))
      }
    }
  }
}
