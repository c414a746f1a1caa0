public import AssayWeights

/// Finds out by names and shapes alone which published network a state dict belongs to.
public enum NetworkRecognition {
  /// - Parameter convention: of padding, for EfficientNet and MobileNet: a state dict does not say. nil for what the
  ///   publishers of weights with such names used.
  /// - Throws: ``WeightsError`` that lists what was seen, when it is none of the known networks.
  public static func network(
    of state: StateDict, convention: InvertedResidualNetwork.Convention? = nil
  ) throws(WeightsError) -> any Architecture {
    let shapes = TensorShapes(state)
    guard let found = candidate(shapes, convention) else {
      throw WeightsError(
        file: state.source, cause: "its network is not known; seen were \(shapes.summary)",
        remedy: "bring weights of \(families), or export the network as ONNX and import that")
    }
    if convention != nil, !(found is InvertedResidualNetwork) {
      throw WeightsError(
        file: state.source, cause: "a convention of padding was given, and \(found.name) has only one",
        remedy: "leave it out")
    }
    try check(found, state)
    return found
  }

  /// The network that names and shapes belong to; whether every tensor is there is another question.
  package static func candidate(
    _ shapes: TensorShapes, _ convention: InvertedResidualNetwork.Convention?
  ) -> (any Architecture)? {
    let rules: [(TensorShapes) -> (any Architecture)?] = [
      residual, preactivated, plain, inception, { invertedResidual($0, convention) }, convNeXt, transformer,
    ]
    return rules.lazy.compactMap { $0(shapes) }.first
  }

  private static let families =
    "ResNet-18 to 152, Wide-ResNet-50-2, ResNet v2, VGG-16 or 19, Inception v3, MobileNet V2 or V3, EfficientNet-B0 to B4 "
    + "or Lite0 to 4, ConvNeXt, ViT or DINOv2"

  /// Every tensor of the network must be there, and nothing may be left over that the network would have to use.
  private static func check(_ network: some Architecture, _ state: StateDict) throws(WeightsError) {
    let inventory = try ParameterInventory(of: network, in: state)
    let left = state.tensors.keys.filter { !inventory.names.contains($0) && !isOfClassifier($0) }.sorted()
    if let first = left.first {
      throw WeightsError(
        file: state.source,
        cause:
          "it looks like \(network.name), but \(left.count) of its tensors have no place there, \(first.readable()) "
          + "among them: a variant that is not known",
        remedy: "export the network as ONNX and import that")
    }
  }

  /// What lies behind the last feature map, or serves training only.
  private static func isOfClassifier(_ name: String) -> Bool {
    let heads = [
      "fc.", "classifier.", "head.", "heads.", "_fc.", "pre_logits.", "AuxLogits.", "head_dist.", "fc_norm.",
    ]
    return heads.contains { name.hasPrefix($0) } || name.hasSuffix(".num_batches_tracked")
      || ["mask_token", "conv_head.weight", "conv_head.bias", "norm.weight", "norm.bias"].contains(name)
  }

  private static func residual(_ shapes: TensorShapes) -> ResNet? {
    guard let first = shapes["layer1.0.conv1.weight"], shapes["conv1.weight"] == [64, 3, 7, 7] else { return nil }
    let depths = (1...4).map { shapes.count(behind: "layer\($0).") }
    let isBottleneck = shapes.has("layer1.0.conv3.weight")
    switch (depths, isBottleneck) {
    case ([2, 2, 2, 2], false): return ResNet(.resnet18)
    case ([3, 4, 6, 3], false): return ResNet(.resnet34)
    case ([3, 4, 6, 3], true): return ResNet(first.first == 128 ? .wideResNet50 : .resnet50)
    case ([3, 4, 23, 3], true): return ResNet(.resnet101)
    case ([3, 8, 36, 3], true): return ResNet(.resnet152)
    default: return nil
    }
  }

  private static func preactivated(_ shapes: TensorShapes) -> ResNetV2? {
    guard shapes.has("stages.0.blocks.0.norm1.weight"), shapes["stem.conv.weight"] == [64, 3, 7, 7] else { return nil }
    let depths = (0..<4).map { shapes.count(behind: "stages.\($0).blocks.") }
    guard let depth = ResNetV2.Depth.allCases.first(where: { $0.blocks == depths }) else { return nil }
    return ResNetV2(depth, shapes.has("norm.running_mean") ? .batch : .groups)
  }

  private static func plain(_ shapes: TensorShapes) -> VGG? {
    guard shapes["features.0.weight"] == [64, 3, 3, 3] else { return nil }
    let hasBatchNormalisation = shapes.has("features.1.running_mean")
    let convolutions = shapes.shapes.filter { $0.key.hasPrefix("features.") && $0.value.count == 4 }.count
    return VGG.Depth.allCases.first { $0.rawValue == convolutions + 3 }
      .map { VGG($0, hasBatchNormalisation: hasBatchNormalisation) }
  }

