import AssayLearning
import AssayMetrics
import Foundation

/// Labelled images of the new line decide: which correction, and whether it helps.
package struct LabelledTrial {
  /// Of the candidates, the one that names most of them rightly; nil when there is none.
  package let best: Int?
  package let isRecommended: Bool
  package let findings: [String]

  /// - Parameter batch: what batch statistics make of the labelled images.
  package init(
    _ subject: AdaptationCase, _ candidates: [AdaptationCandidate], _ mixes: [AdaptationCase.Mix],
    _ labelled: AdaptationTrial.Labelled, _ batch: BatchAdaptation?
  ) {
    func hits(_ rows: FeatureMatrix) -> [Bool] { subject.hits(rows, labelled.labels) }
    let before = hits(labelled.rows)
    let after = candidates.map { candidate in
      if candidate.method == .batchStatistics { return hits(batch?.labelled ?? labelled.rows) }
      let map = subject.fit(candidate.method, mixes[candidate.mixIndex], subject.good ?? subject.target)
      return hits(map?.applied(to: labelled.rows) ?? labelled.rows)
    }
    func count(_ index: Int) -> Int { after[index].count { $0 } }
    best = candidates.indices.min {
      (-count($0), candidates[$0].distanceAfter) < (-count($1), candidates[$1].distanceAfter)
    }
    guard let best else {
      (isRecommended, findings) = (false, [])
      return
    }
    let (lost, won) = (
      zip(before, after[best]).count { $0 && !$1 }, zip(before, after[best]).count { !$0 && $1 }
    )
    // The best of several is better by chance more often (Bonferroni).
    let p = min(1, Proportion.mcNemar(onlyFirst: lost, onlySecond: won) * Double(candidates.count))
    isRecommended = won > lost && p < 0.05
    let several = candidates.count > 1 ? ", the best of \(candidates.count) corrections" : ""
    findings =
      [
        String(
          format:
            "Of %d labelled images of the new line %d were named rightly before and %d after (McNemar p = %.2g%@).",
          before.count, before.count { $0 }, count(best), p, several)
      ] + (isRecommended ? [] : ["That is not a gain beyond chance, so adaptation does not help here."])
  }
}
