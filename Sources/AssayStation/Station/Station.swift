import AssayImage
import AssayInspection
import AssayModel
import AssayRecord
import AssayRuntime
import AssayWorkflows
import Foundation
import Logging
import Synchronization

/// An inspection station: bundles, the queue before the cores, the record, and what is counted. The HTTP interface and the
/// watcher of folders stand before it.
public final class Station: Sendable {
  package let options: StationOptions
  package let shelf: BundleShelf
  package let queue: InspectionQueue
  package let record: InspectionRecord?
  package let metrics = StationMetrics()
  package let logger: Logger
  package let retraining: RetrainingDesk
  private let monitors = Mutex<[String: DriftMonitor]>([:])
  private let attached = Mutex<[any StationLink]>([])

  /// Loads the bundles and opens the record. Blocks.
  /// - Throws: ``StationError``.
  public init(_ options: StationOptions, logger: Logger) throws(StationError) {
    self.options = options
    self.logger = logger
    do {
      shelf = try BundleShelf(options.bundles, maximumPixels: options.maximumPixels, logger: logger)
      if options.recording == .off {
        record = nil
      } else {
        guard let folder = options.recordFolder else {
          throw StationError(.usage, "name a folder for the record, or say that nothing is to be recorded")
        }
        record = try InspectionRecord(folder: folder, maximumBytes: options.recordLimit)
      }
    } catch let error as StationError {
      throw error
    } catch let error as RecordError {
      throw StationError(.inputOutput, error.description)
    } catch {
      let error = WorkflowError(error)
      let kinds: [WorkflowError.Kind: StationError.Kind] = [
        .usage: .usage, .badData: .badData, .noInput: .noInput, .unavailable: .unavailable,
      ]
      throw StationError(kinds[error.kind] ?? .inputOutput, error.description)
    }
    let metrics = metrics
    queue = InspectionQueue(capacity: options.queueLength, longestWait: options.longestWait) { metrics.countBatch($0) }
    retraining = RetrainingDesk(program: options.program, data: options.trainingData, record: options.recordFolder)
  }

  /// From now on every result goes to this link as well.
  public func attach(_ sink: any StationLink) { attached.withLock { $0.append(sink) } }

  /// How the links are, in the order in which they were attached.
  package var links: [LinkHealth] { attached.withLock { $0 }.map(\.health) }

  /// Finishes what was accepted, closes the record, and lets the links send what they have.
  public func close() {
    retraining.close()
    queue.close()
    record?.close()
    for sink in attached.withLock({ $0 }) { sink.close() }
  }

  /// Removes what the record no longer keeps. Blocks.
  package func prune() {
    guard let record else { return }
    do {
      let pruned = try record.prune(options.retention, now: Date().timeIntervalSince1970)
      if pruned != .init() {
        logger.info(
          "record pruned",
          metadata: [
            "inspections": .stringConvertible(pruned.inspections), "images": .stringConvertible(pruned.images),
          ])
      }
    } catch {
      logger.error("record not pruned", metadata: ["error": "\(error)"])
    }
  }

