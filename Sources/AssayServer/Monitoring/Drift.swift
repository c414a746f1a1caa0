import AssayImage
import AssayInspection
import AssayMetrics
import AssayModel
import Synchronization

/// Whether one figure of the latest parts is distributed as in training.
struct DriftFinding: Sendable, Encodable {
  enum Figure: String, Sendable, Encodable {
    case score, features
  }

  /// Shares of the parts in equal steps of the figure.
  struct Distribution: Sendable, Encodable {
    /// One more than there are shares.
    let edges: [Double]
    let reference: [Double]
    let latest: [Double]
  }

  let of: Figure
  /// Parts compared.
  let count: Int
  let referenceCount: Int
  /// Kolmogorov-Smirnov; nil with too few parts.
  let statistic: Double?
  let pValue: Double?
  let isAlarm: Bool
  let distribution: Distribution?

  /// Fewest parts that are judged.
  static let fewest = 50
  /// An alarm is raised when the difference is certain and large: with thousands of parts the smallest is certain.
  static let alarmProbability = 0.001
  static let alarmStatistic = 0.15

  init(of figure: Figure, latest: [Double], reference: [Double]) {
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
final class DriftMonitor: Sendable {
  /// What is remembered of a part.
  struct Observation: Sendable {
    let verdict: String
    let score: Double?
    let featureDistance: Double?
  }

  static let capacity = 2000
  private let latest: Mutex<[Observation]>

  /// - Parameter earlier: the oldest first.
  init(_ earlier: [Observation]) { latest = Mutex(earlier.suffix(Self.capacity)) }

  func add(_ observation: Observation) {
    latest.withLock { latest in
      latest.append(observation)
      if latest.count > Self.capacity + 200 { latest.removeFirst(200) }
    }
  }

  var observations: [Observation] { latest.withLock { Array($0.suffix(Self.capacity)) } }

  /// Why nothing can be compared with training; nil when something can.
  static func whyNot(_ bundle: ServedBundle) -> String? {
    guard bundle.reference == nil else { return nil }
    if case .measurement = bundle.manifest.kind {
      return "it states values and keeps no scores of its training parts to compare with"
    }
    return "it keeps nothing of its training parts: an earlier version trained it; train it again"
  }

  /// - Parameter window: how many of the latest parts count.
  func findings(_ bundle: ServedBundle, window: Int = capacity) -> [DriftFinding] {
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
