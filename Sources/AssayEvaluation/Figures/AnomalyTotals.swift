import AssayMetrics
import Synchronization

/// What was collected, added up in the images' order.
package final class AnomalyTotals: Sendable {
  private let inner: Mutex<AnomalyCollector.State>

  package init(threshold: Double?, goodClass: String) {
    let examples = threshold.map { ExampleShelf(threshold: $0, goodClass: goodClass) }
    inner = Mutex(AnomalyCollector.State(examples: examples))
  }

  package var state: AnomalyCollector.State { inner.withLock { $0 } }

  /// Whether an image may come to be shown.
  package func wants(_ name: String, label: String, score: Double) -> Bool {
    inner.withLock { $0.examples?.wants(name, label: label, score: score) == true }
  }

  package func change(_ body: (inout AnomalyCollector.State) -> Void) { inner.withLock { body(&$0) } }

  package func add(_ index: Int, _ share: AnomalyCollector.Share) {
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
      if let picture = share.picture { state.examples?.add(picture) }
    }
  }
}
