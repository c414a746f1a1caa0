import AssayBundle
import AssayStation

/// The latest parts of a bundle against those of its training.
struct DriftDocument: Encodable {
  let isAlarm: Bool
  let hasReference: Bool
  /// Why nothing is compared; nil when something is.
  let reason: String?
  let findings: [DriftFinding]
  /// Figures that are not compared, each with the reason.
  let gaps: [DriftGap]
  /// Of the bundle whose parts these are.
  let hash: String
  /// From one look at drift to the next.
  let partsPerLook: Int
  /// Most alarms in a thousand parts that are like those of training.
  let rateInThousand: Double

  init(_ bundle: ServedBundle, _ findings: [DriftFinding]) {
    isAlarm = findings.contains(where: \.isAlarm)
    hasReference = bundle.reference != nil
    reason = bundle.whyNoDrift
    self.findings = findings
    gaps = bundle.driftGaps
    hash = bundle.bundle.identity
    partsPerLook = DriftRule.step
    rateInThousand = DriftRule.rateInThousand
  }
}