  private static func inception(_ shapes: TensorShapes) -> InceptionV3? {
    shapes.has("Conv2d_1a_3x3.conv.weight") && shapes.has("Mixed_7c.branch1x1.conv.weight") ? InceptionV3() : nil
  }

  /// The variant whose every convolution is there; they differ in at least one width or in their number of blocks.
  private static func invertedResidual(
    _ shapes: TensorShapes, _ convention: InvertedResidualNetwork.Convention?
  ) -> InvertedResidualNetwork? {
    for naming in InvertedResidualNetwork.Naming.allCases where shapes.has(naming.stem.convolution + ".weight") {
      // From the deepest: a shallow network's blocks may all be found in a deep one of the same width.
      for variant in InvertedResidualNetwork.Variant.allCases.reversed() {
        let network = InvertedResidualNetwork(variant, naming: naming, convention: convention)
        if network.fits(shapes) { return network }
      }
    }
    return nil
  }

  private static func convNeXt(_ shapes: TensorShapes) -> ConvNeXt? {
    for naming in ConvNeXt.Naming.allCases {
      let (key, parts) = naming.block(0, 0)
      guard shapes.has("\(key).\(parts[2]).weight"), let stem = shapes[naming.stem(0) + ".weight"] else { continue }
      return ConvNeXt.Variant.allCases.first { variant in
        let (last, _) = naming.block(2, variant.depths[2] - 1)
        let (beyond, _) = naming.block(2, variant.depths[2])
        return variant.widths.first == stem.first && shapes.has("\(last).\(parts[0]).weight")
          && !shapes.has("\(beyond).\(parts[0]).weight")
      }.map { ConvNeXt($0, naming: naming) }
    }
    return nil
  }

  private static func transformer(_ shapes: TensorShapes) -> VisionTransformer? {
    let isDINOv2 = shapes.has("mask_token") || shapes.has("register_tokens")
    let naming: VisionTransformer.Naming
    if shapes.has("patch_embed.proj.weight") {
      naming = isDINOv2 ? .dinov2 : .timm
    } else if shapes.has("conv_proj.weight") {
      naming = shapes.has("encoder.layers.encoder_layer_0.mlp.0.weight") ? .torchvision : .earlyTorchvision
    } else {
      return nil
    }
    guard let projection = shapes[naming.patches + ".weight"], projection.count == 4,
      let positions = shapes[naming.positions], positions.count == 3, shapes.has(naming.classToken)
    else { return nil }
    let depth = shapes.count(behind: naming == .timm || naming == .dinov2 ? "blocks." : "encoder.layers.encoder_layer_")
    let registers = shapes[naming.registers]?.dropFirst().first ?? 0
    let side = Int(Double(max(1, positions[1])).squareRoot())
    // Without a position of its own, the class token has been given one already.
    let hasClassPosition = side * side != positions[1]
    guard positions[1] > 0, positions[1] < 1 << 20, projection[0] % 64 == 0, projection[0] >= 64, projection[2] > 0,
      projection[2] == projection[3], depth > 0, depth % 4 == 0
    else { return nil }
    return VisionTransformer(
      .init(
        width: projection[0], depth: depth, patch: projection[2], gridSide: side, registers: registers,
        hasLayerScale: shapes.has("blocks.0.ls1.gamma"), hasClassPosition: hasClassPosition), naming: naming)
  }
}

extension InvertedResidualNetwork {
  /// Whether all convolutions and squeezes have the shapes found, and no block follows the last.
  fileprivate func fits(_ shapes: TensorShapes) -> Bool {
    func has(_ convolution: String, _ shape: [Int]) -> Bool { shapes[convolution + ".weight"] == shape }
    guard has(naming.stem.convolution, [plan.stem, 3, 3, 3]) else { return false }
    for (index, block) in plan.blocks.enumerated() {
      let names = naming.names(of: block, at: index, in: variant)
      if block.expanded != nil, !has(names.expand.convolution, [block.width, block.inputs, 1, 1]) { return false }
      guard has(names.depthwise.convolution, [block.width, 1, block.kernel, block.kernel]),
        has(names.project.convolution, [block.outputs, block.width, 1, 1])
      else { return false }
      if let squeezed = block.squeezed {
        guard has(names.reduce, [squeezed, block.width, 1, 1]) else { return false }
      } else if !names.reduce.isEmpty, variant != .mobileNetV2, shapes.has(names.reduce + ".weight") {
        return false
      }
    }
    return has(naming.head(of: plan, variant).convolution, [plan.head, plan.blocks.last?.outputs ?? 0, 1, 1])
  }
}
