public import AssayWeights

/// Networks of inverted residuals (Sandler et al. 2018): MobileNetV2, MobileNetV3 (Howard et al. 2019), EfficientNet-B0 to
/// B4 (Tan and Le 2019) and EfficientNet-Lite0 to 4 (Liu 2020).
///
/// Taps: `stageN`, a stage's linear output; `stageN.expanded`, the wide activation that the stage behind makes of it; and
/// `features`, the last 1 x 1 convolution's.
public struct InvertedResidualNetwork: Architecture {
  /// What TensorFlow and PyTorch do differently; a state dict does not say which it was trained with.
  public enum Convention: String, Sendable, Codable, CaseIterable {
    /// Padding as much before as behind.
    case symmetric
    /// TensorFlow's "same": the odd position of padding goes to the lower right, and 1e-3 is added to variances.
    case same
  }

  public let variant: Variant
  public let naming: Naming
  public let convention: Convention
  package let plan: Plan

  /// - Parameter convention: nil for what the publishers of weights with such names used.
  public init(_ variant: Variant, naming: Naming = .torchvision, convention: Convention? = nil) {
    self.variant = variant
    self.naming = naming
    self.convention = convention ?? (naming == .original || variant.isLite ? .same : .symmetric)
    plan = Plan(variant)
  }

  public var name: String { variant.rawValue }
  public var smallestSide: Int { 1 }

  public var nativeSize: Int {
    switch (variant, naming) {
    // timm evaluates its conversions of these larger than their authors do.
    case (.efficientNetLite3, .timm): 300
    case (.efficientNetLite4, .timm): 380
    default: variant.nativeSize
    }
  }

  public var normalisation: ImportedBackbone.Normalisation {
    switch (variant.isLite, naming) {
    // (v - 127) / 128, as the original code has it.
    case (true, .original): .init(range: 255, mean: [127, 127, 127], deviation: [128, 128, 128], isBGR: false)
    case (true, _) where convention == .same: .half
    default: .imageNet
    }
  }

  public var taps: [Tap] {
    var taps: [Tap] = []
    var stride = 2
    for block in plan.blocks {
      if block.isFirstOfStage, block.stage > 1, block.expanded != nil {
        taps.append(Tap(name: "stage\(block.stage - 1).expanded", channels: block.width, stride: stride))
      }
      stride *= block.stride
      if block.isLastOfStage { taps.append(Tap(name: "stage\(block.stage)", channels: block.outputs, stride: stride)) }
    }
    return taps + [Tap(name: "features", channels: plan.head, stride: stride)]
  }

  /// The wide activations of the middle and late stages, which serve best on EfficientNet-Lite (docs/accuracy.md).
  public var defaultTaps: [String] { Array(taps.map(\.name).filter { $0.hasSuffix(".expanded") }.suffix(4)) }

  /// The last wide activations of 8 and of 16 pixels' stride.
  public var patchTaps: [String] {
    [8, 16].compactMap { stride in taps.last { $0.stride == stride && $0.name.hasSuffix(".expanded") }?.name }
  }

  private var epsilon: Float {
    switch (variant, naming) {
    case (.mobileNetV3Small, .torchvision), (.mobileNetV3Large, .torchvision): 1e-3
    default: convention == .same ? 1e-3 : 1e-5
    }
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = try unit(
      &builder, image, weights, naming.stem, outputs: plan.stem, kernel: 3, stride: 2, activation: plan.activation,
      name: "stem")
    for (index, block) in plan.blocks.enumerated() {
      let names = naming.names(of: block, at: index, in: variant)
      let name = "block\(index + 1)"
      var y = x
      if block.expanded != nil {
        y = try unit(
          &builder, y, weights, names.expand, outputs: block.width, activation: block.activation,
          name: name + ".expand")
        if block.isFirstOfStage { found.offer("stage\(block.stage - 1).expanded", y) }
        if found.isComplete { return found.values }
      }
      y = try unit(
        &builder, y, weights, names.depthwise, outputs: block.width, kernel: block.kernel, stride: block.stride,
        groups: block.width, activation: block.activation, name: name + ".depthwise")
      if let squeezed = block.squeezed {
        y = try excitation(&builder, y, weights, names, squeezed: squeezed, name: name + ".excited")
      }
      y = try unit(
        &builder, y, weights, names.project, outputs: block.outputs,
        // EfficientNet's and MobileNet's bottlenecks are linear.
        activation: nil, name: name + ".project")
      x = block.isResidual ? builder.binary("Add", y, x, name: name) : y
      if block.isLastOfStage { found.offer("stage\(block.stage)", x) }
      if found.isComplete { return found.values }
    }
    found.offer(
      "features",
      try unit(
        &builder, x, weights, naming.head(of: plan, variant), outputs: plan.head, activation: plan.activation,
        name: "head"))
    return found.values
  }

  /// Convolution, batch normalisation, and the activation where there is one.
  private func unit(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, _ names: Naming.Unit, outputs: Int,
    kernel: Int = 1, stride: Int = 1, groups: Int = 1, activation: Activation?, name: String
  ) throws(WeightsError) -> GraphValue {
    let padding: SlidingWindow.Padding =
      convention == .same ? .same : .symmetric(height: kernel / 2, width: kernel / 2)
    var y = try builder.convolution(
      x, outputs: outputs, window: SlidingWindow(height: kernel, width: kernel, stride: stride, padding: padding),
      groups: groups, weights: weights, key: names.convolution, name: name + ".convolution")
    y = try builder.batchNormalisation(
      y, epsilon: epsilon, weights: weights, key: names.normalisation, name: name + ".linear")
    return activation.map { $0.write(to: &builder, y, name: name) } ?? y
  }

  /// Squeeze and excitation (Hu et al. 2018, figure 2).
  private func excitation(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, _ names: Naming.Block, squeezed: Int,
    name: String
  ) throws(WeightsError) -> GraphValue {
    var gate = builder.spatialMean(x, name: name + ".squeezed")
    gate = try builder.convolution(
      gate, outputs: squeezed, window: .square(1), hasBias: true, weights: weights, key: names.reduce)
    gate = plan.hasHardGates ? builder.relu(gate, name: name + ".reduced") : builder.silu(gate, name: name + ".reduced")
    gate = try builder.convolution(
      gate, outputs: x.channels, window: .square(1), hasBias: true, weights: weights, key: names.widen)
    gate =
      plan.hasHardGates
      ? builder.hardSigmoid(gate, name: name + ".gate")
      : builder.node("Sigmoid", [gate.name], name: name + ".gate", shape: gate.shape)
    return builder.binary("Mul", x, gate, name: name)
  }
}
