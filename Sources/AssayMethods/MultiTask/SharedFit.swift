package import AssayData
package import AssayGraph
package import AssayLearning

/// A trained shared layer with what its outputs mean.
package struct SharedFit {
  package let representation: SharedRepresentation
  package let outputs: TaskOutputs

  /// On the layer's activations, with temperature and units folded in.
  package func head(_ task: TaskDescription, _ index: Int, temperature: Double) -> TaskHead {
    let own = representation.heads[index]
    let width = representation.layer.width
    return outputs.head(
      task, index, weights: own.weights, bias: own.bias, mean: [Double](repeating: 0, count: width),
      scale: [Double](repeating: 1, count: width), temperature: temperature)
  }
}
