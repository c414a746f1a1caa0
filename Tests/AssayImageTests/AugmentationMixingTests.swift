import AssayImage
import Testing

@Suite struct AugmentationMixingTests {
  private func lambdas(_ method: BatchMixing.Method, alpha: Double) -> [Float] {
    (0..<400).flatMap {
      BatchMixing(method, alpha: alpha).draw(seed: 1, epoch: 0, batch: $0, count: 50, width: 224, height: 224)
        .map(\.lambda)
    }
  }

  /// Beta(a, a) has the mean 1/2, the variance 1 / (4 (2 a + 1)) and the fourth central moment
  /// 3 / (16 (2 a + 1) (2 a + 3)).
  @Test(arguments: BatchMixing.Method.allCases, [0.2, 0.5, 1, 4])
  func lambdasAreBetaDistributed(_ method: BatchMixing.Method, _ alpha: Double) {
    let values = lambdas(method, alpha: alpha)
    let (mean, variance) = moments(values)
    let expected = 1 / (4 * (2 * alpha + 1))
    let fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3))
    let count = Double(values.count)
    // Whole pixels move a share by less than 1 / 224.
    let rounding = method == .cutmix ? 1.0 / 224 : 0
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 4 * (expected / count).squareRoot() + rounding)
    #expect(abs(variance - expected) < 4 * ((fourth - expected * expected) / count).squareRoot() + rounding)
    #expect(abs(moments(values.map { ($0 - 0.5) * ($0 - 0.5) * ($0 - 0.5) * ($0 - 0.5) }).mean - fourth) < 0.002)
  }

  /// Beta(1, 1) is uniform: Kolmogorov's distance of 20,000 values, at a significance of 1e-4.
  @Test func alphaOneIsUniform() {
    let sorted = lambdas(.mixup, alpha: 1).sorted()
    let distance = sorted.enumerated().reduce(0.0) {
      max($0, abs(Double($1.element) - (Double($1.offset) + 0.5) / 20_000))
    }
    #expect(distance < 2.23 / 20_000.0.squareRoot())
  }

  /// Of so small an alpha the gamma variates are 0 in double precision; the shares are 0 or 1, as often each.
  @Test func tinyAlphasAreNumbers() {
    let values = lambdas(.mixup, alpha: 1e-5)
    #expect(values.allSatisfy { (0...1).contains($0) })
    #expect(values.count { $0 < 0.01 || $0 > 0.99 } > 19_900)
    #expect(abs(moments(values).mean - 0.5) < 4 * (0.25 / 20_000.0).squareRoot())
  }

  @Test func partnersAreAPermutation() {
    var meetings = [Int](repeating: 0, count: 16)
    for batch in 0..<4000 {
      let mixes = BatchMixing(.mixup, alpha: 0.2).draw(
        seed: 3, epoch: 0, batch: batch, count: 4, width: 8, height: 8)
      #expect(Set(mixes.map(\.partner)) == [0, 1, 2, 3])
      for (own, mix) in mixes.enumerated() { meetings[own * 4 + mix.partner] += 1 }
    }
    // Every pair as often.
    #expect(meetings.allSatisfy { abs(Double($0) - 1000) < 4.5 * 750.0.squareRoot() })
    let single = BatchMixing(.mixup, alpha: 1).draw(seed: 3, epoch: 0, batch: 0, count: 1, width: 8, height: 8)
    #expect(single.map(\.partner) == [0])
  }

  @Test func drawsDependOnTheirArgumentsOnly() {
    let mixing = BatchMixing(.cutmix, alpha: 1)
    func draw(_ seed: UInt64, _ epoch: Int, _ batch: Int) -> [ImageMix] {
      mixing.draw(seed: seed, epoch: epoch, batch: batch, count: 8, width: 32, height: 32)
    }
    #expect(draw(1, 2, 3) == draw(1, 2, 3))
    #expect(Set([draw(1, 2, 3), draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4), draw(3, 2, 1)]).count == 5)
  }

  @Test func cutmixRectanglesHaveTheirShare() throws {
    let (width, height) = (40, 24)
    var (leftmost, rightmost) = (width, 0)
    for batch in 0..<200 {
      for mix in BatchMixing(.cutmix, alpha: 1).draw(
        seed: 5, epoch: 1, batch: batch, count: 8, width: width, height: height)
      {
        let block = try #require(mix.block)
        #expect(abs(1 - mix.lambda - Float(block.area) / 960) < 1e-6)
        #expect(block.x >= 0 && block.x + block.width <= width && block.y >= 0 && block.y + block.height <= height)
        // The image's own aspect, to half a pixel.
        let stretch = abs(Double(block.width) / 40 - Double(block.height) / 24)
        #expect(stretch <= 0.5 / 40 + 0.5 / 24 + 1e-9)
        leftmost = min(leftmost, block.x)
        rightmost = max(rightmost, block.x + block.width)
      }
    }
    #expect(leftmost == 0 && rightmost == width)
  }

  /// `lambda * own + (1 - lambda) * partner's`, or the partner's pixels in the rectangle.
  @Test(arguments: BatchMixing.Method.allCases) func mixedImagesFollowTheDefinition(_ method: BatchMixing.Method) {
    let (width, height, count) = (10, 7, 5)
    var random = SplitMix64(state: 2)
    let batch = (0..<count * 3 * width * height).map { _ in Float.random(in: 0...1, using: &random) }
    let mixes = BatchMixing(method, alpha: 1).draw(
      seed: 6, epoch: 0, batch: 0, count: count, width: width, height: height)
    var output = [Float](repeating: -9, count: batch.count)
    batch.withUnsafeBufferPointer { batch in
      output.withUnsafeMutableBufferPointer {
        ImageMix.apply(mixes, to: batch, width: width, height: height, into: $0)
      }
    }
    var expected = batch
    for index in batch.indices {
      let (x, y, own) = (index % width, index / width % height, index / (3 * width * height))
      let mix = mixes[own]
      let other = batch[index + (mix.partner - own) * 3 * width * height]
      if let block = mix.block {
        let isInside =
          (block.x..<block.x + block.width).contains(x) && (block.y..<block.y + block.height).contains(y)
        if isInside { expected[index] = other }
      } else {
        expected[index] = mix.lambda * batch[index] + (1 - mix.lambda) * other
      }
    }
    #expect(largestDifference(output, expected) < 1e-6)
    #expect(expected != batch)
  }
}
