public import AssayBundle
package import AssayRuntime

/// How an anomaly detector was fitted. Tiles, region, smoothing and the score's share are in the manifest's part on
/// anomalies, the threshold's rule with the threshold.
public struct AnomalyRecipe: MethodRecipe {
  public enum Detector: Sendable, Equatable {
    /// - Parameters:
    ///   - memoryRows: chosen of so many patches.
    ///   - coreset: share of the patches that was asked for; nil for the default.
    case patchCore(memoryRows: Int, patches: Int, coreset: Double?)
    /// - Parameter features: of each patch, drawn of those available.
    case paDiM(features: Int, available: Int)
    /// - Parameters:
    ///   - components: of so many features.
    ///   - explained: share of the variance, 0...1.
    case subspace(components: Int, available: Int, explained: Double)
  }

  public var detector: Detector
  /// Whether training images were turned and mirrored, too.
  public var isTurned: Bool
  /// Whether training images that stand out were left out.
  public var isTrimmed: Bool
  /// Good images learned from; nil for all.
  public var shots: Int?
  public var split: SplitShares

  public init(_ detector: Detector, isTurned: Bool, isTrimmed: Bool, shots: Int?, split: SplitShares) {
    self.detector = detector
    self.isTurned = isTurned
    self.isTrimmed = isTrimmed
    self.shots = shots
    self.split = split
  }

  package init(_ detector: Detector, _ options: AnomalyOptions) {
    self.init(
      detector, isTurned: options.isAugmenting, isTrimmed: options.isTrimming, shots: options.shots,
      split: SplitShares(options.split))
  }

  /// What an image is learned as.
  package var symmetries: [Symmetry] { isTurned ? Symmetry.allCases : [.identity] }

  public func check() throws(ManifestFault) {
    switch detector {
    case .patchCore(let memoryRows, let patches, let coreset):
      try require("memoryRows", memoryRows, in: 1...Int.max)
      try require("patches", patches, in: memoryRows...Int.max)
      if let coreset { try require("coreset", coreset, in: Double.leastNonzeroMagnitude...1) }
    case .paDiM(let features, let available):
      try require("features", features, in: 1...Int.max)
      try require("availableFeatures", available, in: features...Int.max)
    case .subspace(let components, let available, let explained):
      try require("components", components, in: 0...Int.max)
      try require("availableFeatures", available, in: components...Int.max)
      try require("varianceExplained", explained, in: 0...1)
    }
    if let shots { try require("shots", shots, in: 1...Int.max) }
    try check(split)
  }
}

extension AnomalyRecipe {
  private enum Key: String, CodingKey {
    case detector, memoryRows, patches, coreset, features, availableFeatures, components, varianceExplained
    case turnedAndMirrored, trimmed, shots, split
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    func count(_ key: Key) throws -> Int { try values.decode(Int.self, forKey: key) }
    switch try values.decode(AnomalyOptions.Detector.self, forKey: .detector) {
    case .patchcore:
      detector = .patchCore(
        memoryRows: try count(.memoryRows), patches: try count(.patches),
        coreset: try values.decode(Stated<Double>.self, forKey: .coreset).wrappedValue)
    case .padim: detector = .paDiM(features: try count(.features), available: try count(.availableFeatures))
    case .subspace:
      detector = .subspace(
        components: try count(.components), available: try count(.availableFeatures),
        explained: try values.decode(Double.self, forKey: .varianceExplained))
    }
    isTurned = try values.decode(Bool.self, forKey: .turnedAndMirrored)
    isTrimmed = try values.decode(Bool.self, forKey: .trimmed)
    shots = try values.decode(Stated<Int>.self, forKey: .shots).wrappedValue
    split = try values.decode(SplitShares.self, forKey: .split)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch detector {
    case .patchCore(let memoryRows, let patches, let coreset):
      try values.encode(AnomalyOptions.Detector.patchcore, forKey: .detector)
      try values.encode(memoryRows, forKey: .memoryRows)
      try values.encode(patches, forKey: .patches)
      try values.encode(coreset, forKey: .coreset)
    case .paDiM(let features, let available):
      try values.encode(AnomalyOptions.Detector.padim, forKey: .detector)
      try values.encode(features, forKey: .features)
      try values.encode(available, forKey: .availableFeatures)
    case .subspace(let components, let available, let explained):
      try values.encode(AnomalyOptions.Detector.subspace, forKey: .detector)
      try values.encode(components, forKey: .components)
      try values.encode(available, forKey: .availableFeatures)
      try values.encode(explained, forKey: .varianceExplained)
    }
    try values.encode(isTurned, forKey: .turnedAndMirrored)
    try values.encode(isTrimmed, forKey: .trimmed)
    try values.encode(shots, forKey: .shots)
    try values.encode(split, forKey: .split)
  }
}
