/// A layer that several heads share: `relu(W x + b)` on raw features.
public struct SharedLayer: Sendable, Equatable {
  public let width: Int
  public let dimension: Int
  /// `[S, D]`
  public let weights: [Float]
  /// `[S]`
  public let bias: [Float]
  /// Mean of every feature over the training images, `[D]`.
  public let center: [Float]

  /// - Precondition: shapes fit.
  public init(weights: [Float], bias: [Float], center: [Float]) {
    precondition(weights.count == bias.count * center.count, "weights are not [\(bias.count), \(center.count)]")
    width = bias.count
    dimension = center.count
    self.weights = weights
    self.bias = bias
    self.center = center
  }

  /// Folds the features' standardisation into the layer.
  /// - Parameter weights: `[S, D]` for standardised features.
  public static func folded(weights: [Float], bias: [Float], mean: [Double], scale: [Double]) -> SharedLayer {
    let head = LinearHead.folded(weights: weights, bias: bias, mean: mean, scale: scale, temperature: 1)
    return SharedLayer(weights: head.weights, bias: head.bias, center: head.center)
  }
}
