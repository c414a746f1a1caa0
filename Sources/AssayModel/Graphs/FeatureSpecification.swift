/// What is read at a tap.
public enum TapStatistic: String, Codable, Sendable, CaseIterable {
  /// Spatial mean of every channel: what the classifier of the pretrained network saw.
  case mean
  /// Spatial standard deviation of every channel: how unevenly a pattern is spread, which a small defect changes first.
  case deviation
}

/// The features of an image: for each tap in order, each statistic in order, one number a channel.
public struct FeatureSpecification: Codable, Hashable, Sendable {
  public var taps: [String]
  public var statistics: [TapStatistic]
  /// Network input in pixels, multiples of 32.
  public var width: Int
  public var height: Int

  public init(taps: [String], statistics: [TapStatistic] = [.mean, .deviation], width: Int, height: Int) {
    self.taps = taps
    self.statistics = statistics
    self.width = width
    self.height = height
  }

  /// - Throws: ``ModelError`` when a size or tap is not usable with the backbone.
  public func validated(for backbone: any Backbone) throws(ModelError) -> FeatureSpecification {
    let name = backbone.description.name
    for side in [width, height] where side < 32 || side > 2048 || side % 32 != 0 {
      let lower = max(32, min(2048, side / 32 * 32))
      throw ModelError(
        file: name, cause: "an input size of \(side) pixels is not a multiple of 32 from 32 to 2048",
        remedy: "use \(lower) or \(min(2048, lower + 32))")
    }
    guard !taps.isEmpty, !statistics.isEmpty, Set(taps).count == taps.count else {
      throw ModelError(file: name, cause: "the list of taps is empty or names one twice", remedy: "name each tap once")
    }
    let known = backbone.taps.map(\.name)
    for tap in taps where !known.contains(tap) {
      throw ModelError(
        file: name, cause: "it has no tap \(tap)", remedy: "choose among \(known.joined(separator: ", "))")
    }
    return self
  }

  /// Length of the feature vector.
  public func dimension(of backbone: any Backbone) -> Int {
    taps.reduce(0) { sum, tap in
      sum + (backbone.taps.first { $0.name == tap }?.channels ?? 0) * statistics.count
    }
  }
}
