import AssayStation
import Synchronization

/// The requests that have been answered since the process began.
final class RequestCounts: Sendable {
  private struct Key: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  private struct Counts {
    var requests: [Key: Int] = [:]
    var seconds: [String: Histogram] = [:]
  }

  private let counts = Mutex(Counts())

  /// - Parameter route: with names in braces, as the router has it.
  func add(method: String, route: String, status: Int, seconds: Double) {
    counts.withLock { counts in
      counts.requests[Key(method: method, route: route, status: status), default: 0] += 1
      counts.seconds[route, default: .latency].add(seconds)
    }
  }

  /// For `/metrics`.
  var exposition: String {
    let counts = counts.withLock { $0 }
    var out = Prometheus()
    out.family("assay_requests_total", .counter, "HTTP requests answered.")
    for (key, value) in counts.requests.sorted(by: { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }) {
      out.sample(
        "assay_requests_total", [("method", key.method), ("route", key.route), ("status", String(key.status))],
        Double(value))
    }
    out.family("assay_request_seconds", .histogram, "From a request's head to its answer.")
    for (route, histogram) in counts.seconds.sorted(by: { $0.key < $1.key }) {
      out.histogram("assay_request_seconds", [("route", route)], histogram)
    }
    return out.text
  }
}
