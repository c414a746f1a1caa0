extension InvertedResidualNetwork {
  /// Whose names the parameters have.
  public enum Naming: String, Sendable, CaseIterable {
    case torchvision
    case timm
    /// That of the PyTorch port of the TensorFlow weights, `_blocks.0._expand_conv`; EfficientNet only.
    case original

    package struct Unit: Sendable {
      package let convolution: String
      package let normalisation: String

      package init(_ convolution: String, _ normalisation: String) {
        self.convolution = convolution
        self.normalisation = normalisation
      }

      /// A convolution and the normalisation that follow each other in a sequence.
      package init(in sequence: String) { self.init(sequence + ".0", sequence + ".1") }
    }

    package struct Block: Sendable {
      package let expand: Unit
      package let depthwise: Unit
      /// Squeeze and excitation.
      package let reduce: String
      package let widen: String
      package let project: Unit
    }

    package var stem: Unit {
      switch self {
      case .torchvision: Unit(in: "features.0")
      case .timm: Unit("conv_stem", "bn1")
      case .original: Unit("_conv_stem", "_bn0")
      }
    }

    package func head(of plan: Plan, _ variant: Variant) -> Unit {
      switch self {
      case .torchvision:
        Unit(in: "features.\(variant.isEfficientNet ? (plan.blocks.last?.stage ?? 0) + 1 : plan.blocks.count + 1)")
      // MobileNetV3's last convolution before the pooling counts as a stage there; conv_head lies behind the pooling.
      case .timm where plan.hasHardGates:
        Unit("blocks.\(plan.blocks.last?.stage ?? 0).0.conv", "blocks.\(plan.blocks.last?.stage ?? 0).0.bn1")
      case .timm: Unit("conv_head", "bn2")
      case .original: Unit("_conv_head", "_bn1")
      }
    }

    /// - Parameter index: of the block in the whole network, from 0.
    package func names(of block: InvertedResidualNetwork.Block, at index: Int, in variant: Variant) -> Block {
      let expands = block.expanded != nil
      switch self {
      case .torchvision where variant == .mobileNetV2:
        let key = "features.\(index + 1).conv"
        let first = expands ? 1 : 0
        return Block(
          expand: Unit(in: key + ".0"), depthwise: Unit(in: "\(key).\(first)"), reduce: "", widen: "",
          project: Unit("\(key).\(first + 1)", "\(key).\(first + 2)"))
      case .torchvision:
        let place = variant.isEfficientNet ? "\(block.stage).\(block.position)" : "\(index + 1)"
        let key = "features.\(place).block"
        let first = expands ? 1 : 0
        let last = first + (block.squeezed == nil ? 1 : 2)
        return Block(
          expand: Unit(in: key + ".0"), depthwise: Unit(in: "\(key).\(first)"), reduce: "\(key).\(first + 1).fc1",
          widen: "\(key).\(first + 1).fc2", project: Unit(in: "\(key).\(last)"))
      case .timm:
        let key = "blocks.\(block.stage - 1).\(block.position)."
        return Block(
          expand: Unit(key + "conv_pw", key + "bn1"), depthwise: Unit(key + "conv_dw", key + (expands ? "bn2" : "bn1")),
          reduce: key + "se.conv_reduce", widen: key + "se.conv_expand",
          project: expands ? Unit(key + "conv_pwl", key + "bn3") : Unit(key + "conv_pw", key + "bn2"))
      case .original:
        let key = "_blocks.\(index)."
        return Block(
          expand: Unit(key + "_expand_conv", key + "_bn0"), depthwise: Unit(key + "_depthwise_conv", key + "_bn1"),
          reduce: key + "_se_reduce", widen: key + "_se_expand", project: Unit(key + "_project_conv", key + "_bn2"))
      }
    }
  }
}
