package import AssayBundle
import AssayGraph
import AssayInspection
import AssayRuntime

/// Which bundles can learn from corrected parts, and how many of these are kept for the comparison. The training itself is
/// another program's: a station knows no method.
package enum RetrainingRules {
  /// Share of the corrected parts that is held out for the comparison.
  public static let heldOutShare = 1.0 / 3

  /// Why a bundle cannot learn from the record, and what to do instead; nil when it can.
  package static func refusal(_ manifest: Manifest) -> String? {
    guard manifest.adaptation == nil else {
      return "it was adapted to another line; retrain the bundle that it was made of, and adapt that again"
    }
    let again = "train it again with `assay train` and the corrected parts in its data set"
    switch manifest.kind {
    case .classifier(let spec):
      guard spec.tasks.isEmpty else { return "a correction says nothing of its other tasks; \(again)" }
      // Where fine-tuning began in another bundle, its network has seen the labels by now: folds would tell nothing.
      let isFromBundle = !manifest.training.method.keepsBackbone && manifest.network.backbone.origin != nil
      return isFromBundle ? "its network was fine-tuned from another bundle's; \(again)" : nil
    case .multiLabel: return "a correction names one class, and it finds several on a part; \(again)"
    case .measurement: return "it finds no class that could be corrected; \(again)"
    case .anomaly(let spec):
      return spec.model.method == MemoryBank.method
        ? nil : "it has no memory that could be taught (only PatchCore has one); \(again)"
    }
  }
}
