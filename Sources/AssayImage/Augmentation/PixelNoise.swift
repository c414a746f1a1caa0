import AssayBase
import Glibc

/// A sensor's noise: Gaussian, independent in every pixel, and in every channel of a colour image. Clamped to 0...1.
public struct PixelNoise: Sendable, Hashable {
  /// In values 0...1.
  public let deviation: Float
  public let seed: UInt64

  public init(deviation: Float, seed: UInt64) {
    self.deviation = deviation
    self.seed = seed
  }

  func apply(to planes: PlaneBuffer) {
    var generator = SplitMix64(seed: seed)
    let (values, deviation, count) = (planes.values, deviation, planes.count)
    PixelNoise.quantiles.withUnsafeBufferPointer { quantiles in
      guard let quantiles = quantiles.baseAddress else { return }
      for start in stride(from: 0, to: count, by: 4) {
        var bits = generator.next()
        for at in start..<min(start + 4, count) {
          values[at] = min(max(values[at] + deviation * quantiles[Int(bits & 4095)], 0), 1)
          bits >>= 16
        }
      }
    }
  }

  /// 4096 quantiles of the standard normal distribution, from -3.7 to 3.7, of deviation 1: to draw one by 12 random bits
  /// is several times faster than any formula, and finer than 8-bit images can show.
  private static let quantiles: [Float] = {
    let count = 4096
    let upper = (count / 2..<count).map { quantile((Double($0) + 0.5) / Double(count)) }
    let scale = (upper.reduce(0) { $0 + $1 * $1 } / Double(upper.count)).squareRoot()
    let half = upper.map { Float($0 / scale) }
    return half.reversed().map { -$0 } + half
  }()

  /// The normal distribution's quantile for a probability of 0.5..<1, by bisection.
  private static func quantile(_ probability: Double) -> Double {
    var (low, high) = (0.0, 8.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
