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
  /// Network input in pixels, multiples of the backbone's step (32 for most).
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
    let step = backbone.sideStep
    // Below 32 pixels nothing can be seen.
    let (least, most) = ((32 + step - 1) / step * step, 2048 / step * step)
    for side in [width, height] where side < least || side > most || side % step != 0 {
      let lower = max(least, min(most, side / step * step))
      let rule = step == 1 ? "is not from \(least) to \(most)" : "is not a multiple of \(step) from \(least) to \(most)"
      throw ModelError(
        file: name, cause: "an input size of \(side) pixels \(rule)",
        remedy: "use \(lower) or \(min(most, lower + step))")
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
