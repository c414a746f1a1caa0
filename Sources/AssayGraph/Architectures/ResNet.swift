public import AssayWeights

/// Residual networks (He et al. 2016, table 1; Zagoruyko and Komodakis 2016 for the wide one), with the stride in a
/// bottleneck's 3 x 3 convolution, as torchvision has it.
///
/// Taps: `stage1` to `stage3` and `features`, the outputs of `layer1` to `layer4`, with strides of 4 to 32 pixels.
public struct ResNet: Architecture {
  public enum Variant: String, Sendable, CaseIterable {
    case resnet18
    case resnet34
    case resnet50
    case resnet101
    case resnet152
    /// ResNet-50 with 3 x 3 convolutions of twice the width.
    case wideResNet50 = "wide-resnet50-2"
  }

  package struct Stage {
    package let tap: Tap
    package let blocks: [any ResidualBlock]
  }

  public let variant: Variant
  package let stages: [Stage]

  public init(_ variant: Variant) {
    self.variant = variant
    stages = Self.stages(of: variant)
  }

  public var name: String { variant.rawValue }
  public var taps: [Tap] { stages.map(\.tap) }
  public var smallestSide: Int { 1 }

  private static func stages(of variant: Variant) -> [Stage] {
    let depths =
      switch variant {
      case .resnet18: [2, 2, 2, 2]
      case .resnet34, .resnet50, .wideResNet50: [3, 4, 6, 3]
      case .resnet101: [3, 4, 23, 3]
      case .resnet152: [3, 8, 36, 3]
      }
    var inputs = 64
    return depths.enumerated().map { index, depth in
      let width = 64 << index
      let blocks = (0..<depth).map { position -> any ResidualBlock in
        let name = "layer\(index + 1).\(position)"
        let stride = index > 0 && position == 0 ? 2 : 1
        let block: any ResidualBlock =
          switch variant {
          case .resnet18, .resnet34: BasicBlock(name: name, inputs: inputs, outputs: width, stride: stride)
          case .resnet50, .resnet101, .resnet152:
            Bottleneck(name: name, inputs: inputs, width: width, outputs: 4 * width, stride: stride)
          case .wideResNet50:
            Bottleneck(name: name, inputs: inputs, width: 2 * width, outputs: 4 * width, stride: stride)
          }
        inputs = block.outputs
        return block
      }
      let tap = Tap(
        name: index == depths.count - 1 ? "features" : "stage\(index + 1)", channels: inputs, stride: 4 << index)
      return Stage(tap: tap, blocks: blocks)
    }
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = try builder.convolution(
      image, outputs: 64, window: .square(7, stride: 2, padding: 3), weights: weights, key: "conv1")
    x = try builder.batchNormalisation(x, epsilon: 1e-5, weights: weights, key: "bn1")
    x = builder.relu(x, name: "relu")
    x = builder.maximumPool(x, window: .square(3, stride: 2, padding: 1), name: "maxpool")
    for stage in stages {
      for block in stage.blocks { x = try block.write(to: &builder, x, weights) }
      found.offer(stage.tap.name, x)
      if found.isComplete { break }
    }
    return found.values
  }
}
