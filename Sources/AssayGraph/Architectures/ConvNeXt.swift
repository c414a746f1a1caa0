public import AssayWeights

/// ConvNeXt (Liu et al. 2022, table 9).
///
/// Taps: `stage1` to `stage3` and `features`, the stages' outputs, with strides of 4 to 32 pixels.
public struct ConvNeXt: Architecture {
  public enum Variant: String, Sendable, CaseIterable {
    case tiny = "convnext-tiny"
    case small = "convnext-small"
    case base = "convnext-base"

    package var depths: [Int] { self == .tiny ? [3, 3, 9, 3] : [3, 3, 27, 3] }
    package var widths: [Int] { (0..<4).map { (self == .base ? 128 : 96) << $0 } }
  }

  /// Whose names the parameters have.
  public enum Naming: String, Sendable, CaseIterable {
    case torchvision
    case timm
    case original

    package func stem(_ part: Int) -> String {
      switch self {
      case .torchvision: "features.0.\(part)"
      case .timm: "stem.\(part)"
      case .original: "downsample_layers.0.\(part)"
      }
    }

    /// Before a stage, from 1: normalisation (0) and convolution (1).
    package func downsampling(_ stage: Int, _ part: Int) -> String {
      switch self {
      case .torchvision: "features.\(2 * stage).\(part)"
      case .timm: "stages.\(stage).downsample.\(part)"
      case .original: "downsample_layers.\(stage).\(part)"
      }
    }

    /// Of a block's parameters: depthwise convolution, normalisation, the two linear layers, the scale.
    package func block(_ stage: Int, _ position: Int) -> (key: String, parts: [String]) {
      switch self {
      case .torchvision:
        ("features.\(2 * stage + 1).\(position)", ["block.0", "block.2", "block.3", "block.5", "layer_scale"])
      case .timm: ("stages.\(stage).blocks.\(position)", ["conv_dw", "norm", "mlp.fc1", "mlp.fc2", "gamma"])
      case .original: ("stages.\(stage).\(position)", ["dwconv", "norm", "pwconv1", "pwconv2", "gamma"])
      }
    }
  }

  public let variant: Variant
  public let naming: Naming
  private static let epsilon: Float = 1e-6

  public init(_ variant: Variant, naming: Naming = .torchvision) {
    self.variant = variant
    self.naming = naming
  }

  public var name: String { variant.rawValue }
  public var smallestSide: Int { 32 }

  public var taps: [Tap] {
    variant.widths.enumerated().map { index, width in
      Tap(name: index == 3 ? "features" : "stage\(index + 1)", channels: width, stride: 4 << index)
    }
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = try builder.convolution(
      image, outputs: variant.widths[0], window: .square(4, stride: 4), hasBias: true, weights: weights,
      key: naming.stem(0))
    x = try normalised(&builder, x, weights, key: naming.stem(1))
    for (stage, depth) in variant.depths.enumerated() {
      if stage > 0 {
        x = try normalised(&builder, x, weights, key: naming.downsampling(stage, 0))
        x = try builder.convolution(
          x, outputs: variant.widths[stage], window: .square(2, stride: 2), hasBias: true, weights: weights,
          key: naming.downsampling(stage, 1))
      }
      for position in 0..<depth { x = try block(&builder, x, weights, stage, position) }
      found.offer(taps[stage].name, x)
      if found.isComplete { break }
    }
    return found.values
  }

  /// Layer normalisation over the channels of a map.
  private func normalised(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, key: String
  ) throws(WeightsError) -> GraphValue {
    var y = builder.transpose(x, [1, 2, 0], name: key + ".last")
    y = try builder.layerNormalisation(y, epsilon: Self.epsilon, weights: weights, key: key)
    return builder.transpose(y, [2, 0, 1], name: key + ".first")
  }

  /// Liu et al. 2022, figure 4, right.
  private func block(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, _ stage: Int, _ position: Int
  ) throws(WeightsError) -> GraphValue {
    let (key, parts) = naming.block(stage, position)
    let width = x.channels
    var y = try builder.convolution(
      x, outputs: width, window: .square(7, padding: 3), groups: width, hasBias: true, weights: weights,
      key: "\(key).\(parts[0])")
    y = builder.transpose(y, [1, 2, 0], name: key + ".last")
    y = try builder.layerNormalisation(y, epsilon: Self.epsilon, weights: weights, key: "\(key).\(parts[1])")
    y = try builder.linear(y, outputs: 4 * width, weights: weights, key: "\(key).\(parts[2])")
    y = builder.gelu(y, name: key + ".gelu")
    let scale = try weights.tensor(
      "\(key).\(parts[4])", shape: naming == .torchvision ? [width, 1, 1] : [width]
    ).values
    y = try builder.scaledLinear(y, outputs: width, weights: weights, key: "\(key).\(parts[3])", scale: scale)
    y = builder.transpose(y, [2, 0, 1], name: key + ".first")
    return builder.binary("Add", y, x, name: key)
  }
}

extension GraphBuilder {
  /// A linear layer whose outputs are multiplied by one number each (layer scale, Touvron et al. 2021), as one layer.
  package mutating func scaledLinear(
    _ x: GraphValue, outputs: Int, weights: some WeightSource, key: String, scale: [Float]
  ) throws(WeightsError) -> GraphValue {
    let inputs = x.shape.last ?? 1
    var matrix = try weights.tensor(key + ".weight", shape: [outputs, inputs]).values
    var bias = try weights.tensor(key + ".bias", shape: [outputs]).values
    for row in 0..<outputs {
      bias[row] *= scale[row]
      for column in row * inputs..<(row + 1) * inputs { matrix[column] *= scale[row] }
    }
    return linear(x, weights: matrix, bias: bias, name: key)
  }
}
