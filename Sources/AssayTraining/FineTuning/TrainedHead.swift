/// A linear map on standardised features, `(x - mean) / scale W^T + b`, trained together with the network.
public final class TrainedHead {
  public let outputs: Int
  public let dimension: Int
  /// `[outputs, dimension]` and `[outputs]`.
  public let weights: Parameter
  public let bias: Parameter
  /// Standardisation: stays as it was fitted.
  public let mean: [Float]
  public let inverseScale: [Float]
  private var standardised: [Float] = []

  public init(weights: [Float], bias: [Float], mean: [Double], scale: [Double]) {
    outputs = bias.count
    dimension = mean.count
    precondition(weights.count == outputs * dimension && scale.count == dimension, "head and features differ")
    self.weights = Parameter(
      name: "head.weight", shape: [outputs, dimension], role: .weight, isTrained: true, values: weights, depth: .max)
    self.bias = Parameter(
      name: "head.bias", shape: [outputs], role: .bias, isTrained: true, values: bias, depth: .max)
    self.mean = mean.map { Float($0) }
    inverseScale = scale.map { Float(1 / $0) }
  }

  /// - Parameters:
  ///   - features: `[N, dimension]`.
  ///   - kept: dropout's factor of each number, `[N, dimension]`; empty without.
  func forward(_ features: [Float], kept: [Float] = [], images: Int) -> [Float] {
    if standardised.count != features.count { standardised = [Float](repeating: 0, count: features.count) }
    for image in 0..<images {
      for index in 0..<dimension {
        let at = image * dimension + index
        standardised[at] = (features[at] - mean[index]) * inverseScale[index] * (kept.isEmpty ? 1 : kept[at])
      }
    }
    var result = (0..<images).flatMap { _ in Array(bias.values) }
    guard let w = weights.values.baseAddress else { return result }
    standardised.withUnsafeBufferPointer { z in
      result.withUnsafeMutableBufferPointer { out in
        guard let z = z.baseAddress, let out = out.baseAddress else { return }
        MatrixProduct.run(
          z, w, isSecondTransposed: true, into: out, m: images, n: outputs, k: dimension, beta: 1)
      }
    }
    return result
  }

  /// Sets the gradients of weights and bias.
  /// - Parameter gradient: of the outputs of the last forward run, `[N, outputs]`.
  /// - Returns: the gradient of the features, `[N, dimension]`.
  func backward(_ gradient: [Float], kept: [Float] = [], images: Int) -> [Float] {
    var result = [Float](repeating: 0, count: images * dimension)
    guard let w = weights.values.baseAddress, let dw = weights.gradient.baseAddress else { return result }
    gradient.withUnsafeBufferPointer { g in
      guard let g = g.baseAddress else { return }
      RowSums.add(g, rows: images, into: bias.gradient)
      standardised.withUnsafeBufferPointer { z in
        guard let z = z.baseAddress else { return }
        MatrixProduct.run(g, isFirstTransposed: true, z, into: dw, m: outputs, n: dimension, k: images)
      }
      result.withUnsafeMutableBufferPointer { out in
        guard let out = out.baseAddress else { return }
        MatrixProduct.run(g, w, into: out, m: images, n: dimension, k: outputs)
      }
    }
    for image in 0..<images {
      for index in 0..<dimension {
        let at = image * dimension + index
        result[at] *= inverseScale[index] * (kept.isEmpty ? 1 : kept[at])
      }
    }
    return result
  }
}
