import AssayMetrics
import Synchronization

/// What was collected, added up in the images' order.
final class AnomalyTotals: Sendable {
  static let shown = 8

  private let threshold: Double?
  private let goodClass: String
  private let inner = Mutex(AnomalyCollector.State())

  init(threshold: Double?, goodClass: String) {
    self.threshold = threshold
    self.goodClass = goodClass
  }

  var state: AnomalyCollector.State {
    var result = inner.withLock { $0 }
    result.examples = selected(result.examples)
    return result
  }

  func change(_ body: (inout AnomalyCollector.State) -> Void) { inner.withLock { body(&$0) } }

  func add(_ index: Int, _ share: AnomalyCollector.Share) {
    inner.withLock { state in
      if let failure = share.failure { state.failures.append(failure) }
      if let score = share.score { state.rows.append((index, score)) }
      if let truth = share.truth {
        let (width, height) = share.size
        state.pixels.add(
          scores: truth.scores, mask: truth.mask, width: width, height: height, counted: truth.counted)
        if share.isDefect {
          state.pixelsByType[share.label ?? "", default: SegmentationScores()].add(
            scores: truth.scores, mask: truth.mask, width: width, height: height, counted: truth.counted)
        } else {
          state.goodPixels.add(
            scores: truth.scores, mask: truth.mask, width: width, height: height, counted: truth.counted)
        }
      }
      if let picture = share.picture { state.examples.append(picture) }
      if state.examples.count > 4 * Self.shown { state.examples = selected(state.examples) }
    }
  }

  /// The worst mistakes, then what was found most clearly.
  private func selected(_ examples: [AnomalyEvaluation.Example]) -> [AnomalyEvaluation.Example] {
    guard let threshold else { return examples }
    /// How far on the wrong side of the threshold.
    func error(_ example: AnomalyEvaluation.Example) -> Double {
      example.label == goodClass ? example.score - threshold : threshold - example.score
    }
    let sorted = examples.sorted { (error($0), $0.name) > (error($1), $1.name) }
    let mistakes = sorted.filter { error($0) > 0 || ($0.label == goodClass && error($0) == 0) }
    let found = sorted.filter { error($0) <= 0 && $0.label != goodClass }
    return Array(mistakes.prefix(Self.shown) + found.suffix(Self.shown).reversed())
  }
}
