import AssayBase
import Glibc

/// Random numbers that depend on a few words only. They are made here and not by `Double.random`, whose algorithm may change
/// between versions of Swift.
extension SplitMix64 {
  /// A generator of its own for each combination of words.
  init(words: UInt64...) {
    self.init(
      seed: words.reduce(0) { state, word in
        var mixing = SplitMix64(seed: state ^ word)
        return mixing.next()
      })
  }

  /// Uniform in 0..<1, with 53 bits.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func uniform(in range: ClosedRange<Double>) -> Double {
    min(range.lowerBound + unit() * (range.upperBound - range.lowerBound), range.upperBound)
  }

  /// Of mean 0 and deviation 1 (Box and Muller 1958).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }
}
