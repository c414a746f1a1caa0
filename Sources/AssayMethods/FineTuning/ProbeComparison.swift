import AssayMetrics
import Foundation

/// Fine-tuning against the probe on the same held-out images.
public struct ProbeComparison: Codable, Sendable, Equatable {
  public let images: Int
  public let folds: Int
  /// Shares of images named rightly; of values, shares of images on which the one came closer.
  public let probeAccuracy: Double
  public let tunedAccuracy: Double
  /// Images that only the one got right; of values, those on which it came closer.
  public let onlyProbe: Int
  public let onlyTuned: Int
  /// McNemar's exact test, two-sided; of values the sign test, which is the same test of the same two counts.
  public let pValue: Double
  /// Of values that are stated, not of classes or levels.
  public let isOfValues: Bool

  /// Of classes or levels.
  package init(labels: [Int], probe: [Int], tuned: [Int], folds: Int) {
    let probeHits = zip(labels, probe).map { $0 == $1 }
    let tunedHits = zip(labels, tuned).map { $0 == $1 }
    self.init(
      images: labels.count, folds: folds, onlyProbe: zip(probeHits, tunedHits).count { $0 && !$1 },
      onlyTuned: zip(probeHits, tunedHits).count { !$0 && $1 }, both: zip(probeHits, tunedHits).count { $0 && $1 },
      isOfValues: false)
  }

  /// Of real values.
  package init(actual: [Double], probe: [Double], tuned: [Double], folds: Int) {
    let errors = actual.indices.map { (probe: abs(probe[$0] - actual[$0]), tuned: abs(tuned[$0] - actual[$0])) }
    self.init(
      images: actual.count, folds: folds, onlyProbe: errors.count { $0.probe < $0.tuned },
      onlyTuned: errors.count { $0.tuned < $0.probe }, both: 0, isOfValues: true)
  }

  private init(images: Int, folds: Int, onlyProbe: Int, onlyTuned: Int, both: Int, isOfValues: Bool) {
    self.images = images
    self.folds = folds
    self.onlyProbe = onlyProbe
    self.onlyTuned = onlyTuned
    self.isOfValues = isOfValues
    probeAccuracy = Double(onlyProbe + both) / Double(max(1, images))
    tunedAccuracy = Double(onlyTuned + both) / Double(max(1, images))
    pValue = Proportion.mcNemar(onlyFirst: onlyProbe, onlySecond: onlyTuned)
  }

  /// Where both are equal the probe is taken: it is simpler.
  public var tunedIsBetter: Bool { onlyTuned > onlyProbe }

  /// Several tasks are decided together: fine-tuning is taken when its gains, as shares of each task's images, outweigh its
  /// losses, and no task became worse by more than chance explains (p < 0.05).
  package static func tunedIsBetter(_ comparisons: [ProbeComparison]) -> Bool {
    let gain = comparisons.reduce(0.0) { $0 + Double($1.onlyTuned - $1.onlyProbe) / Double(max(1, $1.images)) }
    return gain > 0 && !comparisons.contains { $0.onlyProbe > $0.onlyTuned && $0.pValue < 0.05 }
  }

  public var sentence: String {
    func percent(_ value: Double) -> String { String(format: "%.2f %%", value * 100) }
    let test = isOfValues ? "sign test" : "McNemar"
    let certainty =
      pValue < 0.05
      ? String(format: "the difference is significant (\(test) p = %.2g)", pValue)
      : String(format: "the difference may be chance (\(test) p = %.2g)", pValue)
    let winner = tunedIsBetter ? "Fine-tuning won" : onlyProbe > onlyTuned ? "The probe won" : "Neither won"
    let basis = "\(winner): on the same \(images) held-out images of \(folds) folds"
    return isOfValues
      ? "\(basis) fine-tuning came closer to the truth on \(onlyTuned), the probe on \(onlyProbe); \(certainty)."
      : "\(basis) the probe named \(percent(probeAccuracy)) "
        + "rightly, fine-tuning \(percent(tunedAccuracy)); \(onlyTuned) only by fine-tuning, \(onlyProbe) only by the "
        + "probe; \(certainty)."
  }
}
