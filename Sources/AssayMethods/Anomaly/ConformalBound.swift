/// What is proven of a threshold set on good parts.
package enum ConformalBound {
  /// Bound of the false-alarm rate for a part that is exchangeable with `count` good ones.
  ///
  /// Parts set aside: the rate itself (split conformal, Vovk et al. 2005). Cross-fitting with K models: Barber et al.,
  /// "Predictive inference with the jackknife+" (2021), theorem 4.
  package static func bound(rate: Double, count: Int, folds: Int) -> Double {
    guard folds > 1 else { return rate }
    let (n, k) = (Double(count), Double(folds))
    let slack = min(2 * (1 - 1 / k) / (n / k + 1), (1 - k / n) / (k + 1))
    return min(1, 2 * rate + max(0, slack))
  }
}
