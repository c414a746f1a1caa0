/// How one picture lies in another: magnified and moved, in working pixels.
struct CopyAlignment: Sendable, Equatable {
  var scale: SIMD2<Float>
  var offset: SIMD2<Float>
  /// Keypoints that agree on it.
  var support: Int

  /// Bits in which two descriptors of one place may differ.
  private static let similar = 16
  /// Working pixels by which a place may be off.
  private static let tolerance: Float = 1.5
  /// Copies are magnified by no more than this against each other.
  private static let magnification: ClosedRange<Float> = 0.77...1.3
  private static let leastSupport = 4

  /// - Returns: nil when no magnification and shift brings several keypoints of picture `a` to those of picture `b`.
  init?(_ store: FingerprintStore, _ a: Int, _ b: Int) {
    var matches = Self.matches(store, a, b)
    guard matches.count >= Self.leastSupport else { return nil }
    matches.sort { $0.distance < $1.distance }
    var best = CopyAlignment(scale: .one, offset: .zero, support: 0)
    func consider(_ scale: Float, _ offset: SIMD2<Float>) {
      let support = matches.count { Self.isNear($0.from * scale + offset, $0.to) }
      if support > best.support { best = Self(scale: SIMD2(scale, scale), offset: offset, support: support) }
    }
    let likely = matches.prefix(12)
    for match in likely { consider(1, match.to - match.from) }
    for (index, first) in likely.enumerated() {
      for second in likely.prefix(index) {
        let (from, to) = (first.from - second.from, first.to - second.to)
        let length = (from * from).sum()
        guard length > 225 else { continue }
        let scale = ((to * to).sum() / length).squareRoot()
        guard Self.magnification.contains(scale) else { continue }
        consider(scale, (first.to + second.to - (first.from + second.from) * scale) / 2)
      }
    }
    for _ in 0..<2 {
      let own = matches.filter { Self.isNear($0.from * best.scale + best.offset, $0.to) }
      guard own.count >= Self.leastSupport else { return nil }
      best = Self.fitted(own)
    }
    guard best.support >= Self.leastSupport,
      Self.magnification.contains(best.scale.x), Self.magnification.contains(best.scale.y)
    else { return nil }
    self = best
  }

  init(scale: SIMD2<Float>, offset: SIMD2<Float>, support: Int) {
    (self.scale, self.offset, self.support) = (scale, offset, support)
  }

  private struct Match {
    let from: SIMD2<Float>
    let to: SIMD2<Float>
    let distance: Int
  }

  private static func matches(_ store: FingerprintStore, _ a: Int, _ b: Int) -> [Match] {
    store.range(a).compactMap { row in
      var best = (distance: similar + 1, row: -1)
      for other in store.range(b) {
        let distance = (store.descriptors[row] ^ store.descriptors[other]).nonzeroBitCount
        if distance < best.distance { best = (distance, other) }
      }
      guard best.row >= 0 else { return nil }
      return Match(from: store.places[row].point, to: store.places[best.row].point, distance: best.distance)
    }
  }

  private static func isNear(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Bool {
    let difference = a - b
    return (difference * difference).sum() <= tolerance * tolerance
  }

  /// Least squares: one magnification for both axes, or one for each where the places are far enough apart to tell.
  private static func fitted(_ matches: [Match]) -> CopyAlignment {
    let count = Float(matches.count)
    let from = matches.reduce(SIMD2<Float>.zero) { $0 + $1.from } / count
    let to = matches.reduce(SIMD2<Float>.zero) { $0 + $1.to } / count
    var (products, squares) = (SIMD2<Float>.zero, SIMD2<Float>.zero)
    for match in matches {
      products += (match.from - from) * (match.to - to)
      squares += (match.from - from) * (match.from - from)
    }
    let common = squares.sum() > 50 * count ? products.sum() / squares.sum() : 1
    var scale = SIMD2(common, common)
    if squares.min() > 300 * count, matches.count >= 8 { scale = products / squares }
    return CopyAlignment(scale: scale, offset: to - from * scale, support: matches.count)
  }
}
