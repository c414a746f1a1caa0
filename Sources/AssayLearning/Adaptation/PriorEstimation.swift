/// The share of each class among unlabelled parts, by expectation-maximisation over a calibrated classifier's probabilities
/// (Saerens, Latinne and Decaestecker 2002): right as long as parts of a class look as they did in training.
public enum PriorEstimation {
  /// - Parameters:
  ///   - probabilities: `[n, K]`, for the shares of training.
  ///   - priors: shares of training, above 0.
  /// - Returns: `[K]`, with a sum of 1; `priors` when there are no parts.
  public static func shares(
    _ probabilities: [Double], priors: [Double], iterations: Int = 100
  ) -> [Double] {
    let k = priors.count
    let n = probabilities.count / k
    guard n > 0 else { return priors }
    var shares = priors
    for _ in 0..<iterations {
      var sum = [Double](repeating: 0, count: k)
      for row in 0..<n {
        let weighted = (0..<k).map { probabilities[row * k + $0] * shares[$0] / max(priors[$0], 1e-12) }
        let total = weighted.reduce(0, +)
        guard total > 0 else { continue }
        for c in 0..<k { sum[c] += weighted[c] / total }
      }
      let next = sum.map { $0 / Double(n) }
      let change = zip(next, shares).reduce(0) { $0 + abs($1.0 - $1.1) }
      shares = next
      if change < 1e-9 { break }
    }
    return shares
  }
}
