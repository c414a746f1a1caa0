import AssayImage
import Testing

/// An axis that shrinks by 128 or more goes in two passes, and nobody sees it.
@Suite struct StrongReductionTests {
  /// One axis by the definition of Pillow's `Image.resize` (`precompute_coeffs` in Resample.c), in double precision: the
  /// filter is stretched by the factor, cut at the border, and its weights sum to 1.
  private static func resized(
    _ values: [Double], from start: Double = 0, width: Double? = nil, to outputs: Int, _ filter: ResamplingFilter
  ) -> [Double] {
    let factor = (width ?? Double(values.count)) / Double(outputs)
    let support = factor * (filter == .bilinear ? 1 : 2)
    func weight(_ distance: Double) -> Double {
      let x = abs(distance)
      if filter == .bilinear { return max(0, 1 - x) }
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
    }
    return (0..<outputs).map { output in
      let centre = start + (Double(output) + 0.5) * factor
      let pixels = max(0, Int(centre - support + 0.5))..<min(values.count, Int(centre + support + 0.5))
      let weights = pixels.map { weight((Double($0) - centre + 0.5) / factor) }
      let sum = zip(pixels, weights).reduce(0) { $0 + values[$1.0] * $1.1 } / weights.reduce(0, +)
      // Images of 8 bits are rounded after each pass.
      return min(max(sum, 0), 255).rounded()
    }
  }

  /// Noise, edges, and a ramp, which is sharpest in what it says of places.
  private static func line(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(state: seed)
    let edge = count / 3 + 17
    return (0..<count).map { at in
      switch seed % 3 {
      case 0: UInt8.random(in: 0...255, using: &random)
      case 1: at < edge || at > count - 40 ? 255 : 0
      default: UInt8(at * 255 / count)
      }
    }
  }

  /// To 1/255, as everywhere; 20,011 pixels are no multiple of a box.
  @Test(arguments: ResamplingFilter.allCases, [100, 31, 1]) func agreesWithPillow(
    _ filter: ResamplingFilter, _ outputs: Int
  ) {
    let lines = (0..<6).map { Self.line(20_011, seed: UInt64($0)) }
    let expected = lines.map { Self.resized($0.map(Double.init), to: outputs, filter) }
    let wide = Image(width: 20_011, height: 6, channels: 1, samples: .uint8(lines.flatMap { $0 }))
    let across = Resampler().resize(wide, width: outputs, height: 6, filter: filter)
    let tall = Image(
      width: 6, height: 20_011, channels: 1,
      samples: .uint8((0..<20_011).flatMap { row in lines.map { $0[row] } }))
    let down = Resampler().resize(tall, width: 6, height: outputs, filter: filter)
    var worst = 0.0
    for (line, values) in expected.enumerated() {
      for (at, value) in values.enumerated() {
        worst = max(worst, abs(Double(across[line * outputs + at]) * 255 - value))
        worst = max(worst, abs(Double(down[at * 6 + line]) * 255 - value))
      }
    }
    #expect(worst < 1.001, "\(worst) / 255")
  }

  /// White stays white in pictures of the longest side, of either depth.
  @Test(arguments: [(65_535, 1), (1, 65_535), (65_535, 3), (3, 65_535)]) func theLongestPicturesKeepTheirWhite(
    _ size: (Int, Int)
  ) {
    for filter in ResamplingFilter.allCases {
      let count = size.0 * size.1
      for samples in [
        Image.Samples.uint8([UInt8](repeating: 255, count: count)), .uint16([UInt16](repeating: 65_535, count: count)),
      ] {
        let image = Image(width: size.0, height: size.1, channels: 1, samples: samples)
        let values = Resampler().resize(image, width: 8, height: 8, filter: filter)
        #expect(values.allSatisfy { $0 <= 1 && $0 > 0.99999 })
      }
    }
  }

  /// A part of a picture that begins and ends inside a box and inside a pixel; the filter looks beyond it, as Pillow's does.
  @Test(arguments: ResamplingFilter.allCases) func aCropIsCutExactly(_ filter: ResamplingFilter) {
    for seed in 0..<3 as Range<UInt64> {
      let line = Self.line(30_000, seed: seed)
      let image = Image(width: 30_000, height: 1, channels: 1, samples: .uint8(line))
      let crop = PixelRectangle(x: 1_003.25, y: 0, width: 26_000.5, height: 1)
      let values = Resampler().resize(image, width: 10, height: 1, filter: filter, crop: crop)
      let expected = Self.resized(line.map(Double.init), from: 1_003.25, width: 26_000.5, to: 10, filter)
      #expect(zip(values, expected).allSatisfy { abs(Double($0) * 255 - $1) < 1.001 })
    }
  }

  /// Memory that only pictures of unusual shape need does not stay in every thread.
  @Test func largeScratchIsGivenBack() {
    let resampler = Resampler()
    func gray(_ width: Int, _ height: Int) -> Image {
      Image(width: width, height: height, channels: 1, samples: .uint8([UInt8](repeating: 9, count: width * height)))
    }
    _ = resampler.resize(gray(640, 48), width: 64, height: 32, filter: .bilinear)
    #expect(resampler.keptBytes > 0)
    _ = resampler.resize(gray(3_000, 600), width: 3_000, height: 6, filter: .bicubic)
    #expect(resampler.keptBytes <= 4 << 20)
  }
}
