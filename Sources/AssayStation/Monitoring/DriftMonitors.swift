import AssayModel
import AssayRecord
import Foundation
import Synchronization

/// The monitors of all graphs that are served.
package final class DriftMonitors: Sendable {
  private let record: InspectionRecord?
  private let monitors = Mutex<[String: DriftMonitor]>([:])

  /// - Parameter record: knows the parts of the last day; nil when nothing is recorded.
  package init(_ record: InspectionRecord?) { self.record = record }

  /// The monitor of a bundle's graph, begun with what the record knows of the last day.
  package subscript(bundle: ServedBundle) -> DriftMonitor {
    let key = bundle.name + " " + bundle.graphHash
    if let found = monitors.withLock({ $0[key] }) { return found }
    let since = max(Date().timeIntervalSince1970 - 86_400, Self.created(bundle.manifest) ?? 0)
    let earlier = try? record?.observations(bundle: bundle.name, since: since, limit: DriftMonitor.capacity)
    let fresh = DriftMonitor(
      (earlier ?? []).reversed().map {
        DriftMonitor.Observation(verdict: $0.verdict, score: $0.score, featureDistance: $0.featureDistance)
      })
    return monitors.withLock { monitors in
      if let found = monitors[key] { return found }
      // Those of graphs that are no longer served go.
      monitors = monitors.filter { !$0.key.hasPrefix(bundle.name + " ") }
      monitors[key] = fresh
      return fresh
    }
  }

  private static func created(_ manifest: Manifest) -> Double? {
    ISO8601DateFormatter().date(from: manifest.createdAt)?.timeIntervalSince1970
  }
}
