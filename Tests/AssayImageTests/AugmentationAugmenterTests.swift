import AssayImage
import Testing

@Suite struct AugmentationAugmenterTests {
  private func image(_ width: Int, _ height: Int, channels: Int, isWide: Bool = false) -> Image {
    var random = SplitMix64(state: UInt64(width * height * channels))
    let count = width * height * channels
    return Image(
      width: width, height: height, channels: channels,
      samples: isWide
        ? .uint16((0..<count).map { _ in UInt16.random(in: 0...65_535, using: &random) })
        : .uint8((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }))
  }

  /// Every framing, filter and kind of image: without augmentation the network sees what it sees at inspection, bit by bit.
  @Test(arguments: FramingPolicy.allCases, ResamplingFilter.allCases)
  func withoutAugmentationTheInputIsThePreprocessings(_ framing: FramingPolicy, _ filter: ResamplingFilter) throws {
    let rule = Preprocessing(width: 20, height: 14, policy: framing, filter: filter, padding: 0.3)
    let augmenter = Augmenter(policy: AugmentationPreset.none.policy, seed: 3, width: 20, height: 14)
    let workspace = AugmentationWorkspace()
    for image in [
      image(31, 40, channels: 3), image(50, 9, channels: 1), image(20, 14, channels: 3),
      image(33, 20, channels: 1, isWide: true),
    ] {
      let expected = rule.apply(to: image)
      var output = [Float](repeating: -9, count: rule.count)
      try output.withUnsafeMutableBufferPointer {
        try augmenter.apply(to: image, preprocessing: rule, epoch: 5, image: 6, into: $0, using: workspace)
      }
      #expect(output == expected)

      let kept = AugmentationSource(image, preprocessing: rule, precision: .float)
      #expect(kept.planes == image.channels)
      #expect(try augmenter.input(from: kept, epoch: 5, image: 6, using: workspace) == expected)

      let rounded = AugmentationSource(image, preprocessing: rule, precision: .uint8)
      let bytes = try augmenter.input(from: rounded, epoch: 5, image: 6, using: workspace)
      #expect(bytes == expected.map { ($0 * 255).rounded(.toNearestOrAwayFromZero) / 255 })
    }
  }

  /// Decoded images and kept ones are augmented alike.
  @Test func bothFormsAgree() throws {
    let rule = Preprocessing(width: 24, height: 24)
    let image = image(40, 30, channels: 3)
    let source = AugmentationSource(image, preprocessing: rule, precision: .float)
    let augmenter = Augmenter(policy: AugmentationPreset.surface.policy, seed: 3, width: 24, height: 24)
    let workspace = AugmentationWorkspace()
    for index in 0..<30 as Range<UInt64> {
      var output = [Float](repeating: -9, count: rule.count)
      try output.withUnsafeMutableBufferPointer {
        try augmenter.apply(to: image, preprocessing: rule, epoch: 1, image: index, into: $0, using: workspace)
      }
      #expect(try augmenter.input(from: source, epoch: 1, image: index) == output)
    }
  }

  /// Four threads with workspaces of their own, in another order, give the images of one loop.
  @Test func neitherThreadNorOrderMatters() async throws {
    let sources = (0..<40).map {
      AugmentationSource.random(width: 21, height: 21, isGray: $0.isMultiple(of: 3), seed: UInt64($0))
    }
    let augmenter = Augmenter(policy: AugmentationPreset.surface.policy, seed: 9, width: 21, height: 21)
    let workspace = AugmentationWorkspace()
    var expected: [[Float]] = []
    for (index, source) in sources.enumerated() {
      expected.append(try augmenter.input(from: source, epoch: 2, image: UInt64(index), using: workspace))
    }
    let outputs = try await withThrowingTaskGroup(of: [(Int, [Float])].self) { group in
      for thread in 0..<4 {
        group.addTask {
          let workspace = AugmentationWorkspace()
          return try stride(from: thread, to: 40, by: 4).reversed().map {
            ($0, try augmenter.input(from: sources[$0], epoch: 2, image: UInt64($0), using: workspace))
          }
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: { first, _ in first }) }
    }
    #expect(outputs.count == 40)
    for (index, output) in outputs { #expect(output == expected[index]) }
  }

  @Test func seedEpochAndImageMatter() throws {
    let source = AugmentationSource.random(width: 16, height: 16)
    var seen: Set<[Float]> = []
    // The same words in another place are another key.
    for (seed, epoch, image) in [
      (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1),
    ] {
      let augmenter = Augmenter(
        policy: AugmentationPreset.surface.policy, seed: UInt64(seed), width: 16, height: 16)
      let output = try augmenter.input(from: source, epoch: epoch, image: UInt64(image))
      #expect(try augmenter.input(from: source, epoch: epoch, image: UInt64(image)) == output)
      seen.insert(output)
    }
    #expect(seen.count == 8)
  }

  /// Both geometry and noise go on changing: of 50 epochs none repeats another.
  @Test(arguments: [AugmentationOperation.crop, .brightness, .noise, .cutOut])
  func epochsDiffer(_ operation: AugmentationOperation) throws {
    let source = AugmentationSource.random(width: 64, height: 64)
    let augmenter = Augmenter(
      policy: AugmentationPreset.surface.policy.alone(operation), seed: 0, width: 64, height: 64)
    let outputs = try (0..<50).map { try augmenter.input(from: source, epoch: $0, image: 1) }
    // A small rectangle in whole pixels may be drawn twice.
    #expect(Set(outputs).count >= (operation == .cutOut ? 48 : 50))
  }

  /// Noise of one deviation is other noise in every epoch.
  @Test func noiseIsDrawnAnew() throws {
    let source = AugmentationSource.random(width: 16, height: 16)
    let policy = AugmentationPolicy(rules: [AugmentationRule(.noise, probability: 1, magnitude: 0.01...0.01)])
    let augmenter = Augmenter(policy: policy, seed: 0, width: 16, height: 16)
    let outputs = try (0..<20).map { try augmenter.input(from: source, epoch: $0, image: 1) }
    #expect(Set(outputs).count == 20)
  }

  /// Whether a colour image is gray is told from its values, not from the file.
  @Test func grayIsRecognised() {
    let plane: [Float] = [0.1, 0.2, 0.3, 0.4]
    #expect(AugmentationSource(planar: plane + plane + plane, width: 2, height: 2, precision: .uint8).planes == 1)
    let other: [Float] = [0.1, 0.2, 0.3, 0.5]
    #expect(AugmentationSource(planar: plane + plane + other, width: 2, height: 2, precision: .uint8).planes == 3)
    #expect(AugmentationSource(planar: plane + other + plane, width: 2, height: 2, precision: .float).planes == 3)
  }
}
