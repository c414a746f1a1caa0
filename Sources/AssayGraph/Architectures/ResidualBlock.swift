package import AssayWeights

/// A block of a residual network: ReLU(branch(x) + shortcut(x)).
package protocol ResidualBlock: Sendable {
  /// Prefix of its parameters, for example `layer1.0`; also the name of its output.
  var name: String { get }
  var inputs: Int { get }
  var outputs: Int { get }
  var stride: Int { get }
  /// Convolutions of the branch, each followed by a batch normalisation, and by a ReLU between two.
  var convolutions: [(outputs: Int, window: SlidingWindow)] { get }
}

/// Two 3 x 3 convolutions (He et al. 2016, figure 5, left).
package struct BasicBlock: ResidualBlock {
  package let name: String
  package let inputs: Int
  package let outputs: Int
  package let stride: Int

  package var convolutions: [(outputs: Int, window: SlidingWindow)] {
    [(outputs, .square(3, stride: stride, padding: 1)), (outputs, .square(3, padding: 1))]
  }
}

/// 1 x 1, 3 x 3 and 1 x 1 convolutions (He et al. 2016, figure 5, right).
package struct Bottleneck: ResidualBlock {
  package let name: String
  package let inputs: Int
  /// Channels of the 3 x 3 convolution.
  package let width: Int
  package let outputs: Int
  package let stride: Int

  package var convolutions: [(outputs: Int, window: SlidingWindow)] {
    [(width, .square(1)), (width, .square(3, stride: stride, padding: 1)), (outputs, .square(1))]
  }
}

extension ResidualBlock {
  package func write(
    to builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource
  ) throws(WeightsError) -> GraphValue {
    var y = x
    for (index, convolution) in convolutions.enumerated() {
      if index > 0 { y = builder.relu(y, name: "\(name).relu\(index)") }
      y = try builder.convolution(
        y, outputs: convolution.outputs, window: convolution.window, weights: weights, key: "\(name).conv\(index + 1)")
      y = try builder.batchNormalisation(y, epsilon: 1e-5, weights: weights, key: "\(name).bn\(index + 1)")
    }
    var shortcut = x
    if stride > 1 || inputs != outputs {
      shortcut = try builder.convolution(
        x, outputs: outputs, window: .square(1, stride: stride), weights: weights, key: name + ".downsample.0")
      shortcut = try builder.batchNormalisation(
        shortcut, epsilon: 1e-5, weights: weights, key: name + ".downsample.1")
    }
    return builder.relu(builder.binary("Add", y, shortcut, name: name + ".sum"), name: name)
  }
}
