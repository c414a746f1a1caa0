package import AssayBundle
import AssayInspection
import AssayMetrics
import AssayRecord

/// How far a bundle is from learning from its corrected parts: what was collected, what is still needed, and what came of the
/// last time.
package struct RetrainingState: Sendable, Codable {
  package let canRetrain: Bool
  /// Why the bundle cannot learn from the record, and what to do instead; nil when it can.
  package let whyNot: String?
  package let collected: CorrectionCollection
  /// What must be there before a retraining can tell anything, in sentences; empty when it is.
  package let needed: [String]
  /// Corrected parts that are still needed for it; 0 when nothing is.
  package let partsNeeded: Int
  /// Of the last retraining, whoever began it; nil when there was none.
  package let last: RetrainReport?

  /// - Parameter collected: of the record that the bundle's parts are in.
  package init(_ manifest: Manifest, collected: CorrectionCollection, last: RetrainReport?) {
    whyNot = RetrainingRules.refusal(manifest)
    canRetrain = whyNot == nil
    self.collected = collected
    self.last = last
    guard whyNot == nil else {
      (needed, partsNeeded) = ([], 0)
      return
    }
    var needed: [String] = []
    // A third of them is held out, and so many must be right with the new bundle alone before it is no chance.
    let wins = SignTest.fewestWins(level: RetrainComparison.level)
    let wanted = Int((Double(wins) / RetrainingRules.heldOutShare).rounded(.up))
    let open = max(0, collected.disagreed - collected.learned)
    let missing = max(0, wanted - open)
    if missing > 0 {
      needed.append(
        "\(missing) more parts that the bundle judged wrongly and somebody has corrected: a third of them is held out, and "
          + "fewer than \(wins) parts that change from wrong to right are no more than chance")
    }
    if !manifest.kind.spec.knowsDataClasses, collected.classes[AnomalySpec.goodName] == 0 {
      needed.append("parts corrected to \(AnomalySpec.goodName): its memory learns from good parts only")
    }
    if collected.withoutImage > 0 {
      needed.append(
        "images: those of \(collected.withoutImage) corrected parts were not kept (--keep-images)")
    }
    self.needed = needed
    partsNeeded = missing
  }
}
