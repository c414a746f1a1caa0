import AssayImage
import AssayMetrics
import Foundation

/// Whether one figure of the latest parts is distributed as in training.
package struct DriftFinding: Sendable, Encodable {
  package enum Figure: String, Sendable, Encodable {
    /// Of parts judged good: are they nearer to being defective (or less certain) than held-out good parts were?
    case score
    /// Of parts judged good: are their photographs darker, or brighter, than those of training?
    case brightness
    /// Of parts judged good: do their features lie farther from those of training, or nearer, than those of held-out parts?
    case features
    /// Of all parts, whatever the verdict: how many lie farther from training than every held-out part, good or not? When
    /// lamp or lens fail, all parts may be judged bad, and none is left that is judged good.
    case novelty
  }

  /// Shares of the parts in equal steps of the figure.
  package struct Distribution: Sendable, Encodable {
    /// One more than there are shares.
    package let edges: [Double]
    package let reference: [Double]
    package let latest: [Double]
  }

  /// One comparison.
  package struct Window: Sendable, Encodable {
    /// Parts compared.
    package let count: Int
    /// Of Kolmogorov and Smirnov; of ``Figure/novelty`` the share of parts. nil with too few parts.
    package let statistic: Double?
    package let pValue: Double?
    package let isAlarm: Bool

    fileprivate init(count: Int, _ test: (statistic: Double, pValue: Double)?, least: Double) {
      self.count = count
      statistic = test?.statistic
      pValue = test?.pValue
      isAlarm = test.map { $0.pValue < DriftRule.alarmProbability && $0.statistic >= least } ?? false
    }
  }

  package let of: Figure
  /// Parts compared, of all that are remembered.
  package let count: Int
  package let referenceCount: Int
  /// Of all that are remembered; nil with too few parts.
  package let statistic: Double?
  package let pValue: Double?
  /// In all of them, or in the latest few.
  package let isAlarm: Bool
  /// The same with the latest ``DriftRule/few`` parts, in which a sudden change shows soonest.
  package let sudden: Window
  package let distribution: Distribution?

  /// - Parameters:
  ///   - latest: of parts judged good, or of all where no class is good; the oldest first.
  ///   - reference: of held-out parts.
  package init(of figure: Figure, latest: [Double], reference: [Double]) {
    let alternative = figure == .score ? KolmogorovSmirnov.Alternative.larger : .different
    func window(_ values: [Double]) -> Window {
      let isEnough = values.count >= DriftRule.few && reference.count >= DriftRule.fewestReference
      let test = isEnough ? KolmogorovSmirnov(values, reference, alternative: alternative) : nil
      return Window(count: values.count, test.map { ($0.statistic, $0.pValue) }, least: DriftRule.leastStatistic)
    }
    self.init(
      figure, referenceCount: reference.count, all: window(latest), sudden: window(latest.suffix(DriftRule.few)),
      distribution: Self.distribution(latest, reference))
  }

  /// - Parameters:
  ///   - distances: of all parts, the oldest first.
  ///   - reference: of held-out parts, good or not.
  package init(noveltyOf distances: [Double], reference: [Double]) {
    let farthest = reference.max() ?? .infinity
    func window(_ values: [Double]) -> Window {
      let isEnough = values.count >= DriftRule.few && reference.count >= DriftRule.fewestReference
      let beyond = values.count { !($0 <= farthest) }
      return Window(
        count: values.count,
        isEnough
          ? (
            Double(beyond) / Double(values.count),
            DriftRule.probability(beyond: beyond, of: values.count, reference: reference.count)
          ) : nil, least: DriftRule.leastBeyond)
    }
    // Of many parts a share is no more telling than of few.
    self.init(
      .novelty, referenceCount: reference.count, all: window(distances),
      sudden: window(distances.suffix(DriftRule.few)),
      distribution: nil)
  }

  private init(_ figure: Figure, referenceCount: Int, all: Window, sudden: Window, distribution: Distribution?) {
    of = figure
    count = all.count
    self.referenceCount = referenceCount
    statistic = all.statistic
    pValue = all.pValue
    isAlarm = all.isAlarm || sudden.isAlarm
    self.sudden = sudden
    self.distribution = distribution
  }

  /// What the alarm is about, for people: `the latest 60 pictures score otherwise (Kolmogorov-Smirnov 0.42)`.
  package var words: String {
    let window = sudden.isAlarm ? (sudden.count, sudden.statistic ?? 0) : (count, statistic ?? 0)
    let shown = window.1.formatted(.number.precision(.fractionLength(2)).locale(Locale(identifier: "en")))
    return switch of {
    case .score: "the latest \(window.0) pictures score otherwise (Kolmogorov-Smirnov \(shown))"
    case .brightness: "the latest \(window.0) pictures are darker or brighter (Kolmogorov-Smirnov \(shown))"
    case .features: "the latest \(window.0) pictures look otherwise (Kolmogorov-Smirnov \(shown))"
    case .novelty:
      "\(Int((window.1 * 100).rounded())) % of the latest \(window.0) pictures lie beyond all that were held out"
    }
  }

  private static func distribution(_ latest: [Double], _ reference: [Double]) -> Distribution? {
    let sorted = (latest + reference).filter(\.isFinite).sorted()
    guard let low = sorted.first, let last = sorted.last, !reference.isEmpty else { return nil }
    // The farthest hundredth goes into the outermost step, so that one odd part does not flatten the picture.
    let high = max(sorted[min(sorted.count - 1, sorted.count * 99 / 100)], low + (last - low) * 1e-6)
    let steps = 24
    let width = high > low ? (high - low) / Double(steps) : 1
    func shares(_ values: [Double]) -> [Double] {
      var counts = [Double](repeating: 0, count: steps)
      for value in values where !value.isNaN {
        let step = ((value - low) / width).rounded(.down)
        counts[min(max(Int(clamping: step), 0), steps - 1)] += 1
      }
      return counts.map { $0 / Double(max(1, values.count)) }
    }
    return Distribution(
      edges: (0...steps).map { low + Double($0) * width }, reference: shares(reference), latest: shares(latest))
  }
}
