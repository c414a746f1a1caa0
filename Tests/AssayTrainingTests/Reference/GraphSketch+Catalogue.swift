extension GraphSketch {
  /// A sketch of everything the training engine supports, with awkward extents: odd, unequal, not multiples of a
  /// vector's width.
  static let catalogue: [GraphSketch] = windows + elements + layers + shapes

  static let windows: [GraphSketch] = [
    conv(input: [2, 3, 7, 5], outputs: 5, kernel: [3, 3], pads: [1, 1, 1, 1]),
    conv(input: [2, 3, 9, 8], outputs: 4, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], bias: false),
    conv(input: [2, 5, 4, 3], outputs: 7, kernel: [1, 1]),
    conv(input: [2, 4, 5, 7], outputs: 6, kernel: [1, 1], strides: [2, 2], bias: false),
    conv(input: [1, 2, 6, 9], outputs: 3, kernel: [1, 5], pads: [0, 2, 0, 2]),
    conv(input: [2, 3, 8, 8], outputs: 4, kernel: [4, 4], strides: [4, 4]),
    conv(
      input: [2, 6, 9, 7], outputs: 4, kernel: [3, 3], strides: [2, 1], pads: [1, 0, 1, 2], dilations: [1, 2],
      group: 2),
    conv(input: [2, 8, 5, 6], outputs: 12, kernel: [3, 3], pads: [1, 1, 1, 1], group: 4, bias: false),
    conv(input: [2, 3, 7, 6], outputs: 6, kernel: [3, 3], pads: [1, 1, 1, 1], group: 3),
    depthwiseConv(input: [2, 9, 7, 6], kernel: [3, 3], pads: [1, 1, 1, 1]),
    depthwiseConv(input: [2, 9, 8, 7], kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], bias: false),
    depthwiseConv(input: [2, 17, 9, 8], kernel: [5, 5], pads: [2, 2, 2, 2]),
    depthwiseConv(input: [2, 10, 9, 11], kernel: [5, 5], strides: [2, 2], pads: [1, 2, 2, 1]),
    conv(input: [2, 3, 8, 7], outputs: 4, kernel: [3, 3], strides: [2, 2], autoPad: "SAME_UPPER"),
    conv(input: [2, 3, 8, 7], outputs: 4, kernel: [3, 3], strides: [2, 2], autoPad: "SAME_LOWER"),
    conv(input: [2, 3, 8, 7], outputs: 4, kernel: [3, 3], autoPad: "VALID"),
    maxPool(input: [2, 3, 7, 8], kernel: [2, 2], strides: [2, 2]),
    maxPool(input: [2, 3, 9, 7], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1]),
    maxPool(input: [2, 3, 8, 6], kernel: [3, 3], strides: [2, 2], ceilMode: true),
    averagePool(input: [2, 3, 8, 7], kernel: [2, 2], strides: [2, 2], countIncludePad: false),
    averagePool(input: [2, 3, 8, 7], kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], countIncludePad: false),
    averagePool(input: [2, 3, 8, 7], kernel: [3, 3], strides: [2, 1], pads: [0, 1, 1, 2], countIncludePad: true),
    averagePool(input: [2, 3, 8, 6], kernel: [3, 3], strides: [2, 2], countIncludePad: false, ceilMode: true),
    averagePool(
      input: [2, 3, 7, 6], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], countIncludePad: true, ceilMode: true),
    globalAveragePool(input: [2, 5, 3, 4]),
    reduceMean(input: [2, 5, 3, 4], axes: [2, 3], keepsAxes: false),
    reduceMean(input: [2, 5, 3, 4], axes: [-1, -2], keepsAxes: true, axesAsInput: true),
  ]

  static let elements: [GraphSketch] =
    Activation.allCases.map { activation($0, input: [2, 5, 3, 4]) } + [
      gelu(input: [2, 3, 7], byParts: true), relu(input: [3, 11]),
      residual(input: [2, 5, 4, 3]), squeezeExcite(input: [2, 7, 4, 3], squeezed: 3),
      dropout(input: [2, 13], ratio: 0.4),
    ]
    + ["Add", "Sub", "Mul", "Div"].flatMap { operation in
      [
        arithmetic(operation, input: [2, 5, 3, 4], constant: []),
        arithmetic(operation, input: [2, 5, 3, 4], constant: [5, 1, 1]),
        arithmetic(operation, input: [2, 5, 3, 4], constant: [1, 5, 1, 1], constantFirst: true),
        arithmetic(operation, input: [2, 3, 7], constant: [7]),
        arithmetic(operation, input: [2, 3, 7], constant: [1], constantFirst: true),
      ]
    }

  static let layers: [GraphSketch] = [
    batchNorm(input: [3, 5, 4, 3]),
    batchNorm(input: [7, 5], epsilon: 1e-3),
    convBatchNormRelu(input: [2, 3, 6, 5], outputs: 7, kernel: [3, 3], pads: [1, 1, 1, 1]),
    layerNorm(input: [2, 5, 7]),
    layerNorm(input: [3, 9], epsilon: 1e-6),
    layerNormByParts(input: [2, 5, 7]),
    softmax(input: [3, 7]),
    softmax(input: [2, 3, 4, 5]),
    softmax(input: [2, 5, 3], axis: 1),
    gemm(input: [3, 11], outputs: 5),
    gemm(input: [3, 11], outputs: 5, transB: false, alpha: 0.5, beta: 2),
    gemm(input: [3, 11], outputs: 5, bias: false),
    matMul(input: [3, 11], outputs: 5),
    matMul(input: [2, 5, 7], outputs: 3),
    matMul(input: [2, 3, 5, 7], outputs: 4),
    matMulOfActivations(input: [2, 5, 7], width: 3),
    matMulOfActivations(input: [2, 3, 5, 4], width: 6),
    multiHeadAttention(input: [2, 5, 6], heads: 2, fused: false),
    multiHeadAttention(input: [2, 5, 6], heads: 3, fused: true),
  ]

  static let shapes: [GraphSketch] = [
    concat(input: [2, 3, 4, 5], widths: [5, 2]),
    flatten(input: [2, 5, 3, 4]),
    reshape(input: [2, 6, 3, 4], to: [0, 2, 3, -1]),
    reshapeByShape(input: [2, 5, 3, 4]),
    transpose(input: [2, 5, 3, 4], permutation: [0, 2, 3, 1]),
    transpose(input: [2, 5, 7], permutation: [0, 2, 1]),
    split(input: [2, 6, 3, 4]),
    slice(input: [2, 6, 5, 4], starts: [1, -1], ends: [-1, -6], axes: [1, 2], steps: [2, -1]),
    slice(input: [2, 6, 5], starts: [1], ends: [9], axes: [1], steps: [1]),
    slice(input: [2, 20, 5, 4], starts: [3, -3], ends: [-2, -1], axes: [1, -1], steps: [1, 1]),
    pad(input: [2, 5, 7], pads: [0, 2, 0, 0, 0, 0]),
    pad(input: [2, 9, 4, 3], pads: [0, 0, 1, 2, 0, 3, 0, 1]),
    pad(input: [2, 5, 7], pads: [1, 2], axes: [-1]),
    tokens(input: [2, 3, 6, 4], patch: 2, width: 5),
  ]
}
