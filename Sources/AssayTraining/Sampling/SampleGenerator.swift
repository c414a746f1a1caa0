import AssayBase

/// Random numbers that depend on what they are for and on nothing drawn before: seed and epoch, or seed, epoch and image.
/// So an epoch comes out the same whether a training got there at one go or was taken up again.
///
/// ``SplitMix64``; its output function also mixes seed and path into the first state.
public struct SampleGenerator: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64

  /// - Parameter path: numbers that tell this sequence from others of the same seed.
  public init(seed: UInt64, path: Int...) {
    let first = path.reduce(seed) { state, step in
      var mixing = SplitMix64(seed: state)
      return mixing.next() ^ UInt64(bitPattern: Int64(step))
    }
    generator = SplitMix64(seed: first)
  }

  public mutating func next() -> UInt64 { generator.next() }

  /// A random order of 0..<count (Fisher and Yates; Durstenfeld 1964). Written out, since the standard library does not
  /// promise that `shuffle` stays as it is, and a seed should mean the same next year.
  mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.next(below: last + 1))
    }
    return order
  }
}
