package import AssayBundle
package import AssayRecord
package import Foundation
import Synchronization

/// What has been counted since the process began.
package final class StationMetrics: Sendable {
  private struct VerdictKey: Hashable {
    let model: String
    let verdict: String
    let `class`: String
  }

  private struct Counts {
    var inspections: [VerdictKey: Int] = [:]
    var inspectionSeconds: [String: Histogram] = [:]
    var probabilities: [String: Histogram] = [:]
    var relativeScores: [String: Histogram] = [:]
    var batch = Histogram.batch
    var refusals: [String: Int] = [:]
    /// Times of the latest inspections of each model, for the rate: seconds since 1970.
    var recent: [String: [Double]] = [:]
    var latencies: [String: [Double]] = [:]
  }

  private static let recentCount = 500
  private let counts = Mutex(Counts())
  package let startedAt = Date().timeIntervalSince1970

  package func countRefusal(_ reason: String) { counts.withLock { $0.refusals[reason, default: 0] += 1 } }

  package func countBatch(_ running: Int) { counts.withLock { $0.batch.add(Double(running)) } }

  /// - Parameters:
  ///   - score: probability of being defective, or the anomaly score.
  ///   - scale: what the score is.
  package func countInspection(
    model: String, verdict: String, class: String, score: Double?, scale: ThresholdScale?, threshold: Double?,
    milliseconds: Double
  ) {
    counts.withLock { counts in
      counts.inspections[VerdictKey(model: model, verdict: verdict, class: `class`), default: 0] += 1
      counts.inspectionSeconds[model, default: .latency].add(milliseconds / 1000)
      switch (scale, score, threshold) {
      case (.probability?, let score?, _): counts.probabilities[model, default: .probability].add(score)
      case (.score?, let score?, let threshold?) where threshold > 0:
        counts.relativeScores[model, default: .relativeScore].add(score / threshold)
      default: break
      }
      counts.recent[model, default: []].append(Date().timeIntervalSince1970)
      counts.latencies[model, default: []].append(milliseconds)
      if counts.recent[model, default: []].count > 2 * Self.recentCount {
        counts.recent[model]?.removeFirst(Self.recentCount)
        counts.latencies[model]?.removeFirst(Self.recentCount)
      }
    }
  }

  /// Of the last minute, for the page.
  package struct Pace: Sendable, Encodable {
    package let partsPerMinute: Double
    package let medianMilliseconds: Double?
    package let p99Milliseconds: Double?
  }

  package func pace(model: String) -> Pace {
    let (times, latencies) = counts.withLock { ($0.recent[model] ?? [], $0.latencies[model] ?? []) }
    let now = Date().timeIntervalSince1970
    let last = times.filter { $0 > now - 60 }
    // More parts than are remembered: their own span.
    let isCut = last.count == times.count && times.count >= Self.recentCount
    let span = isCut ? max(now - (last.first ?? now), 1) : min(60, max(now - startedAt, 1))
    let sorted = latencies.suffix(max(last.count, 0)).sorted()
    func percentile(_ share: Double) -> Double? {
      sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    return Pace(
      partsPerMinute: Double(last.count) / span * 60, medianMilliseconds: percentile(0.5),
      p99Milliseconds: percentile(0.99))
  }

  /// What is read off elsewhere when the metrics are asked for.
  package struct Gauges {
    package var queueLength: Int
    package var queueCapacity: Int
    package var running: Int
    package var bundles: [(model: String, version: String, loadedAt: Double)]
    package var record: InspectionRecord.Health?
    package var drift: [(model: String, findings: [DriftFinding])]
    package var links: [LinkHealth] = []
    package var events: EventFeed.Counts

    package init(
      queueLength: Int, queueCapacity: Int, running: Int, bundles: [(model: String, version: String, loadedAt: Double)],
      record: InspectionRecord.Health?, drift: [(model: String, findings: [DriftFinding])], links: [LinkHealth] = [],
      events: EventFeed.Counts = EventFeed.Counts()
    ) {
      self.queueLength = queueLength
      self.queueCapacity = queueCapacity
      self.running = running
      self.bundles = bundles
      self.record = record
      self.drift = drift
      self.links = links
      self.events = events
    }
  }

  package func exposition(_ gauges: Gauges) -> String {
    let counts = counts.withLock { $0 }
    var out = Prometheus()
    out.family("assay_queue_length", .gauge, "Inspections that wait for a free core.")
    out.sample("assay_queue_length", [], Double(gauges.queueLength))
    out.family("assay_queue_capacity", .gauge, "Inspections that may wait.")
    out.sample("assay_queue_capacity", [], Double(gauges.queueCapacity))
    out.family("assay_inspections_running", .gauge, "Inspections under way.")
    out.sample("assay_inspections_running", [], Double(gauges.running))
    out.family("assay_refusals_total", .counter, "Inspections refused, by reason.")
    for (reason, value) in counts.refusals.sorted(by: { $0.key < $1.key }) {
      out.sample("assay_refusals_total", [("reason", reason)], Double(value))
    }
    out.family("assay_batch_size", .histogram, "Inspections side by side when one began.")
    out.histogram("assay_batch_size", [], counts.batch)
    out.family("assay_inspections_total", .counter, "Parts inspected.")
    for (key, value) in counts.inspections.sorted(by: {
      ($0.key.model, $0.key.verdict, $0.key.class) < ($1.key.model, $1.key.verdict, $1.key.class)
    }) {
      out.sample(
        "assay_inspections_total", [("model", key.model), ("verdict", key.verdict), ("class", key.class)],
        Double(value))
    }
    out.family("assay_inspection_seconds", .histogram, "From a part's arrival to its verdict, without recording.")
    for (model, histogram) in counts.inspectionSeconds.sorted(by: { $0.key < $1.key }) {
      out.histogram("assay_inspection_seconds", [("model", model)], histogram)
    }
    out.family("assay_score", .histogram, "Probability of being defective.")
    for (model, histogram) in counts.probabilities.sorted(by: { $0.key < $1.key }) {
      out.histogram("assay_score", [("model", model)], histogram)
    }
    out.family("assay_relative_score", .histogram, "Anomaly score in multiples of its threshold.")
    for (model, histogram) in counts.relativeScores.sorted(by: { $0.key < $1.key }) {
      out.histogram("assay_relative_score", [("model", model)], histogram)
    }
    write(gauges, to: &out)
    return out.text
  }

  private func write(_ gauges: Gauges, to out: inout Prometheus) {
    out.family("assay_drift", .gauge, "Kolmogorov-Smirnov statistic of the latest parts against training, 0 to 1.")
    for (model, findings) in gauges.drift {
      for finding in findings where finding.statistic != nil {
        out.sample("assay_drift", [("model", model), ("of", finding.of.rawValue)], finding.statistic ?? 0)
      }
    }
    out.family("assay_drift_alarm", .gauge, "1 while the latest parts are unlike those of training.")
    for (model, findings) in gauges.drift {
      out.sample("assay_drift_alarm", [("model", model)], findings.contains(where: \.isAlarm) ? 1 : 0)
    }
    out.family("assay_bundle_loaded_timestamp_seconds", .gauge, "When the bundle that is served was loaded.")
    for bundle in gauges.bundles {
      out.sample(
        "assay_bundle_loaded_timestamp_seconds", [("model", bundle.model), ("version", bundle.version)],
        bundle.loadedAt.rounded())
    }
    if let record = gauges.record {
      out.family("assay_record_written_total", .counter, "Inspections put on disk.")
      out.sample("assay_record_written_total", [], Double(record.recorded))
      out.family("assay_record_lost_total", .counter, "Inspections that could not be recorded.")
      out.sample("assay_record_lost_total", [], Double(record.lost))
      out.family("assay_record_up", .gauge, "1 while inspections are put on disk; 0 when the latest could not be.")
      out.sample("assay_record_up", [], record.failure == nil ? 1 : 0)
      out.family("assay_record_unreadable", .gauge, "Inspections come across that hold what does not belong there.")
      out.sample("assay_record_unreadable", [], Double(record.unreadable ?? 0))
      out.family("assay_record_indexed_ratio", .gauge, "How far an earlier version's record is looked through, 0 to 1.")
      out.sample(
        "assay_record_indexed_ratio", [],
        record.indexing.map { Double($0.done) / Double(max(1, $0.total)) } ?? 1)
    }
    writeLinks(gauges.links, to: &out)
    write(gauges.events, to: &out)
    out.family("process_start_time_seconds", .gauge, "Start of the process, seconds since 1970.")
    out.sample("process_start_time_seconds", [], startedAt.rounded())
    if let resident = ProcessMemory.resident {
      out.family("process_resident_memory_bytes", .gauge, "Resident memory.")
      out.sample("process_resident_memory_bytes", [], Double(resident))
    }
  }
}

extension StationMetrics {
  private func write(_ events: EventFeed.Counts, to out: inout Prometheus) {
    out.family("assay_event_readers", .gauge, "Who listens to /v1/events.")
    out.sample("assay_event_readers", [], Double(events.readers))
    out.family("assay_event_parts_total", .counter, "Parts that whoever listens was told of.")
    out.sample("assay_event_parts_total", [], Double(events.parts))
    out.family("assay_event_readers_refused_total", .counter, "Readers that there was no room for.")
    out.sample("assay_event_readers_refused_total", [], Double(events.refused))
    out.family("assay_event_readers_dropped_total", .counter, "Readers that did not keep up and were let go.")
    out.sample("assay_event_readers_dropped_total", [], Double(events.dropped))
  }

  private func writeLinks(_ links: [LinkHealth], to out: inout Prometheus) {
    guard !links.isEmpty else { return }
    func family(_ name: String, _ kind: Prometheus.Kind, _ help: String, _ value: (LinkHealth) -> Int) {
      out.family(name, kind, help)
      for link in links { out.sample(name, [("link", link.name)], Double(value(link))) }
    }
    family("assay_link_up", .gauge, "1 while a link of the plant is connected.") { $0.isUp ? 1 : 0 }
    family("assay_link_delivered_total", .counter, "Results that a link has delivered.", \.delivered)
    family("assay_link_waiting", .gauge, "Results that wait for their delivery.", \.waiting)
    family("assay_link_dropped_total", .counter, "Results that a link has given up, the oldest first.", \.dropped)
  }
}

package enum ProcessMemory {
  /// Bytes; nil where the system does not say.
  package static var resident: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) } : nil
  }
}
