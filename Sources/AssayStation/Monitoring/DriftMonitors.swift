import AssayModel
import AssayRecord
import Foundation
import Logging
import Synchronization

/// The monitors of all graphs that are served.
package final class DriftMonitors: Sendable {
  private let record: InspectionRecord?
  private let logger: Logger
  private let monitors = Mutex<[String: DriftMonitor]>([:])
  private let seeding = DispatchQueue(label: "assay.drift", qos: .utility)

  /// - Parameter record: knows the parts of the last day; nil when nothing is recorded.
  package init(_ record: InspectionRecord?, logger: Logger) {
    self.record = record
    self.logger = logger
  }

  /// The monitor of a bundle's graph. What the record knows of the last day comes to it a moment later, so that the first
  /// verdict does not wait for the disk.
  package subscript(bundle: ServedBundle) -> DriftMonitor {
    let key = bundle.name + " " + bundle.graphHash
    if let found = monitors.withLock({ $0[key] }) { return found }
    // Parts from now on are told to it themselves.
    let now = Date().timeIntervalSince1970
    let fresh = DriftMonitor()
    let monitor = monitors.withLock { monitors in
      if let found = monitors[key] { return found }
      // Those of graphs that are no longer served go.
      monitors = monitors.filter { !$0.key.hasPrefix(bundle.name + " ") }
      monitors[key] = fresh
      return fresh
    }
    if monitor === fresh { seed(fresh, bundle, until: now) }
    return monitor
  }

  private func seed(_ monitor: DriftMonitor, _ bundle: ServedBundle, until now: Double) {
    guard let record, record.whyNotOpen == nil else { return }
    let (name, since) = (bundle.name, max(now - 86_400, Self.created(bundle.bundle) ?? 0))
    seeding.async { [logger] in
      do throws(RecordError) {
        let earlier = try record.observations(bundle: name, since: since, until: now, limit: DriftMonitor.capacity)
        monitor.begin(
          earlier.reversed().map {
            DriftMonitor.Observation(verdict: $0.verdict, score: $0.score, featureDistance: $0.featureDistance)
          })
      } catch {
        logger.warning("drift begins without earlier parts", metadata: ["model": "\(name)", "error": "\(error)"])
      }
    }
  }

  /// Blocks until the earlier parts of all monitors are there.
  package func finishSeeding() { seeding.sync {} }

  private static func created(_ bundle: ModelBundle) -> Double? {
    bundle.createdAt.flatMap { ISO8601DateFormatter().date(from: $0)?.timeIntervalSince1970 }
  }
}
