import AssayBase
import AssayImage

/// Finds pictures that are one photograph: encoded anew, brighter or of other contrast, cut, or shifted a little.
///
/// Three steps, each for fewer pictures: keypoints that are alike (``DescriptorIndex``) name a few candidates for each
/// picture; their kept textures, aligned by these keypoints, are compared; what agrees is compared exactly, in the files'
/// own resolution (``FineAgreement``). The number of candidates of a picture is bounded, so that photographs of one part,
/// which are nearly all alike, take no longer than others.
///
/// Not found are copies that were turned or mirrored, cut by more than a quarter, or magnified by more than 1.3, and
/// pictures with hardly any structure.
struct NearCopies {
  struct Pair: Sendable, Hashable {
    let a: Int
    let b: Int
  }

  /// The picture of a sample at its own resolution, or reduced further; nil when it cannot be read.
  typealias Source = @Sendable (_ index: Int, _ reduction: Double, _ resampler: Resampler) -> FinePicture?

  /// What earlier runs found.
  struct Verdicts: Sendable {
    var known: @Sendable (Pair) -> Bool? = { _ in nil }
    var keep: @Sendable (Pair, Bool) -> Void = { _, _ in }
  }

  /// Candidates of a picture that are looked at.
  private static let candidates = 4
  /// Keypoints that a candidate has in common, at least.
  private static let leastVotes = 2
  /// Pictures of a pair whose pixels differ more in size than this are brought to the same size.
  private static let sameDetail: ClosedRange<Float> = 0.92...1.09

  /// - Returns: verified pairs, by index. Of several that connect the same pictures not all need be there.
  static func pairs(
    _ store: FingerprintStore, verdicts: Verdicts = Verdicts(), source: @escaping Source
  ) -> [Pair] {
    verified(resembling(store, candidates(store)), verdicts, source)
  }

  /// The pictures most likely to be copies of each, by the number of keypoints that are alike.
  static func candidates(_ store: FingerprintStore) -> [Pair] {
    let index = DescriptorIndex(store)
    let found = ParallelLoop.map(store.count, chunk: 256) { picture -> [Pair] in
      var votes: [UInt32: Int] = [:]
      for row in store.range(picture) {
        for slot in 0..<DescriptorIndex.kept {
          let other = index.nearest[row * DescriptorIndex.kept + slot]
          if other != DescriptorIndex.none { votes[other / UInt32(Fingerprint.capacity), default: 0] += 1 }
        }
      }
      return votes.filter { $0.value >= leastVotes }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(candidates).map { Pair(a: min(picture, Int($0.key)), b: max(picture, Int($0.key))) }
    }
    return Set(found.joined()).sorted { ($0.a, $0.b) < ($1.a, $1.b) }
  }

  private struct Likely: Sendable {
    let pair: Pair
    let alignment: CopyAlignment
  }

  private static func resembling(_ store: FingerprintStore, _ pairs: [Pair]) -> [Likely] {
    ParallelLoop.map(pairs.count, chunk: 64) { at -> Likely? in
      let pair = pairs[at]
      guard let alignment = CopyAlignment(store, pair.a, pair.b) else { return nil }
      guard TextureAgreement(store, pair.a, pair.b, alignment).isLikely else { return nil }
      return Likely(pair: pair, alignment: alignment)
    }.compactMap { $0 }
  }

  /// Each worker takes pictures that are candidates of one another together, so that each file is read about once.
  private static func verified(_ likely: [Likely], _ verdicts: Verdicts, _ source: @escaping Source) -> [Pair] {
    let batches = batched(likely)
    return ParallelLoop.map(batches.count, chunk: 1) { batch -> [Pair] in
      var check = ExactCheck(source)
      var found: [Pair] = []
      var joined = UnionFind<Int>()
      for candidate in batches[batch] {
        let pair = candidate.pair
        guard !joined.isJoined(pair.a, pair.b) else { continue }
        let verdict: Bool
        if let known = verdicts.known(pair) {
          verdict = known
        } else if let made = check.areCopies(pair, candidate.alignment) {
          verdict = made
          verdicts.keep(pair, made)
        } else {
          continue
        }
        guard verdict else { continue }
        joined.join(pair.a, pair.b)
        found.append(pair)
      }
      return found
    }.flatMap { $0 }.sorted { ($0.a, $0.b) < ($1.a, $1.b) }
  }

  /// Compares pictures in their files' own resolution, and keeps those of its batch.
  private struct ExactCheck {
    private let source: Source
    private let resampler = Resampler()
    /// The last few, oldest first: a walk from candidate to candidate needs no more at once.
    private var pictures: [(index: Int, picture: FinePicture?)] = []
    private static let kept = 8

    init(_ source: @escaping Source) { self.source = source }

    /// nil when one of them cannot be read.
    mutating func areCopies(_ pair: Pair, _ alignment: CopyAlignment) -> Bool? {
      guard var a = picture(pair.a), var b = picture(pair.b) else { return nil }
      let magnification = PixelMap(alignment, a, b).magnification
      if magnification > NearCopies.sameDetail.upperBound {
        guard let reduced = source(pair.b, Double(1 / magnification), resampler) else { return nil }
        b = reduced
      } else if magnification < NearCopies.sameDetail.lowerBound {
        guard let reduced = source(pair.a, Double(magnification), resampler) else { return nil }
        a = reduced
      }
      return FineAlignment.refined(PixelMap(alignment, a, b), of: b, onto: a).map { FineAgreement(a, b, $0).isCopy }
        ?? false
    }

    private mutating func picture(_ index: Int) -> FinePicture? {
      if let known = pictures.first(where: { $0.index == index }) { return known.picture }
      let read = source(index, 1, resampler)
      if pictures.count == Self.kept { pictures.removeFirst() }
      pictures.append((index, read))
      return read
    }
  }

  /// Pairs in the order in which a walk from candidate to candidate meets them, some dozens at a time.
  private static func batched(_ likely: [Likely]) -> [[Likely]] {
    var neighbours: [Int: [Int]] = [:]
    for (at, candidate) in likely.enumerated() {
      neighbours[candidate.pair.a, default: []].append(at)
      neighbours[candidate.pair.b, default: []].append(at)
    }
    var order: [Int] = []
    var isTaken = [Bool](repeating: false, count: likely.count)
    var isSeen: Set<Int> = []
    for start in likely.map(\.pair.a) where isSeen.insert(start).inserted {
      var queue = [start]
      var next = 0
      while next < queue.count {
        for at in neighbours[queue[next]] ?? [] where !isTaken[at] {
          isTaken[at] = true
          order.append(at)
          for end in [likely[at].pair.a, likely[at].pair.b] where isSeen.insert(end).inserted { queue.append(end) }
        }
        next += 1
      }
    }
    return stride(from: 0, to: order.count, by: 48).map { first in
      order[first..<min(order.count, first + 48)].map { likely[$0] }
    }
  }
}
