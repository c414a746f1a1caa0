/// Measures how far features lie from the training images: the mean over all features of `((x - mean) / scale)²`, which
/// is about 1 for parts like those.
public struct FeatureRuler: Sendable {
  /// `[D]`
  public let mean: [Float]
  public let scale: [Float]

  public init(mean: [Float], scale: [Float]) {
    precondition(mean.count == scale.count && !mean.isEmpty, "mean and scale have one value for each feature")
    self.mean = mean
    self.scale = scale
  }

  /// - Parameter features: `[D]`; infinity when there are more or fewer.
  public func distance(_ features: UnsafeBufferPointer<Float>) -> Double {
    guard features.count == mean.count else { return .infinity }
    var sum = 0.0
    for index in features.indices {
      let z = Double((features[index] - mean[index]) / scale[index])
      sum += z * z
    }
    return sum / Double(features.count)
  }
}
