import Glibc

/// Random numbers that depend on a few words only (SplitMix64; Steele, Lea and Flood 2014).
///
/// Uniform numbers are made here and not by `Double.random`, whose algorithm may change between versions of Swift.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A generator of its own for each combination of words.
  init(_ words: UInt64...) {
    state = words.reduce(0) { SeededGenerator(seed: $0 ^ $1).mixedState }
  }

  private var mixedState: UInt64 {
    var copy = self
    return copy.next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// Uniform in 0..<1, with 53 bits.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func uniform(in range: ClosedRange<Double>) -> Double {
    min(range.lowerBound + unit() * (range.upperBound - range.lowerBound), range.upperBound)
  }

  /// Uniform in 0..<count (Lemire 2019, without the rejection that matters only for counts near 2^64).
  mutating func below(_ count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

  /// Of mean 0 and deviation 1 (Box and Muller 1958).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }
}
