/// Divides the images of each epoch into batches of equal size, which batch normalisation and primitives of fixed shapes
/// want. The batches of an epoch depend on seed and epoch only.
public struct EpochSampler: Sendable {
  /// What to do with the images that do not fill a batch.
  public enum LastBatch: String, Sendable, Codable, CaseIterable {
    /// Fill it with further images: the epoch's first ones once more, or further draws.
    case filled
    /// Leave them out of this epoch. With fewer images than one batch it is filled all the same, as an epoch without a step
    /// trains nothing.
    case dropped
  }

  private enum Order: Sendable {
    case shuffled(count: Int)
    case balanced([ClassDeck])
  }

  public let batchSize: Int
  public let batchesPerEpoch: Int
  private let seed: UInt64
  private let order: Order

  /// Each image once an epoch, in random order.
  /// - Parameters:
  ///   - count: of images, at least 1.
  ///   - batchSize: at least 1.
  public init(count: Int, batchSize: Int, lastBatch: LastBatch, seed: UInt64) {
    self.init(.shuffled(count: count), count: count, batchSize: batchSize, lastBatch: lastBatch, seed: seed)
  }

  /// Each class equally often: an epoch has as many draws as there are images, and each class is drawn once before any is
  /// drawn again. A class gives its images like a deck of cards that is dealt to its end and shuffled anew, over all epochs
  /// on. So
  /// - within an epoch the numbers of draws of two classes differ by at most 1, and over all epochs up to now too,
  /// - images of a rare class are repeated equally often (±1), and none of a frequent class waits for others twice.
  /// - Parameters:
  ///   - labels: class of each image, 0 and up; not empty. Classes without images do not count.
  ///   - batchSize: at least 1.
  public init(balancing labels: [Int], batchSize: Int, lastBatch: LastBatch, seed: UInt64) {
    let members = Dictionary(grouping: labels.indices) { labels[$0] }
    let decks = members.sorted { $0.key < $1.key }.map { ClassDeck(label: $0.key, images: $0.value, seed: seed) }
    self.init(.balanced(decks), count: labels.count, batchSize: batchSize, lastBatch: lastBatch, seed: seed)
  }

  private init(_ order: Order, count: Int, batchSize: Int, lastBatch: LastBatch, seed: UInt64) {
    precondition(count >= 1 && batchSize >= 1, "batches of \(batchSize) from \(count) images")
    self.order = order
    self.batchSize = batchSize
    self.seed = seed
    switch lastBatch {
    case .filled: batchesPerEpoch = (count + batchSize - 1) / batchSize
    case .dropped: batchesPerEpoch = max(1, count / batchSize)
    }
  }

  /// - Parameter epoch: 1 for the first.
  /// - Returns: ``batchesPerEpoch`` batches of ``batchSize`` indices of images.
  public func batches(epoch: Int) -> [[Int]] {
    precondition(epoch >= 1, "epoch \(epoch)")
    let draws = batchesPerEpoch * batchSize
    let images =
      switch order {
      case .shuffled(let count): shuffled(count, draws: draws, epoch: epoch)
      case .balanced(let decks): balanced(decks, draws: draws, epoch: epoch)
      }
    return stride(from: 0, to: draws, by: batchSize).map { Array(images[$0..<$0 + batchSize]) }
  }

  private func shuffled(_ count: Int, draws: Int, epoch: Int) -> [Int] {
    var generator = SampleGenerator(seed: seed, path: epoch)
    let order = generator.permutation(of: count)
    return (0..<draws).map { order[$0 % count] }
  }

  private func balanced(_ decks: [ClassDeck], draws: Int, epoch: Int) -> [Int] {
    let classes = decks.count
    let (rounds, extra) = draws.quotientAndRemainder(dividingBy: classes)
    // The draws that do not make up a round go to the classes in turn, from one epoch on to the next.
    let turn = (epoch - 1) * extra
    var dealers = decks.enumerated().map { number, deck in
      deck.dealer(after: (epoch - 1) * rounds + turn / classes + (number < turn % classes ? 1 : 0))
    }
    var generator = SampleGenerator(seed: seed, path: epoch)
    var images: [Int] = []
    images.reserveCapacity(draws)
    for _ in 0..<rounds {
      for number in generator.permutation(of: classes) { images.append(dealers[number].next()) }
    }
    let last = generator.permutation(of: classes).filter { ($0 - turn % classes + classes) % classes < extra }
    for number in last { images.append(dealers[number].next()) }
    return images
  }
}

/// The images of one class, as an endless row of shuffled decks.
private struct ClassDeck: Sendable {
  let label: Int
  let images: [Int]
  let seed: UInt64

  func dealer(after dealt: Int) -> Dealer { Dealer(deck: self, dealt: dealt) }

  struct Dealer {
    private let deck: ClassDeck
    private var dealt: Int
    private var order: [Int] = []

    init(deck: ClassDeck, dealt: Int) {
      self.deck = deck
      self.dealt = dealt
    }

    mutating func next() -> Int {
      let (number, position) = dealt.quotientAndRemainder(dividingBy: deck.images.count)
      if order.isEmpty || position == 0 {
        var generator = SampleGenerator(seed: deck.seed, path: deck.label, number)
        order = generator.permutation(of: deck.images.count)
      }
      dealt += 1
      return deck.images[order[position]]
    }
  }
}
