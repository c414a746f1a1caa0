import AssayBundle
import AssayRecord
import AssayStation
import Hummingbird

/// How far a bundle is from learning from its corrected parts.
struct RetrainingDocument: Encodable {
  let model: String
  /// Of the bundle that is served.
  let hash: String
  /// Whether this station can retrain it now.
  let canRetrain: Bool
  /// Why it cannot, and what to do; nil when it can.
  let whyNot: String?
  let isRunning: Bool
  /// nil when nothing is recorded.
  let collected: CorrectionCollection?
  /// What must be there before a retraining can tell anything; empty when it is.
  let needed: [String]
  let partsNeeded: Int
  /// Of the corrected parts, the share that is held out to compare on.
  let heldOutShare: Double
  /// What the last retraining found, at this page or elsewhere; nil when there was none.
  let last: RetrainReport?

  private init(_ bundle: ServedBundle, _ station: Station, _ state: RetrainingState?) {
    model = bundle.name
    hash = bundle.bundle.identity
    let refusal = RetrainingRules.refusal(bundle.manifest)
    let isOffered = station.retraining.isOffered
    canRetrain = refusal == nil && isOffered
    whyNot = refusal ?? (isOffered ? nil : RetrainingRefusal.notOffered.description)
    let current = station.retraining.current
    isRunning = current.state == .running && current.model == bundle.name
    collected = state?.collected
    needed = state?.needed ?? []
    partsNeeded = state?.partsNeeded ?? 0
    heldOutShare = RetrainingRules.heldOutShare
    last = state?.last ?? RetrainingLog.last(of: bundle.bundle.path)
  }

  static func response(of bundle: ServedBundle, _ station: Station) async throws -> Response {
    let state = try await station.record?.looking { record -> RetrainingState? in
      // A record that is not open is said by its state.
      guard record.whyNotOpen == nil else { return nil }
      return RetrainingState(
        bundle.manifest,
        collected: try CorrectionCollection(record, bundle: bundle.name, bundle.manifest),
        last: RetrainingLog.last(of: bundle.bundle.path))
    }
    return try .json(RetrainingDocument(bundle, station, state ?? nil))
  }
}