  /// The monitor of a bundle's graph, begun with what the record knows of the last day.
  package func monitor(_ bundle: ServedBundle) -> DriftMonitor {
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

  /// A part through queue, network and record.
  /// - Parameters:
  ///   - name: for messages.
  ///   - outputs: of the graph, to be handed back.
  ///   - isTrial: shown to try the station, not made on the line: on record, but counted and told nowhere.
  /// - Throws: ``QueueRefusal``, `InspectionError`.
  package func inspect(
    _ bundle: ServedBundle, _ input: InspectionInput, name: String, serial: String?, outputs: [String] = [],
    isTrial: Bool = false
  ) async throws -> (part: InspectedPart, answer: InspectAnswer?) {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        let job = InspectionQueue.Job(
          bundle: bundle, input: input, name: name, outputs: outputs, isRecorded: record != nil
        ) { [self] result, turn in
          do {
            try conclude(try result.get(), bundle, input, serial: serial, isTrial: isTrial) {
              turn.end()
              continuation.resume(returning: $0)
            }
          } catch {
            continuation.resume(throwing: error)
          }
        }
        do throws(QueueRefusal) { try queue.add(job) } catch { continuation.resume(throwing: error) }
      }
    } catch let refusal as QueueRefusal {
      metrics.countRefusal(refusal == .full ? "queue full" : refusal == .closed ? "closing" : "waited too long")
      throw refusal
    }
  }

  /// Counts a part, puts it on record, and tells the links.
  ///
  /// The worker that inspected the part does all of it, the record's writing included: each thread that is woken in between
  /// would cost a part of a millisecond.
  /// - Parameter finish: not called when this throws.
  private func conclude(
    _ part: InspectedPart, _ bundle: ServedBundle, _ input: InspectionInput, serial: String?,
    isTrial: Bool,
    finish: @escaping @Sendable ((part: InspectedPart, answer: InspectAnswer?)) -> Void
  ) throws {
    if let failure = part.failure {
      note(failure, part, bundle, input, serial: serial, isTrial: isTrial)
      throw failure
    }
    guard let finding = part.finding else { return finish((part, nil)) }
    let inspection = finding.inspection
    if !isTrial { count(inspection, part, bundle) }
    var answer = InspectAnswer(
      model: bundle.name, version: bundle.version, serial: serial, time: Self.timestamp(),
      isTrial: isTrial ? true : nil, milliseconds: part.milliseconds, inspection: inspection)
    // The one place from which results leave the station: links and callers are told the same.
    let deliver: @Sendable (InspectAnswer) -> Void = { [self] answer in
      if !isTrial { for sink in attached.withLock({ $0 }) { sink.receive(answer) } }
      finish((part, answer))
    }
    guard let record, let keepsake = part.keepsake else { return deliver(answer) }
    var image: [UInt8]?
    if case .image(let bytes) = input, options.images.keeps(inspection) { image = bytes }
    let entry = try InspectionEntry(
      answer, bundle: bundle.bundle, keepsake: keepsake, featureDistance: part.featureDistance, image: image)
    answer.kept = entry.answer
    let (logger, fresh) = (logger, answer)
    @Sendable func report(_ outcome: InspectionRecord.Outcome) {
      guard case .lost(let cause) = outcome else { return }
      logger.error("inspection not recorded", metadata: ["model": "\(fresh.model)", "error": "\(cause)"])
    }
    switch options.recording {
    case .sync:
      record.append(entry) { outcome in
        report(outcome)
        deliver(fresh.recorded(outcome))
      }
    case .async:
      record.appendLater(entry) { report($0) }
      deliver(fresh)
    case .off: deliver(fresh)
    }
  }

  private func count(_ inspection: Inspection, _ part: InspectedPart, _ bundle: ServedBundle) {
    metrics.countInspection(
      model: bundle.name, verdict: inspection.verdict.rawValue, class: inspection.class, score: inspection.score,
      scale: bundle.rule.scale, threshold: inspection.threshold, milliseconds: part.milliseconds)
    // The record is asked for earlier parts when the monitor begins: before this one is among them.
    monitor(bundle).add(
      DriftMonitor.Observation(
        verdict: inspection.verdict.rawValue, score: inspection.score ?? inspection.probability.map { 1 - $0 },
        featureDistance: part.featureDistance))
  }

  /// A part without a verdict is on record, and counted as a failure only.
  private func note(
    _ failure: InspectionError, _ part: InspectedPart, _ bundle: ServedBundle, _ input: InspectionInput,
    serial: String?, isTrial: Bool
  ) {
    metrics.countRefusal("no finite answer")
    logger.error("no verdict", metadata: ["model": "\(bundle.name)", "error": "\(failure)"])
    guard options.recording != .off, let record, let keepsake = part.keepsake else { return }
    let document = InspectionFailure(
      error: "\(failure.cause); \(failure.remedy)", model: bundle.name, version: bundle.version, serial: serial,
      time: Self.timestamp(), milliseconds: part.milliseconds, isTrial: isTrial ? true : nil)
    var image: [UInt8]?
    if case .image(let bytes) = input, options.images != .none { image = bytes }
    do {
      record.appendLater(try InspectionEntry(document, bundle: bundle.bundle, keepsake: keepsake, image: image))
    } catch {
      logger.error("inspection not recorded", metadata: ["model": "\(bundle.name)", "error": "\(error)"])
    }
  }

  private static func timestamp() -> String {
    // In UTC, and it says so: ...Z.
    Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
