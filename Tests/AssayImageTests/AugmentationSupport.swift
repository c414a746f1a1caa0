import AssayImage

extension Augmentation {
  /// An augmentation with some fields set.
  static func with(_ change: (inout Augmentation) -> Void) -> Augmentation {
    var augmentation = Augmentation()
    change(&augmentation)
    return augmentation
  }

  /// The network's input `[3, height, width]`, of the source's size when none is given.
  func input(
    from source: AugmentationSource, width: Int? = nil, height: Int? = nil,
    using workspace: AugmentationWorkspace = AugmentationWorkspace()
  ) throws -> [Float] {
    let (width, height) = (width ?? source.width, height ?? source.height)
    // Something that a pixel left out would show.
    var output = [Float](repeating: -9, count: 3 * width * height)
    try output.withUnsafeMutableBufferPointer {
      try apply(to: source, width: width, height: height, into: $0, using: workspace)
    }
    return output
  }

  /// One plane of a gray image.
  func plane(of values: [Float], width: Int) throws -> [Float] {
    let source = AugmentationSource(
      planar: values + values + values, width: width, height: values.count / width, precision: .float)
    return Array(try input(from: source).prefix(values.count))
  }
}

extension Augmenter {
  func input(
    from source: AugmentationSource, epoch: Int, image: UInt64,
    using workspace: AugmentationWorkspace = AugmentationWorkspace()
  ) throws -> [Float] {
    var output = [Float](repeating: -9, count: 3 * width * height)
    try output.withUnsafeMutableBufferPointer {
      try apply(to: source, epoch: epoch, image: image, into: $0, using: workspace)
    }
    return output
  }
}

extension AugmentationSource {
  /// Noise in each of three planes, or the same in all.
  static func random(width: Int, height: Int, isGray: Bool = false, seed: UInt64 = 5) -> AugmentationSource {
    var random = SplitMix64(state: seed)
    let count = width * height
    let values = (0..<(isGray ? count : 3 * count)).map { _ in Float.random(in: 0...1, using: &random) }
    return AugmentationSource(
      planar: isGray ? values + values + values : values, width: width, height: height, precision: .float)
  }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

/// Mean and variance.
func moments(_ values: some Collection<Float>) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  return (mean, squares / Double(values.count))
}
