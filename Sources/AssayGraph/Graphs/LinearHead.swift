/// A linear classifier on raw features: `logits = W x + b`.
public struct LinearHead: Sendable, Equatable {
  public let classCount: Int
  public let dimension: Int
  /// `[K, D]`, row by row.
  public let weights: [Float]
  /// `[K]`
  public let bias: [Float]
  /// Mean of every feature over the training images, `[D]`: the map shows contributions relative to it.
  public let center: [Float]

  /// - Precondition: shapes fit.
  public init(weights: [Float], bias: [Float], center: [Float]) {
    classCount = bias.count
    dimension = center.count
    precondition(weights.count == bias.count * center.count, "weights are not [\(bias.count), \(center.count)]")
    self.weights = weights
    self.bias = bias
    self.center = center
  }

  /// Folds standardisation and temperature into the head, in double precision.
  ///
  /// With standardised features `z = (x - mean) / scale`, logits `W z + b` and calibrated logits `(W z + b) / T`.
  /// - Parameters:
  ///   - weights: `[K, D]` for standardised features.
  ///   - mean, scale: of the training features, `[D]`.
  ///   - temperature: T of Guo et al. (2017), above 0.
  public static func folded(
    weights: [Float], bias: [Float], mean: [Double], scale: [Double], temperature: Double
  ) -> LinearHead {
    let dimension = mean.count
    var raw = [Float](repeating: 0, count: weights.count)
    var shifted = [Float](repeating: 0, count: bias.count)
    for k in bias.indices {
      var sum = Double(bias[k])
      for d in 0..<dimension {
        let w = Double(weights[k * dimension + d]) / scale[d]
        raw[k * dimension + d] = Float(w / temperature)
        sum -= w * mean[d]
      }
      shifted[k] = Float(sum / temperature)
    }
    return LinearHead(weights: raw, bias: shifted, center: mean.map { Float($0) })
  }

  /// Logits of one feature vector, in double precision.
  public func logits(_ features: [Float]) -> [Double] {
    precondition(features.count == dimension)
    return (0..<classCount).map { k in
      var sum = Double(bias[k])
      for d in 0..<dimension { sum += Double(weights[k * dimension + d]) * Double(features[d]) }
      return sum
    }
  }

  /// Weights of one tap and statistic: `[K, count]`.
  package func block(offset: Int, count: Int) -> [Float] {
    (0..<classCount).flatMap { weights[$0 * dimension + offset..<$0 * dimension + offset + count] }
  }

  /// Sum over a range of features of weight times training mean, for every class.
  package func centerShare(offset: Int, count: Int) -> [Double] {
    (0..<classCount).map { k in
      (offset..<offset + count).reduce(0) { $0 + Double(weights[k * dimension + $1]) * Double(center[$1]) }
    }
  }
}
