/// What a node of the training graph does. Parameters are named; their values live in the network.
enum Operation {
  struct Window: Equatable {
    var kernel: [Int]
    var strides: [Int]
    /// 1 for a dense window.
    var dilations: [Int]
    /// Pixels of padding before and after, `[height, width]`.
    var before: [Int]
    var after: [Int]
  }

  enum Activation: Equatable {
    case relu, relu6
    case clip(Float, Float)
    /// Slope below zero.
    case leakyRelu(Float)
    case sigmoid, silu, gelu, geluTanh, hardSwish, tanh
    /// max(0, min(1, alpha x + beta))
    case hardSigmoid(Float, Float)
    /// Only as a part of GELU.
    case erf
  }

  enum Pooling: Equatable { case maximum, averageWithPadding, averageWithoutPadding }

  /// A per-channel or scalar constant: y = x * scale + shift.
  struct Affine: Equatable {
    /// One value, or one for each channel.
    var scale: [Float]
    var shift: [Float]
  }

  case convolution(weights: String, bias: String?, Window, groups: Int)
  case batchNormalization(scale: String, shift: String, mean: String, variance: String, epsilon: Float)
  case activation(Activation)
  case pooling(Pooling, Window)
  case globalAverage
  case add
  /// x * y of one shape, or y of `[N, C, 1, 1]` (squeeze-and-excite).
  case multiply
  case affine(Affine)
  /// x + parameter, which is broadcast over leading dimensions.
  case addParameter(String)
  case concatenate(axis: Int)
  /// x W (+ b) over the last dimension; `isTransposed` when the weights are `[O, D]`.
  case linear(weights: String, bias: String?, isTransposed: Bool)
  case matrixProduct
  /// Over the last dimension.
  case softmax
  /// Over the last dimension.
  case layerNormalization(scale: String, shift: String?, epsilon: Float)
  case reshape([Int])
  case transpose([Int])
  /// A window of its input that begins at these offsets, one for each axis; zero where it reaches beyond.
  case window([Int])
  case dropout(Float)
}

/// One step of a network in training.
struct OperationNode {
  /// The ONNX node's first output, or its name.
  let name: String
  let operation: Operation
  let inputs: [String]
  let output: String
  /// With the batch.
  let shape: [Int]
}
