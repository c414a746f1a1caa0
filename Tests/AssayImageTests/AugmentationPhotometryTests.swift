import AssayImage
import Foundation
import Testing

@Suite struct AugmentationPhotometryTests {
  /// torchvision 0.29, x = torch.tensor([[.1, .3], [.6, .4]]).expand(3, 2, 2):
  /// adjust_contrast(x, 1.2), adjust_brightness(x, 1.3), adjust_gamma(x, .8)
  @Test func toneAgreesWithTorchvision() throws {
    let values: [Float] = [0.1, 0.3, 0.6, 0.4]
    for (tone, expected) in [
      (ToneChange(contrast: 1.2), [0.05, 0.29, 0.65, 0.41] as [Float]),
      (ToneChange(brightness: 1.3), [0.13, 0.39, 0.78, 0.52]),
      (ToneChange(gamma: 0.8), [0.1585, 0.3817, 0.6645, 0.4804]),
    ] {
      let output = try Augmentation.with { $0.tone = tone }.plane(of: values, width: 2)
      #expect(largestDifference(output, expected) < 1e-4)
    }
  }

  @Test(arguments: [0.25, 0.8, 1.25, 3.0] as [Float]) func gammaIsAPower(_ gamma: Float) throws {
    let values = (0...2000).map { Float($0) / 2000 } + [1e-30, 1e-7, 1e-4]
    let output = try Augmentation.with { $0.tone.gamma = gamma }.plane(of: values, width: values.count)
    #expect(largestDifference(output, values.map { Float(pow(Double($0), Double(gamma))) }) < 2e-6)
    #expect(output[0] == 0 && output[2000] == 1)
  }

  /// brightness * (m + contrast * (v - m)), clamped, to the power of gamma; m is the mean of all three channels.
  @Test func toneOfAColourImageFollowsItsDefinition() throws {
    let source = AugmentationSource.random(width: 7, height: 3)
    let original = try Augmentation().input(from: source)
    let output = try Augmentation.with { $0.tone = ToneChange(brightness: 1.4, contrast: 1.5, gamma: 0.7) }
      .input(from: source)
    let mean = moments(original).mean
    let expected = original.map { (value: Float) -> Float in
      let linear = min(max(1.4 * (mean + 1.5 * (Double(value) - mean)), 0), 1)
      return Float(pow(linear, 0.7))
    }
    #expect(largestDifference(output, expected) < 1e-5)
    #expect(output.contains(0) && output.contains(1))
  }

  /// The mean of a large image is exact.
  @Test func theMeanOfManyPixels() throws {
    let values = [Float](repeating: 0.3, count: 1_000_003)
    let output = try Augmentation.with { $0.tone.contrast = 2 }.plane(of: values, width: values.count)
    #expect(output.allSatisfy { abs($0 - 0.3) < 1e-6 })
  }

  /// SciPy 1.17, i = numpy.arange(30), s = ((7 * i * i + 3 * i) % 31 / 31).reshape(5, 6):
  /// scipy.ndimage.gaussian_filter(s, deviation); with deviation 2 the filter is wider than the image.
  @Test func blurAgreesWithSciPy() throws {
    let table = (0..<30).map { (i: Int) -> Float in Float((7 * i * i + 3 * i) % 31) / 31 }
    for (deviation, expected) in [
      (
        0.7,
        [
          0.21364, 0.29937, 0.22051, 0.22109, 0.17074, 0.17777, 0.55596, 0.50953, 0.33219, 0.27245, 0.36461,
          0.42734, 0.66502, 0.52010, 0.42908, 0.36570, 0.46036, 0.66562, 0.66867, 0.46360, 0.36622, 0.43042,
          0.52411, 0.67120, 0.49884, 0.43713, 0.28496, 0.36367, 0.59803, 0.69305,
        ] as [Float]
      ),
      (
        2,
        [
          0.39698, 0.38169, 0.36149, 0.34862, 0.34707, 0.35041, 0.42162, 0.40601, 0.38696, 0.37803, 0.38201,
          0.38941, 0.45264, 0.43734, 0.42134, 0.41960, 0.43280, 0.44670, 0.47292, 0.45897, 0.44739, 0.45386,
          0.47661, 0.49698, 0.48019, 0.46756, 0.45941, 0.47145, 0.50028, 0.52463,
        ]
      ),
    ] {
      let output = try Augmentation.with { $0.blur = GaussianBlur(deviation: deviation) }.plane(of: table, width: 6)
      #expect(largestDifference(output, expected) < 1e-5)
    }
  }

