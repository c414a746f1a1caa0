import AssayImage
import Testing

@Suite struct BrightnessTests {
  /// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
  @Test func isMeanLuma() {
    let colour = Image(width: 2, height: 1, channels: 3, samples: .uint8([255, 0, 0, 0, 0, 255]))
    #expect(abs(colour.brightness - (0.299 + 0.114) / 2) < 1e-12)
    let white = Image(width: 3, height: 2, channels: 3, samples: .uint8([UInt8](repeating: 255, count: 18)))
    #expect(abs(white.brightness - 1) < 1e-12)
    let grey = Image(width: 2, height: 2, channels: 1, samples: .uint8([0, 51, 102, 51]))
    #expect(abs(grey.brightness - 0.2) < 1e-12)
  }

  /// The same of 8 and of 16 bits.
  @Test func isOfTheWholeRange() {
    let deep = Image(width: 2, height: 1, channels: 1, samples: .uint16([0, 65_535]))
    #expect(deep.brightness == 0.5)
  }

  /// Every third row of 1,100 of which the lower half is white: 367 rows are looked at, from 552 on 183 are white.
  @Test func ofHighImagesRowsAtEqualSteps() {
    let samples = (0..<1100).flatMap { [UInt8](repeating: $0 < 550 ? 0 : 255, count: 4) }
    let image = Image(width: 4, height: 1100, channels: 1, samples: .uint8(samples))
    #expect(abs(image.brightness - 183.0 / 367) < 1e-12)
  }
}
