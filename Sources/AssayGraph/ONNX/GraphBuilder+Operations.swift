extension GraphBuilder {
  /// 2-D convolution with "same" padding as TensorFlow defines it: the odd pixel of padding goes to the lower right.
  /// - Parameter weights: `[O, I / groups, k, k]`.
  package mutating func convolution(
    _ x: GraphValue, weights: [Float], bias: [Float], kernel: Int, stride: Int = 1, groups: Int = 1, name: String
  ) -> GraphValue {
    let outputs = bias.count
    let height = (x.height + stride - 1) / stride
    let width = (x.width + stride - 1) / stride
    let padHeight = max(0, (height - 1) * stride + kernel - x.height)
    let padWidth = max(0, (width - 1) * stride + kernel - x.width)
    let w = constant(weights, shape: [outputs, x.channels / groups, kernel, kernel], name: name + ".weight")
    let b = constant(bias, shape: [outputs], name: name + ".bias")
    return node(
      "Conv", [x.name, w, b], name: name, shape: [outputs, height, width],
      [
        .ints("kernel_shape", [kernel, kernel]), .ints("strides", [stride, stride]), .int("group", groups),
        .ints("pads", [padHeight / 2, padWidth / 2, padHeight - padHeight / 2, padWidth - padWidth / 2]),
      ])
  }

  /// min(max(x, 0), 6)
  package mutating func relu6(_ x: GraphValue, name: String) -> GraphValue {
    let low = constant([0], shape: [], name: name + ".low")
    let high = constant([6], shape: [], name: name + ".high")
    return node("Clip", [x.name, low, high], name: name, shape: x.shape)
  }

  package mutating func binary(_ operation: String, _ x: GraphValue, _ y: GraphValue, name: String) -> GraphValue {
    node(operation, [x.name, y.name], name: name, shape: x.shape.count >= y.shape.count ? x.shape : y.shape)
  }

  /// An operation with a constant that is broadcast, `[C, 1, 1]` or `[D]`.
  package mutating func binary(
    _ operation: String, _ x: GraphValue, constant values: [Float], shape: [Int], name: String
  ) -> GraphValue {
    let c = constant(values, shape: shape, name: name + ".constant")
    return node(operation, [x.name, c], name: name, shape: x.shape)
  }

  /// Spatial mean `[N, C, 1, 1]`.
  package mutating func spatialMean(_ x: GraphValue, name: String) -> GraphValue {
    node("GlobalAveragePool", [x.name], name: name, shape: [x.channels, 1, 1])
  }

  /// `[N, C, 1, 1]` to `[N, C]`.
  package mutating func flatten(_ x: GraphValue, name: String) -> GraphValue {
    node("Flatten", [x.name], name: name, shape: [x.shape.reduce(1, *)], [.int("axis", 1)])
  }

  /// Reshapes everything but `N`.
  package mutating func reshape(_ x: GraphValue, _ shape: [Int], name: String) -> GraphValue {
    let target = integers([0] + shape, name: name + ".shape")
    return node("Reshape", [x.name, target], name: name, shape: shape)
  }

  package mutating func concatenate(_ values: [GraphValue], name: String) -> GraphValue {
    guard values.count > 1 else { return values[0] }
    return node(
      "Concat", values.map(\.name), name: name, shape: [values.reduce(0) { $0 + $1.channels }], [.int("axis", 1)])
  }
}
