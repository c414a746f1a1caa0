extension InvertedResidualNetwork {
  public enum Variant: String, Sendable, CaseIterable {
    case mobileNetV2 = "mobilenet-v2"
    case mobileNetV3Small = "mobilenet-v3-small"
    case mobileNetV3Large = "mobilenet-v3-large"
    case efficientNetB0 = "efficientnet-b0"
    case efficientNetB1 = "efficientnet-b1"
    case efficientNetB2 = "efficientnet-b2"
    case efficientNetB3 = "efficientnet-b3"
    case efficientNetB4 = "efficientnet-b4"
    case efficientNetLite0 = "efficientnet-lite0"
    case efficientNetLite1 = "efficientnet-lite1"
    case efficientNetLite2 = "efficientnet-lite2"
    case efficientNetLite3 = "efficientnet-lite3"
    case efficientNetLite4 = "efficientnet-lite4"

    package var isLite: Bool { rawValue.hasPrefix("efficientnet-lite") }
    package var isEfficientNet: Bool { rawValue.hasPrefix("efficientnet-") }

    /// Side of the images that the published weights were evaluated with.
    public var nativeSize: Int {
      switch self {
      case .efficientNetB1, .efficientNetLite1: 240
      case .efficientNetB2: 288
      case .efficientNetLite2: 260
      case .efficientNetLite3: 280
      case .efficientNetB3, .efficientNetLite4: 300
      case .efficientNetB4: 380
      default: 224
      }
    }

    /// Multipliers of width and depth (Tan and Le 2019, section 4).
    package var scaling: (width: Double, depth: Double) {
      switch self {
      case .efficientNetB1, .efficientNetLite1: (1, 1.1)
      case .efficientNetB2, .efficientNetLite2: (1.1, 1.2)
      case .efficientNetB3, .efficientNetLite3: (1.2, 1.4)
      case .efficientNetB4, .efficientNetLite4: (1.4, 1.8)
      default: (1, 1)
      }
    }
  }

  package enum Activation: Sendable {
    case relu
    case relu6
    case hardSwish
    case silu

    package func write(to builder: inout GraphBuilder, _ x: GraphValue, name: String) -> GraphValue {
      switch self {
      case .relu: builder.relu(x, name: name)
      case .relu6: builder.relu6(x, name: name)
      case .hardSwish: builder.hardSwish(x, name: name)
      case .silu: builder.silu(x, name: name)
      }
    }
  }

  package struct Block: Sendable {
    /// From 1.
    package let stage: Int
    /// Within the stage, from 0.
    package let position: Int
    package let isLastOfStage: Bool
    package let kernel: Int
    package let stride: Int
    package let inputs: Int
    /// Channels of the first 1 x 1 convolution; nil without one.
    package let expanded: Int?
    package let outputs: Int
    /// Channels between squeeze and excitation; nil without them.
    package let squeezed: Int?
    package let activation: Activation

    package var isFirstOfStage: Bool { position == 0 }
    /// Channels of the depthwise convolution.
    package var width: Int { expanded ?? inputs }
    package var isResidual: Bool { stride == 1 && inputs == outputs }
  }

  /// Every layer's size.
  package struct Plan: Sendable {
    package let stem: Int
    package private(set) var blocks: [Block] = []
    package let head: Int
    /// Of stem and head.
    package let activation: Activation
    /// Piecewise linear gates (MobileNetV3) instead of sigmoids.
    package let hasHardGates: Bool

    /// Of one block: kernel, expanded channels, outputs, squeeze, hard swish, stride.
    private typealias Row = (kernel: Int, expanded: Int, outputs: Int, squeezes: Bool, isHard: Bool, stride: Int)

    package init(_ variant: Variant) {
      switch variant {
      case .mobileNetV2: self.init(stem: 32, head: 1280, activation: .relu6)
      case .mobileNetV3Small: self.init(stem: 16, head: 576, activation: .hardSwish, hasHardGates: true)
      case .mobileNetV3Large: self.init(stem: 16, head: 960, activation: .hardSwish, hasHardGates: true)
      default:
        let width = variant.isLite ? 1 : variant.scaling.width
        self.init(
          stem: Self.rounded(32 * width), head: Self.rounded(1280 * width), activation: variant.isLite ? .relu6 : .silu)
      }
      switch variant {
      case .mobileNetV2: appendMobileNetV2()
      case .mobileNetV3Small: append(Self.small)
      case .mobileNetV3Large: append(Self.large)
      default: appendEfficientNet(variant)
      }
    }

    private init(stem: Int, head: Int, activation: Activation, hasHardGates: Bool = false) {
      self.stem = stem
      self.head = head
      self.activation = activation
      self.hasHardGates = hasHardGates
    }

    /// The nearest multiple of 8, but not below nine tenths of what was asked for.
    package static func rounded(_ channels: Double) -> Int {
      let nearest = max(8, Int(channels + 4) / 8 * 8)
      return Double(nearest) < 0.9 * channels ? nearest + 8 : nearest
    }

    /// Sandler et al. 2018, table 2: expansion, outputs, repeats, stride.
    private mutating func appendMobileNetV2() {
      let stages = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
      ]
      for (index, (expansion, outputs, repeats, stride)) in stages.enumerated() {
        appendStage(
          index + 1, repeats: repeats, kernel: 3, stride: stride, expansion: expansion, outputs: outputs,
          squeezes: false)
      }
    }

    /// Tan and Le 2019, table 1, scaled: repeats, kernel, stride, expansion, outputs.
    private mutating func appendEfficientNet(_ variant: Variant) {
      let stages = [
        (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
      ]
      for (index, (repeats, kernel, stride, expansion, outputs)) in stages.enumerated() {
        let isOuter = index == 0 || index == stages.count - 1
        let deeper = Int((variant.scaling.depth * Double(repeats)).rounded(.up))
        appendStage(
          index + 1, repeats: variant.isLite && isOuter ? repeats : deeper, kernel: kernel, stride: stride,
          expansion: expansion, outputs: Self.rounded(Double(outputs) * variant.scaling.width),
          squeezes: !variant.isLite)
      }
    }

    private mutating func appendStage(
      _ stage: Int, repeats: Int, kernel: Int, stride: Int, expansion: Int, outputs: Int, squeezes: Bool
    ) {
      for position in 0..<repeats {
        let inputs = blocks.last?.outputs ?? stem
        blocks.append(
          Block(
            stage: stage, position: position, isLastOfStage: position == repeats - 1, kernel: kernel,
            stride: position == 0 ? stride : 1, inputs: inputs, expanded: expansion > 1 ? inputs * expansion : nil,
            outputs: outputs, squeezed: squeezes ? max(1, inputs / 4) : nil, activation: activation))
      }
    }

    /// A new stage begins where the stride or the number of outputs changes.
    private mutating func append(_ rows: [[Row]]) {
      for (index, stage) in rows.enumerated() {
        for (position, row) in stage.enumerated() {
          let inputs = blocks.last?.outputs ?? stem
          blocks.append(
            Block(
              stage: index + 1, position: position, isLastOfStage: position == stage.count - 1, kernel: row.kernel,
              stride: row.stride, inputs: inputs, expanded: row.expanded == inputs ? nil : row.expanded,
              outputs: row.outputs, squeezed: row.squeezes ? Self.rounded(Double(row.expanded) / 4) : nil,
              activation: row.isHard ? .hardSwish : .relu))
        }
      }
    }

    /// Howard et al. 2019, table 1.
    private static let large: [[Row]] = [
      [(3, 16, 16, false, false, 1)],
      [(3, 64, 24, false, false, 2), (3, 72, 24, false, false, 1)],
      [(5, 72, 40, true, false, 2), (5, 120, 40, true, false, 1), (5, 120, 40, true, false, 1)],
      [
        (3, 240, 80, false, true, 2), (3, 200, 80, false, true, 1), (3, 184, 80, false, true, 1),
        (3, 184, 80, false, true, 1),
      ],
      [(3, 480, 112, true, true, 1), (3, 672, 112, true, true, 1)],
      [(5, 672, 160, true, true, 2), (5, 960, 160, true, true, 1), (5, 960, 160, true, true, 1)],
    ]

    /// Howard et al. 2019, table 2.
    private static let small: [[Row]] = [
      [(3, 16, 16, true, false, 2)],
      [(3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1)],
      [(5, 96, 40, true, true, 2), (5, 240, 40, true, true, 1), (5, 240, 40, true, true, 1)],
      [(5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1)],
      [(5, 288, 96, true, true, 2), (5, 576, 96, true, true, 1), (5, 576, 96, true, true, 1)],
    ]
  }
}