  /// Weights sum to 1, at the border as well: what is uniform stays so. And a point becomes the Gaussian,
  /// scipy.ndimage.gaussian_filter1d of deviation 0.5.
  @Test func blurKeepsTheSum() throws {
    for deviation in [0.1, 0.5, 1.3, 8] {
      let blur = Augmentation.with { $0.blur = GaussianBlur(deviation: deviation) }
      let flat = try blur.plane(of: [Float](repeating: 0.6, count: 77), width: 11)
      #expect(flat.allSatisfy { abs($0 - 0.6) < 1e-6 })
    }
    var point = [Float](repeating: 0, count: 9 * 19)
    point[4 * 19 + 9] = 1
    let output = try Augmentation.with { $0.blur = GaussianBlur(deviation: 0.5) }.plane(of: point, width: 19)
    let weights: [Float] = [0.00026, 0.10645, 0.78657, 0.10645, 0.00026]
    for y in 0..<5 {
      for x in 0..<5 { #expect(abs(output[(y + 2) * 19 + x + 7] - weights[x] * weights[y]) < 1e-5) }
    }
    #expect(abs(output.reduce(0, +) - 1) < 1e-6)
  }

  @Test func noiseIsStandardAndWhite() throws {
    let side = 200
    let values = [Float](repeating: 0.5, count: side * side)
    var colour = values + values + values
    colour[0] = 0.501
    let source = AugmentationSource(planar: colour, width: side, height: side, precision: .float)
    let noise = try Augmentation.with { $0.noise = PixelNoise(deviation: 0.02, seed: 7) }.input(from: source)
      .map { ($0 - 0.5) / 0.02 }
    // 120,000 values: four standard errors of mean, variance and fourth moment.
    let (mean, variance) = moments(noise)
    #expect(abs(mean) < 0.012 && abs(variance - 1) < 0.017)
    #expect(abs(moments(noise.map { $0 * $0 * $0 * $0 }).mean - 3) < 0.12)
    // Neighbours, rows and channels know nothing of each other.
    for lag in [1, 2, 3, 4, side, side * side] {
      let product = zip(noise, noise.dropFirst(lag)).map { $0 * $1 }
      #expect(abs(moments(product).mean) < 4 / Double(product.count).squareRoot(), "lag \(lag)")
    }
    let other = try Augmentation.with { $0.noise = PixelNoise(deviation: 0.02, seed: 8) }.input(from: source)
    #expect(abs(moments(zip(noise, other).map { $0 * ($1 - 0.5) / 0.02 }).mean) < 0.012)
  }

  @Test func jpegIsTheFileOfThatQuality() throws {
    // Smooth with some detail, in colour.
    let (width, height) = (40, 24)
    let values: [Float] = (0..<3 * width * height).map { i in
      let (x, y, c) = (i % width, i / width % height, i / width / height)
      return 0.5 + 0.3 * sin(Float(x * (c + 1)) / 7) * cos(Float(y) / 5)
    }
    let source = AugmentationSource(planar: values, width: width, height: height, precision: .float)
    var differences: [Float] = []
    for quality in [90, 40] {
      let output = try Augmentation.with { $0.jpegQuality = quality }.input(from: source)
      let count = width * height
      let pixels = (0..<3 * count).map { UInt8((values[$0 % 3 * count + $0 / 3] * 255).rounded()) }
      let file = try ImageEncoder.jpeg(width: width, height: height, channels: 3, pixels: pixels, quality: quality)
      let decoded = try #require(try ImageFile.decode(file, name: "quality \(quality)").uint8)
      #expect(output == (0..<3 * count).map { Float(decoded[$0 % count * 3 + $0 / count]) / 255 })
      differences.append(zip(values, output).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(values.count))
    }
    #expect(differences[0] > 0 && differences[1] > 1.5 * differences[0])
  }

  /// 0.02 of 200 x 100 pixels and an aspect of 2: 0.2 of the width by 0.1 of the height, 40 x 10 pixels.
  @Test func aCutOutIsARectangleOfTheMean() throws {
    let source = AugmentationSource.random(width: 200, height: 100)
    let original = try Augmentation().input(from: source)
    for (x, y, left, top) in [(0.0, 0.0, 0, 0), (1, 1, 160, 90), (0.5, 0.5, 80, 45)] {
      let output = try Augmentation.with { $0.cutOut = CutOut(area: 0.02, aspect: 2, x: x, y: y) }
        .input(from: source)
      var wrong = 0
      for plane in 0..<3 {
        let range = plane * 20_000..<(plane + 1) * 20_000
        let mean = Float(moments(original[range]).mean)
        for at in range {
          let (column, row) = (at % 200, at / 200 % 100)
          let isCut = (left..<left + 40).contains(column) && (top..<top + 10).contains(row)
          if isCut ? abs(output[at] - mean) > 1e-6 : output[at] != original[at] { wrong += 1 }
        }
      }
      #expect(wrong == 0)
    }
  }

  /// Gray images have equal planes after everything, alone and together.
  @Test func grayStaysGray() throws {
    let source = AugmentationSource.random(width: 24, height: 24, isGray: true)
    #expect(source.planes == 1)
    let all = AugmentationPolicy(
      rules: AugmentationPreset.surface.policy.rules.map {
        AugmentationRule($0.operation, probability: 1, magnitude: $0.magnitude)
      })
    let policies = [all] + all.operations.map(all.alone)
    for policy in policies {
      for image in 0..<20 as Range<UInt64> {
        let output = try Augmenter(policy: policy, seed: 2, width: 24, height: 24)
          .input(from: source, epoch: 0, image: image)
        #expect(output[0..<576] == output[576..<1152] && output[0..<576] == output[1152..<1728])
      }
    }
  }

  /// Also from black, white and noise, with the strongest changes that a policy may have.
  @Test func valuesStayInTheirRange() throws {
    let strongest = AugmentationPolicy(
      rules: AugmentationOperation.allCases.map {
        AugmentationRule($0, probability: 1, magnitude: $0.magnitudeLimits)
      })
    let sources =
      [0, 1].map { (value: Float) in
        AugmentationSource(
          planar: [Float](repeating: value, count: 3 * 19 * 13), width: 19, height: 13, precision: .uint8)
      } + [.random(width: 19, height: 13)]
    for policy in AugmentationPreset.allCases.map(\.policy) + [strongest] {
      let augmenter = Augmenter(policy: policy, seed: 4, width: 19, height: 13)
      for source in sources {
        for image in 0..<100 as Range<UInt64> {
          let output = try augmenter.input(from: source, epoch: 1, image: image)
          #expect(output.allSatisfy { (0...1).contains($0) })
        }
      }
    }
  }
}
