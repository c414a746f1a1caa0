import AssayTraining
import Testing

@Suite struct SampleGeneratorTests {
  /// The published sequence of SplitMix64 from 1234567.
  @Test func isSplitMix64() {
    var generator = SampleGenerator(seed: 1_234_567)
    let expected: [UInt64] = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
    #expect((0..<3).map { _ in generator.next() } == expected)
  }

  @Test func pathsAreSequencesOfTheirOwn() {
    let paths = [[], [0], [1], [0, 1], [1, 0], [0, 0], [-1]]
    var first: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for path in paths {
        var generator =
          switch path.count {
          case 0: SampleGenerator(seed: seed)
          case 1: SampleGenerator(seed: seed, path: path[0])
          default: SampleGenerator(seed: seed, path: path[0], path[1])
          }
        first.insert(generator.next())
      }
    }
    #expect(first.count == 20 * paths.count)
  }
}

@Suite struct ShuffledSamplingTests {
  private func sampler(_ count: Int, _ batchSize: Int, _ last: EpochSampler.LastBatch, seed: UInt64 = 1) -> EpochSampler
  {
    EpochSampler(count: count, batchSize: batchSize, lastBatch: last, seed: seed)
  }

  @Test(arguments: 1...13, 1...6) func eachImageOnceAnEpoch(count: Int, batchSize: Int) {
    let filled = sampler(count, batchSize, .filled).batches(epoch: 1)
    #expect(filled.count == (count + batchSize - 1) / batchSize)
    #expect(filled.allSatisfy { $0.count == batchSize })
    let images = Array(filled.joined())
    #expect(images.prefix(count).sorted() == Array(0..<count))
    // What fills the last batch is the epoch's beginning.
    for index in count..<max(count, images.count) { #expect(images[index] == images[index % count]) }

    let dropped = sampler(count, batchSize, .dropped).batches(epoch: 1)
    #expect(dropped.count == max(1, count / batchSize))
    if count >= batchSize { #expect(Set(dropped.joined()).count == count / batchSize * batchSize) }
    #expect(dropped == Array(filled.prefix(dropped.count)))
  }

  @Test func seedAndEpochDecide() {
    let first = sampler(50, 8, .filled)
    // In whatever order the epochs are asked for.
    let later = first.batches(epoch: 3)
    #expect(sampler(50, 8, .filled).batches(epoch: 3) == later)
    let all = (1...20).map(first.batches) + (1...20).map(sampler(50, 8, .filled, seed: 2).batches)
    #expect(Set(all).count == 40)
  }

  /// In 6,000 epochs of three images each of the six orders comes about 1,000 times (deviation 29).
  @Test func ordersAreEquallyLikely() {
    let orders = (1...6000).map { sampler(3, 3, .filled).batches(epoch: $0)[0] }
    let counts = Dictionary(grouping: orders) { $0 }.mapValues(\.count)
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { (880...1120).contains($0) })
  }
}

@Suite struct BalancedSamplingTests {
  /// 40 images of class 0, 11 of class 2, 3 of class 5; none of the others.
  private let labels = [Int](repeating: 0, count: 40) + [Int](repeating: 2, count: 11) + [Int](repeating: 5, count: 3)

  private func spread(_ counts: some Collection<Int>) -> Int { (counts.max() ?? 0) - (counts.min() ?? 0) }

  private func counts(_ images: some Sequence<Int>) -> [Int] {
    var counts = [Int](repeating: 0, count: labels.count)
    for image in images { counts[image] += 1 }
    return counts
  }

  private func classCounts(_ images: some Sequence<Int>) -> [Int] {
    var counts = [0: 0, 2: 0, 5: 0]
    for image in images { counts[labels[image], default: 0] += 1 }
    return Array(counts.values)
  }

  @Test(arguments: [1, 7, 8, 16, 64, 100], EpochSampler.LastBatch.allCases)
  func classesAreEquallyOften(batchSize: Int, last: EpochSampler.LastBatch) {
    let sampler = EpochSampler(balancing: labels, batchSize: batchSize, lastBatch: last, seed: 3)
    var soFar: [Int] = []
    for epoch in 1...30 {
      let batches = sampler.batches(epoch: epoch)
      #expect(batches.count == sampler.batchesPerEpoch && batches.allSatisfy { $0.count == batchSize })
      #expect(spread(classCounts(batches.joined())) <= 1)
      // A batch is some rounds with the end of one before and the beginning of one after.
      #expect(batches.allSatisfy { spread(classCounts($0)) <= 2 })
      soFar += batches.joined()
      #expect(spread(classCounts(soFar)) <= 1)
      let counts = counts(soFar)
      #expect(spread(counts[..<40]) <= 1 && spread(counts[40..<51]) <= 1 && spread(counts[51...]) <= 1)
    }
    let batches = last == .filled ? (54 + batchSize - 1) / batchSize : max(1, 54 / batchSize)
    #expect(soFar.count == 30 * batches * batchSize)
  }

  @Test func seedAndEpochDecide() {
    let first = EpochSampler(balancing: labels, batchSize: 8, lastBatch: .filled, seed: 3)
    let again = EpochSampler(balancing: labels, batchSize: 8, lastBatch: .filled, seed: 3)
    let other = EpochSampler(balancing: labels, batchSize: 8, lastBatch: .filled, seed: 4)
    let later = first.batches(epoch: 9)
    #expect(again.batches(epoch: 9) == later)
    #expect(Set((1...20).map(first.batches) + (1...20).map(other.batches)).count == 40)
  }

  /// The three rare images follow one another in changing orders.
  @Test func decksAreShuffledAnew() {
    let sampler = EpochSampler(balancing: labels, batchSize: 54, lastBatch: .filled, seed: 3)
    let rare = (1...10).flatMap { sampler.batches(epoch: $0)[0].filter { labels[$0] == 5 } }
    let decks = stride(from: 0, to: rare.count, by: 3).map { Array(rare[$0..<$0 + 3]) }
    #expect(decks.count == 60 && decks.allSatisfy { $0.sorted() == [51, 52, 53] })
    #expect(Set(decks).count == 6)
  }
}
