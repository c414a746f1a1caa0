package import AssayWeights

/// Layers as PyTorch has them. Parameters are taken from a source of weights under `key`, and are initializers of that name.
extension GraphBuilder {
  /// 2-D convolution with `key.weight` `[outputs, C / groups, kH, kW]` and, with a bias, `key.bias` `[outputs]`.
  /// - Parameter name: of the node and its value; the key unless given.
  package mutating func convolution(
    _ x: GraphValue, outputs: Int, window: SlidingWindow, groups: Int = 1, hasBias: Bool = false,
    weights: some WeightSource, key: String, name: String? = nil
  ) throws(WeightsError) -> GraphValue {
    let name = name ?? key
    let (height, width, attributes) = window.geometry(x, name: name)
    let shape = [outputs, x.channels / groups, window.height, window.width]
    var inputs = [x.name, try parameter(key + ".weight", shape: shape, weights)]
    if hasBias { inputs.append(try parameter(key + ".bias", shape: [outputs], weights)) }
    return node("Conv", inputs, name: name, shape: [outputs, height, width], attributes + [.int("group", groups)])
  }

  /// Batch normalisation (Ioffe and Szegedy 2015) with `key.weight`, `.bias`, `.running_mean` and `.running_var`, each `[C]`.
  /// - Parameters:
  ///   - epsilon: added to the variance.
  ///   - name: of the node and its value; the key unless given.
  package mutating func batchNormalisation(
    _ x: GraphValue, epsilon: Float, weights: some WeightSource, key: String, name: String? = nil
  ) throws(WeightsError) -> GraphValue {
    var inputs = [x.name]
    for part in ["weight", "bias", "running_mean", "running_var"] {
      inputs.append(try parameter("\(key).\(part)", shape: [x.channels], weights))
    }
    return node("BatchNormalization", inputs, name: name ?? key, shape: x.shape, [.float("epsilon", epsilon)])
  }

  package mutating func relu(_ x: GraphValue, name: String) -> GraphValue {
    node("Relu", [x.name], name: name, shape: x.shape)
  }

  /// Largest value in each window; padding never wins.
  package mutating func maximumPool(_ x: GraphValue, window: SlidingWindow, name: String) -> GraphValue {
    let (height, width, attributes) = window.geometry(x, name: name)
    return node("MaxPool", [x.name], name: name, shape: [x.channels, height, width], attributes)
  }

  /// Mean of each window; padding counts as zeros, as in PyTorch.
  package mutating func averagePool(_ x: GraphValue, window: SlidingWindow, name: String) -> GraphValue {
    let (height, width, attributes) = window.geometry(x, name: name)
    return node(
      "AveragePool", [x.name], name: name, shape: [x.channels, height, width],
      attributes + [.int("count_include_pad", 1)])
  }

  /// Maps of one height and width, one after another along the channels.
  package mutating func concatenateChannels(_ maps: [GraphValue], name: String) -> GraphValue {
    let first = maps[0]
    precondition(maps.allSatisfy { $0.shape.dropFirst() == first.shape.dropFirst() }, "\(name): maps differ in size")
    return node(
      "Concat", maps.map(\.name), name: name,
      shape: [maps.reduce(0) { $0 + $1.channels }, first.height, first.width], [.int("axis", 1)])
  }

  private mutating func parameter(
    _ name: String, shape: [Int], _ weights: some WeightSource
  ) throws(WeightsError) -> String {
    constant(try weights.tensor(name, shape: shape).values, shape: shape, name: name)
  }
}

extension Assay_Onnx_Attribute {
  package static func float(_ name: String, _ value: Float) -> Self {
    var attribute = Self()
    attribute.name = name
    attribute.type = .float
    attribute.f = value
    return attribute
  }
}
