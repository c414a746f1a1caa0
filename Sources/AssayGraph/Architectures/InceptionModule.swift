package import AssayWeights

/// A module of an Inception network: branches over the same input, concatenated along the channels.
package struct InceptionModule: Sendable {
  /// Convolution without bias, batch normalisation and ReLU.
  package struct Unit: Sendable {
    /// Within the module, for example `branch7x7_2`.
    package let name: String
    package let outputs: Int
    package let window: SlidingWindow

    package init(_ name: String, _ outputs: Int, _ window: SlidingWindow = .square(1)) {
      self.name = name
      self.outputs = outputs
      self.window = window
    }
  }

  package enum Pooling: Sendable {
    case maximum
    case average
  }

  /// Pooling, if any, then units one after another, then units side by side.
  package struct Branch: Sendable {
    package var pooling: Pooling?
    package var units: [Unit] = []
    package var fork: [Unit] = []
  }

  /// For example `Mixed_5b`.
  package let name: String
  package let branches: [Branch]

  package func write(
    to builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource
  ) throws(WeightsError) -> GraphValue {
    var maps: [GraphValue] = []
    for branch in branches {
      var y = x
      switch branch.pooling {
      case .maximum: y = builder.maximumPool(y, window: .square(3, stride: 2), name: name + ".pool")
      case .average: y = builder.averagePool(y, window: .square(3, padding: 1), name: name + ".pool")
      case nil: break
      }
      for unit in branch.units { y = try unit.write(to: &builder, y, weights, prefix: name + ".") }
      if branch.fork.isEmpty { maps.append(y) }
      for unit in branch.fork { maps.append(try unit.write(to: &builder, y, weights, prefix: name + ".")) }
    }
    return builder.concatenateChannels(maps, name: name)
  }
}

extension InceptionModule.Unit {
  package func write(
    to builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, prefix: String = ""
  ) throws(WeightsError) -> GraphValue {
    let key = prefix + name
    var y = try builder.convolution(x, outputs: outputs, window: window, weights: weights, key: key + ".conv")
    y = try builder.batchNormalisation(y, epsilon: 1e-3, weights: weights, key: key + ".bn")
    return builder.relu(y, name: key)
  }
}
