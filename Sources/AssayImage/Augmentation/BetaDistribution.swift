import AssayBase
import Glibc

extension SplitMix64 {
  /// From Beta(alpha, alpha), in 0...1: the share of one of two gamma variates.
  ///
  /// In logarithms: for an alpha near 0 both variates are too small for a number, but not their ratio.
  mutating func symmetricBeta(_ alpha: Double) -> Double {
    let (first, second) = (logarithmOfGamma(alpha), logarithmOfGamma(alpha))
    return 1 / (1 + exp(second - first))
  }

  /// The logarithm of a variate of Gamma(shape, 1) (Marsaglia and Tsang 2000).
  private mutating func logarithmOfGamma(_ shape: Double) -> Double {
    // Gamma(a) is Gamma(a + 1) * U^(1 / a): the method below needs a shape of 1 or more.
    if shape < 1 { return logarithmOfGamma(shape + 1) + log(1 - unit()) / shape }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if log(1 - unit()) < 0.5 * x * x + d - d * v + d * log(v) { return log(d * v) }
    }
  }
}
