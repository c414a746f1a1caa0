/// The generator of Steele, Lea and Flood (2014): small, fast, the same on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// Uniform in 0..<bound, by multiplication (Lemire 2019, without the rejection that matters only for bounds near 2^64): the
  /// bias is below 2^-40 for any number of images. Written out, since the standard library does not promise that its own
  /// algorithms stay as they are.
  package mutating func next(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
}
