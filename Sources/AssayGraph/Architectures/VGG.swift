public import AssayWeights

/// The networks of Simonyan and Zisserman (2015, table 1, D and E), with or without batch normalisation.
///
/// Taps: `stage1` to `stage5`, the last activations before each pooling (1 to 16 pixels), and `features` behind the last
/// pooling (32 pixels).
public struct VGG: Architecture {
  public enum Depth: Int, Sendable, CaseIterable {
    case sixteen = 16
    case nineteen = 19
  }

  /// Some 3 x 3 convolutions of one width, and 2 x 2 pooling behind them.
  package struct Stage {
    package let convolutions: Int
    package let channels: Int
  }

  public let depth: Depth
  public let hasBatchNormalisation: Bool
  package let stages: [Stage]

  public init(_ depth: Depth, hasBatchNormalisation: Bool) {
    self.depth = depth
    self.hasBatchNormalisation = hasBatchNormalisation
    let counts =
      switch depth {
      case .sixteen: [2, 2, 3, 3, 3]
      case .nineteen: [2, 2, 4, 4, 4]
      }
    stages = zip(counts, [64, 128, 256, 512, 512]).map { Stage(convolutions: $0, channels: $1) }
  }

  public var name: String { "vgg\(depth.rawValue)" + (hasBatchNormalisation ? "-bn" : "") }

  public var taps: [Tap] {
    stages.enumerated().map { Tap(name: "stage\($0 + 1)", channels: $1.channels, stride: 1 << $0) } + [
      Tap(name: "features", channels: 512, stride: 32)
    ]
  }

  public var smallestSide: Int { 32 }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = image
    // torchvision numbers all layers, those without parameters too.
    var layer = 0
    func next() -> String {
      defer { layer += 1 }
      return "features.\(layer)"
    }
    for (index, stage) in stages.enumerated() {
      for _ in 0..<stage.convolutions {
        x = try builder.convolution(
          x, outputs: stage.channels, window: .square(3, padding: 1), hasBias: true, weights: weights, key: next())
        if hasBatchNormalisation {
          x = try builder.batchNormalisation(x, epsilon: 1e-5, weights: weights, key: next())
        }
        x = builder.relu(x, name: next())
      }
      found.offer("stage\(index + 1)", x)
      if found.isComplete { return found.values }
      x = builder.maximumPool(x, window: .square(2, stride: 2), name: next())
    }
    found.offer("features", x)
    return found.values
  }
}
