package import AssayBundle
package import AssayInspection
import Synchronization

/// The latest parts of one graph, to be compared with those that were held out in its training.
///
/// Compared are parts judged good with held-out parts that the same threshold judges good: a busy day with many bad parts
/// is no drift. Where no class is good, all parts are compared. What lies farther from training than everything that was
/// held out is counted whatever its verdict.
package final class DriftMonitor: Sendable {
  /// What is remembered of a part.
  package struct Observation: Sendable {
    package let verdict: String
    package let score: Double?
    package let featureDistance: Double?
    /// Mean luma of the photograph, 0...1.
    package let brightness: Double?

    package init(verdict: String, score: Double?, featureDistance: Double?, brightness: Double? = nil) {
      self.verdict = verdict
      self.score = score
      self.featureDistance = featureDistance
      self.brightness = brightness
    }
  }

  package static let capacity = 2000
  private struct State {
    var latest: [Observation] = []
    /// Seen since the monitor began, and all that it knows of.
    var (count, total) = (0, 0)
  }

  private let state = Mutex(State())

  package init() {}

  /// Adds what was there before the first.
  /// - Parameter earlier: the oldest first.
  package func begin(_ earlier: [Observation]) {
    state.withLock { state in
      state.latest = earlier.suffix(max(0, Self.capacity - state.latest.count)) + state.latest
      state.total += earlier.count
    }
  }

  package func add(_ observation: Observation) {
    state.withLock { state in
      state.count += 1
      state.total += 1
      state.latest.append(observation)
      if state.latest.count > Self.capacity + 200 { state.latest.removeFirst(200) }
    }
  }

  /// The oldest first.
  package var observations: [Observation] { state.withLock { Array($0.latest.suffix(Self.capacity)) } }

  /// As of the last look (``DriftRule/looked(_:)``), the oldest first.
  package var looked: [Observation] {
    state.withLock { state in
      let later = state.total - DriftRule.looked(state.total)
      return state.latest.dropLast(later).suffix(Self.capacity)
    }
  }

  /// Parts seen since the monitor began.
  package var count: Int { state.withLock { $0.count } }

  /// Parts that the last look took into account; while it stays the same, the findings do.
  package var lookedCount: Int { state.withLock { DriftRule.looked($0.total) } }

  /// - Parameter window: how many of the latest parts count.
  package func findings(_ bundle: ServedBundle, window: Int = capacity) -> [DriftFinding] {
    guard let reference = bundle.reference else { return [] }
    return Self.findings(Array(looked.suffix(window)), reference, bundle.rule)
  }

  /// - Parameter latest: the oldest first.
  package static func findings(
    _ latest: [Observation], _ reference: BundleReference, _ rule: DecisionRule
  ) -> [DriftFinding] {
    let isJudged = rule.judges && !reference.isDefect.isEmpty
    // By the threshold of now, which may have been another one when the part was judged.
    func isGood(_ part: Observation) -> Bool {
      if rule.threshold != nil, let score = part.score { return rule.verdict(score: score) == .good }
      return part.verdict == Inspection.Verdict.good.rawValue
    }
    let parts = isJudged ? latest.filter(isGood) : latest
    var findings: [DriftFinding] = []
    if !reference.scores.isEmpty {
      let scores = isJudged ? rule.goodScores(of: reference) : reference.scores
      findings.append(DriftFinding(of: .score, latest: parts.compactMap(\.score), reference: scores))
    }
    if let brightness = reference.brightness {
      findings.append(DriftFinding(of: .brightness, latest: parts.compactMap(\.brightness), reference: brightness))
    }
    if let features = reference.features, features.basis != nil {
      findings.append(
        DriftFinding(of: .features, latest: parts.compactMap(\.featureDistance), reference: features.distances))
      findings.append(
        DriftFinding(
          noveltyOf: latest.compactMap(\.featureDistance), reference: features.distances + (features.others ?? [])))
    }
    return findings
  }
}
