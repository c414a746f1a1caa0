/// Random numbers that depend on what they are for and on nothing drawn before: seed and epoch, or seed, epoch and image.
/// So an epoch comes out the same whether a training got there at one go or was taken up again.
///
/// SplitMix64 (Steele, Lea and Flood 2014); its output function also mixes seed and path into the first state.
public struct SampleGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// - Parameter path: numbers that tell this sequence from others of the same seed.
  public init(seed: UInt64, path: Int...) {
    state = path.reduce(seed) { Self.mixed($0 &+ 0x9E37_79B9_7F4A_7C15) ^ UInt64(bitPattern: Int64($1)) }
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// A random order of 0..<count (Fisher and Yates; Durstenfeld 1964). Written out, since the standard library does not
  /// promise that `shuffle` stays as it is, and a seed should mean the same next year.
  mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      // Uniform by Lemire's multiplication; the bias is below 2^-40 for any number of images.
      order.swapAt(last, Int(next().multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return order
  }
}
