/// MobileNetV2 of width 1 (Sandler et al. 2018, table 2).
///
/// Taps: `stage1` to `stage7`, the linear bottlenecks' outputs; `stage1.expanded` to `stage6.expanded`, the wide
/// activations that the stage behind makes of them; and `features`, the last 1 x 1 convolution's 1,280 channels.
public struct MobileNetV2: Architecture {
  /// Convolution, batch normalisation and, where it is activated, ReLU6.
  private struct Unit {
    let convolution: String
    let normalisation: String
    /// Name of the activation's node; nil without one.
    let activation: String?
    let outputs: Int
    let window: SlidingWindow
    var isDepthwise = false
  }

  struct InvertedResidual {
    /// Prefix of its parameters, for example `features.2`.
    let name: String
    /// 1...7
    let stage: Int
    let stride: Int
    let expansion: Int
    let inputs: Int
    let outputs: Int
    let isFirstOfStage: Bool
    let isLastOfStage: Bool

    var isResidual: Bool { stride == 1 && inputs == outputs }
  }

  let blocks: [InvertedResidual]

  public init() {
    /// (expansion, outputs, repeats, stride)
    let stages = [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]
    var blocks: [InvertedResidual] = []
    for (index, (expansion, outputs, repeats, stride)) in stages.enumerated() {
      for position in 0..<repeats {
        blocks.append(
          InvertedResidual(
            name: "features.\(blocks.count + 1)", stage: index + 1, stride: position == 0 ? stride : 1,
            expansion: expansion, inputs: blocks.last?.outputs ?? 32, outputs: outputs, isFirstOfStage: position == 0,
            isLastOfStage: position == repeats - 1))
      }
    }
    self.blocks = blocks
  }

  public var name: String { "mobilenet-v2" }
  public var smallestSide: Int { 1 }

  public var taps: [Tap] {
    var taps: [Tap] = []
    var stride = 2
    for block in blocks {
      if block.isFirstOfStage, block.expansion > 1 {
        taps.append(
          Tap(name: "stage\(block.stage - 1).expanded", channels: block.inputs * block.expansion, stride: stride))
      }
      stride *= block.stride
      if block.isLastOfStage { taps.append(Tap(name: "stage\(block.stage)", channels: block.outputs, stride: stride)) }
    }
    return taps + [Tap(name: "features", channels: 1280, stride: stride)]
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = try write(
      &builder, image, weights, activated("features.0", outputs: 32, window: .square(3, stride: 2, padding: 1)))
    for block in blocks {
      let key = block.name + ".conv"
      var y = x
      var layer = 0
      if block.expansion > 1 {
        y = try write(
          &builder, y, weights,
          activated("\(key).0", outputs: block.inputs * block.expansion, window: .square(1)))
        layer = 1
        if block.isFirstOfStage { found.offer("stage\(block.stage - 1).expanded", y) }
        if found.isComplete { return found.values }
      }
      y = try write(
        &builder, y, weights,
        activated(
          "\(key).\(layer)", outputs: y.channels, window: .square(3, stride: block.stride, padding: 1),
          isDepthwise: true))
      y = try write(
        &builder, y, weights,
        Unit(
          convolution: "\(key).\(layer + 1)", normalisation: "\(key).\(layer + 2)", activation: nil,
          outputs: block.outputs, window: .square(1)))
      x = block.isResidual ? builder.binary("Add", y, x, name: block.name) : y
      if block.isLastOfStage { found.offer("stage\(block.stage)", x) }
      if found.isComplete { return found.values }
    }
    let last = activated("features.\(blocks.count + 1)", outputs: 1280, window: .square(1))
    found.offer("features", try write(&builder, x, weights, last))
    return found.values
  }

  /// torchvision's triple of convolution, normalisation and ReLU6, numbered 0 to 2.
  private func activated(_ key: String, outputs: Int, window: SlidingWindow, isDepthwise: Bool = false) -> Unit {
    Unit(
      convolution: key + ".0", normalisation: key + ".1", activation: key + ".2", outputs: outputs, window: window,
      isDepthwise: isDepthwise)
  }

  private func write(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ weights: some WeightSource, _ unit: Unit
  ) throws(WeightsError) -> GraphValue {
    var y = try builder.convolution(
      x, outputs: unit.outputs, window: unit.window, groups: unit.isDepthwise ? x.channels : 1, weights: weights,
      key: unit.convolution)
    y = try builder.batchNormalisation(y, epsilon: 1e-5, weights: weights, key: unit.normalisation)
    return unit.activation.map { builder.relu6(y, name: $0) } ?? y
  }
}
