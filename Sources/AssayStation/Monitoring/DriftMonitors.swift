import AssayBundle
package import AssayRecord
import Foundation
package import Logging
import Synchronization

/// The monitors of all graphs that are served.
package final class DriftMonitors: Sendable {
  private let record: InspectionRecord?
  private let logger: Logger
  /// The one used last is the last.
  private let monitors = Mutex<[(key: Key, monitor: DriftMonitor)]>([])
  private let seeding = DispatchQueue(label: "assay.drift", qos: .utility)

  /// - Parameter record: knows the parts of the last day; nil when nothing is recorded.
  package init(_ record: InspectionRecord?, logger: Logger) {
    self.record = record
    self.logger = logger
  }

  /// Graphs of one name whose parts are remembered: after a rollback each goes on with its own.
  private static let kept = 4

  /// The monitor of a bundle's graph, which a new threshold leaves as it is. What the record knows of this bundle's own parts of
  /// the last day comes to it a moment later, so that the first verdict does not wait for the disk.
  package subscript(bundle: ServedBundle) -> DriftMonitor {
    let key = Key(name: bundle.name, graph: bundle.graphHash)
    // Parts from now on are told to it themselves.
    let now = Date().timeIntervalSince1970
    let (monitor, isFresh): (DriftMonitor, Bool) = monitors.withLock { monitors in
      if let place = monitors.firstIndex(where: { $0.key == key }) {
        let found = monitors[place]
        if place != monitors.count - 1 {
          monitors.remove(at: place)
          monitors.append(found)
        }
        return (found.monitor, false)
      }
      let fresh = DriftMonitor()
      monitors.append((key, fresh))
      let own = monitors.indices.filter { monitors[$0].key.name == key.name }
      if own.count > Self.kept { monitors.remove(at: own[0]) }
      return (fresh, true)
    }
    if isFresh { seed(monitor, bundle, until: now) }
    return monitor
  }

  private struct Key: Equatable {
    let name: String
    let graph: String
  }

  private func seed(_ monitor: DriftMonitor, _ bundle: ServedBundle, until now: Double) {
    guard let record, record.whyNotOpen == nil else { return }
    let (name, hash) = (bundle.name, bundle.bundle.identity)
    seeding.async { [logger] in
      do throws(RecordError) {
        let earlier = try record.observations(
          bundle: name, hash: hash, since: now - 86_400, until: now, limit: DriftMonitor.capacity)
        monitor.begin(
          earlier.reversed().map {
            DriftMonitor.Observation(
              verdict: $0.verdict, score: $0.score, featureDistance: $0.featureDistance, brightness: $0.brightness)
          })
      } catch {
        logger.warning("drift begins without earlier parts", metadata: ["model": "\(name)", "error": "\(error)"])
      }
    }
  }

  /// Blocks until the earlier parts of all monitors are there.
  package func finishSeeding() { seeding.sync {} }
}
