import AssayImage
import AssayInspection
import AssayMetrics
import AssayModel
import Synchronization

/// Whether one figure of the latest parts is distributed as in training.
package struct DriftFinding: Sendable, Encodable {
  package enum Figure: String, Sendable, Encodable {
    case score, features
  }

  /// Shares of the parts in equal steps of the figure.
  package struct Distribution: Sendable, Encodable {
    /// One more than there are shares.
    package let edges: [Double]
    package let reference: [Double]
    package let latest: [Double]
  }

  package let of: Figure
  /// Parts compared.
  package let count: Int
  package let referenceCount: Int
  /// Kolmogorov-Smirnov; nil with too few parts.
  package let statistic: Double?
  package let pValue: Double?
  package let isAlarm: Bool
  package let distribution: Distribution?

  /// Fewest parts that are judged.
  package static let fewest = 50
  /// An alarm is raised when the difference is certain and large: with thousands of parts the smallest is certain.
  package static let alarmProbability = 0.001
  package static let alarmStatistic = 0.15

  package init(of figure: Figure, latest: [Double], reference: [Double]) {
    of = figure
    count = latest.count
    referenceCount = reference.count
    let isEnough = latest.count >= Self.fewest && reference.count >= 20
    let test = isEnough ? KolmogorovSmirnov(latest, reference) : nil
    statistic = test?.statistic
    pValue = test?.pValue
    isAlarm = test.map { $0.pValue < Self.alarmProbability && $0.statistic >= Self.alarmStatistic } ?? false
    distribution = Self.distribution(latest, reference)
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

/// The latest parts of one graph, to be compared with those it was trained on.
///
/// Compared are parts judged good with held-out parts that the same threshold judges good: a busy day with many bad parts
/// is no drift. Where no class is good, all parts are compared.
package final class DriftMonitor: Sendable {
  /// What is remembered of a part.
  package struct Observation: Sendable {
    package let verdict: String
    package let score: Double?
    package let featureDistance: Double?
  }

  package static let capacity = 2000
  private struct State {
    var latest: [Observation] = []
    var count = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// Adds what was there before the first.
  /// - Parameter earlier: the oldest first.
  package func begin(_ earlier: [Observation]) {
    state.withLock { $0.latest = earlier.suffix(max(0, Self.capacity - $0.latest.count)) + $0.latest }
  }

  package func add(_ observation: Observation) {
    state.withLock { state in
      state.count += 1
      state.latest.append(observation)
      if state.latest.count > Self.capacity + 200 { state.latest.removeFirst(200) }
    }
  }

  package var observations: [Observation] { state.withLock { Array($0.latest.suffix(Self.capacity)) } }

  /// Parts seen since the monitor began.
  package var count: Int { state.withLock { $0.count } }

  /// Why nothing can be compared with training; nil when something can.
  package static func whyNot(_ bundle: ServedBundle) -> String? {
    guard bundle.reference == nil else { return nil }
    if case .measurement = bundle.manifest.kind {
      return "it states values and keeps no scores of its training parts to compare with"
    }
    return "it keeps nothing of its training parts: an earlier version trained it; train it again"
  }

  /// - Parameter window: how many of the latest parts count.
  package func findings(_ bundle: ServedBundle, window: Int = capacity) -> [DriftFinding] {
    guard let reference = bundle.reference else { return [] }
    let isJudged = bundle.rule.judges && !reference.isDefect.isEmpty
    let parts = observations.suffix(window).filter { !isJudged || $0.verdict == Inspection.Verdict.good.rawValue }
    let scores = isJudged ? bundle.rule.goodScores(of: reference) : reference.scores
    var findings = [DriftFinding(of: .score, latest: parts.compactMap(\.score), reference: scores)]
    if let features = reference.features {
      findings.append(
        DriftFinding(
          of: .features, latest: parts.compactMap(\.featureDistance), reference: features.distances))
    }
    return findings
  }
}
