/// Where an architecture takes its parameters from, by the names that PyTorch's state dict has for them.
public protocol WeightSource: Sendable {
  /// - Parameters:
  ///   - name: for example `layer1.0.conv1.weight`.
  ///   - shape: that the architecture needs, in PyTorch's order: `[O, I / groups, kH, kW]` of a convolution, `[C]` of a
  ///     normalisation.
  /// - Throws: ``WeightsError`` when there is no such tensor, or it has another shape.
  func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> StateDict.Tensor
}

extension StateDict: WeightSource {}
