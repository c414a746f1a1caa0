package import AssayWeights

/// Layers over the last axis: of tokens `[N, T, C]`, or of maps turned to `[N, H, W, C]`.
extension GraphBuilder {
  /// - Parameter order: of the axes behind `N`, counted from 0.
  package mutating func transpose(_ x: GraphValue, _ order: [Int], name: String) -> GraphValue {
    node(
      "Transpose", [x.name], name: name, shape: order.map { x.shape[$0] }, [.ints("perm", [0] + order.map { $0 + 1 })])
  }

  /// Layer normalisation (Ba et al. 2016) over the last axis with `key.weight` and `key.bias`, each `[C]`.
  package mutating func layerNormalisation(
    _ x: GraphValue, epsilon: Float, weights: some WeightSource, key: String, name: String? = nil
  ) throws(WeightsError) -> GraphValue {
    let channels = x.shape.last ?? 0
    let name = name ?? key
    // Taps at several depths share the network's last normalisation.
    var inputs = [x.name]
    for part in ["weight", "bias"] {
      let own = "\(name).\(part)"
      inputs.append(
        constant(try weights.tensor("\(key).\(part)", shape: [channels]).values, shape: [channels], name: own))
    }
    return node(
      "LayerNormalization", inputs, name: name, shape: x.shape, [.int("axis", -1), .float("epsilon", epsilon)])
  }

  /// Rows of a matrix as outputs of the last axis: x Wᵀ + b.
  /// - Parameters:
  ///   - weights: `[O, I]`, row-major, as PyTorch keeps them.
  ///   - bias: `[O]`.
  package mutating func linear(_ x: GraphValue, weights: [Float], bias: [Float], name: String) -> GraphValue {
    let outputs = bias.count
    let inputs = x.shape.last ?? 1
    precondition(weights.count == outputs * inputs, "\(name): \(weights.count) weights for \(inputs) inputs")
    let turned = [Float](unsafeUninitializedCapacity: weights.count) { target, count in
      for row in 0..<outputs {
        for column in 0..<inputs { target[column * outputs + row] = weights[row * inputs + column] }
      }
      count = weights.count
    }
    let matrix = constant(turned, shape: [inputs, outputs], name: name + ".weight")
    let shape = x.shape.dropLast() + [outputs]
    let product = node("MatMul", [x.name, matrix], name: name + ".product", shape: Array(shape))
    return binary("Add", product, constant: bias, shape: [outputs], name: name)
  }

  /// ``linear(_:weights:bias:name:)`` with `key.weight` `[outputs, I]` and `key.bias` `[outputs]`.
  package mutating func linear(
    _ x: GraphValue, outputs: Int, weights: some WeightSource, key: String
  ) throws(WeightsError) -> GraphValue {
    let matrix = try weights.tensor(key + ".weight", shape: [outputs, x.shape.last ?? 1]).values
    return linear(x, weights: matrix, bias: try weights.tensor(key + ".bias", shape: [outputs]).values, name: key)
  }

  /// Softmax over the last axis.
  package mutating func softmax(_ x: GraphValue, name: String) -> GraphValue {
    node("Softmax", [x.name], name: name, shape: x.shape, [.int("axis", -1)])
  }
}
