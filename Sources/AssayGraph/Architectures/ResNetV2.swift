public import AssayWeights

/// Residual networks with activations before the convolutions (He et al. 2016, "Identity mappings in deep residual
/// networks"), as timm has them: with batch normalisation, or with group normalisation and standardised weights ("Big
/// Transfer", Kolesnikov et al. 2020; Qiao et al. 2019).
///
/// Taps: `stage1` to `stage3`, normalised and activated as the following stage begins, with strides of 4 to 16 pixels, and
/// `features` behind the last activation.
public struct ResNetV2: Architecture {
  public enum Depth: Int, Sendable, CaseIterable {
    case fifty = 50
    case oneHundredOne = 101
    case oneHundredFiftyTwo = 152

    package var blocks: [Int] {
      switch self {
      case .fifty: [3, 4, 6, 3]
      case .oneHundredOne: [3, 4, 23, 3]
      case .oneHundredFiftyTwo: [3, 8, 36, 3]
      }
    }
  }

  public enum Normalising: Sendable {
    case batch
    /// Groups of channels, 32 of them; convolutions are standardised.
    case groups
  }

  public let depth: Depth
  public let normalising: Normalising

  public init(_ depth: Depth, _ normalising: Normalising = .batch) {
    self.depth = depth
    self.normalising = normalising
  }

  public var name: String { "resnetv2-\(depth.rawValue)" + (normalising == .groups ? "-bit" : "") }
  public var smallestSide: Int { 1 }
  public var normalisation: ImportedBackbone.Normalisation { .half }

  public var taps: [Tap] {
    (0..<4).map { Tap(name: $0 == 3 ? "features" : "stage\($0 + 1)", channels: 256 << $0, stride: 4 << $0) }
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = try convolution(
      &builder, image, weights, outputs: 64, .square(7, stride: 2, padding: 3), key: "stem.conv")
    x = maximum(&builder, x)
    for (stage, count) in depth.blocks.enumerated() {
      for position in 0..<count {
        let key = "stages.\(stage).blocks.\(position)"
        let y = try activated(&builder, x, weights, key: key + ".norm1")
        if position == 0, stage > 0 {
          found.offer("stage\(stage)", y)
          if found.isComplete { return found.values }
        }
        x = try block(&builder, x, activated: y, weights, stage: stage, position: position, key: key)
      }
    }
    found.offer("features", try activated(&builder, x, weights, key: "norm"))
    return found.values
  }

  /// He et al. 2016, figure 4 (e), with three convolutions.
  private func block(
    _ builder: inout GraphBuilder, _ x: GraphValue, activated start: GraphValue, _ weights: some WeightSource,
    stage: Int, position: Int, key: String
  ) throws(WeightsError) -> GraphValue {
    let outputs = 256 << stage
    let stride = position == 0 && stage > 0 ? 2 : 1
    var shortcut = x
    if position == 0 {
      shortcut = try convolution(
        &builder, start, weights, outputs: outputs, .square(1, stride: stride), key: key + ".downsample.conv")
    }
    var y = try convolution(&builder, start, weights, outputs: outputs / 4, .square(1), key: key + ".conv1")
    y = try activated(&builder, y, weights, key: key + ".norm2")
    y = try convolution(
      &builder, y, weights, outputs: outputs / 4, .square(3, stride: stride, padding: 1), key: key + ".conv2")
    y = try activated(&builder, y, weights, key: key + ".norm3")
    y = try convolution(&builder, y, weights, outputs: outputs, .square(1), key: key + ".conv3")
    return builder.binary("Add", y, shortcut, name: key)
  }

  private func convolution(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, outputs: Int,
    _ window: SlidingWindow, key: String
  ) throws(WeightsError) -> GraphValue {
    switch normalising {
    case .batch: try builder.convolution(x, outputs: outputs, window: window, weights: weights, key: key)
    case .groups:
      try builder.convolution(
        x, outputs: outputs, window: window, weights: StandardisedWeights(source: weights), key: key)
    }
  }

  /// The group-normalised networks pad with zeros, which can win where no ReLU lies before.
  private func maximum(_ builder: inout GraphBuilder, _ x: GraphValue) -> GraphValue {
    guard normalising == .groups else {
      return builder.maximumPool(x, window: .square(3, stride: 2, padding: 1), name: "stem.pool")
    }
    let pads = builder.integers([0, 0, 1, 1, 0, 0, 1, 1], name: "stem.pad.sizes")
    let padded = builder.node(
      "Pad", [x.name, pads], name: "stem.pad", shape: [x.channels, x.height + 2, x.width + 2])
    return builder.maximumPool(padded, window: .square(3, stride: 2), name: "stem.pool")
  }

  private func activated(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, key: String
  ) throws(WeightsError) -> GraphValue {
    let y: GraphValue
    switch normalising {
    case .batch: y = try builder.batchNormalisation(x, epsilon: 1e-5, weights: weights, key: key)
    case .groups: y = try builder.groupNormalisation(x, groups: 32, epsilon: 1e-5, weights: weights, key: key)
    }
    return builder.relu(y, name: key + ".relu")
  }
}

/// Convolutions' weights with mean 0 and variance 1 for each output (Qiao et al. 2019, equation 4).
private struct StandardisedWeights<Source: WeightSource>: WeightSource {
  let source: Source

  func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> StateDict.Tensor {
    let tensor = try source.tensor(name, shape: shape)
    var values = tensor.values
    let count = shape.dropFirst().reduce(1, *)
    for start in stride(from: 0, to: values.count, by: max(1, count)) {
      let own = start..<start + count
      let mean = values[own].reduce(0.0) { $0 + Double($1) } / Double(count)
      let variance = values[own].reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
      let factor = 1 / (variance + 1e-8).squareRoot()
      for index in own { values[index] = Float((Double(values[index]) - mean) * factor) }
    }
    return StateDict.Tensor(shape: shape, values: values)
  }
}

extension GraphBuilder {
  /// Group normalisation (Wu and He 2018) with `key.weight` and `key.bias`, each `[C]`.
  package mutating func groupNormalisation(
    _ x: GraphValue, groups: Int, epsilon: Float, weights: some WeightSource, key: String
  ) throws(WeightsError) -> GraphValue {
    // The operator set has no such operator yet: it is an instance normalisation over each group as one channel.
    let rows = reshape(x, [groups, x.shape.reduce(1, *) / groups], name: key + ".groups")
    let one = constant([Float](repeating: 1, count: groups), shape: [groups], name: key + ".one")
    let zero = constant([Float](repeating: 0, count: groups), shape: [groups], name: key + ".zero")
    let normal = node(
      "InstanceNormalization", [rows.name, one, zero], name: key + ".normal", shape: rows.shape,
      [.float("epsilon", epsilon)])
    let map = reshape(normal, x.shape, name: key + ".map")
    let scale = try weights.tensor(key + ".weight", shape: [x.channels]).values
    let shift = try weights.tensor(key + ".bias", shape: [x.channels]).values
    let scaled = binary("Mul", map, constant: scale, shape: [x.channels, 1, 1], name: key + ".scaled")
    return binary("Add", scaled, constant: shift, shape: [x.channels, 1, 1], name: key)
  }
}
