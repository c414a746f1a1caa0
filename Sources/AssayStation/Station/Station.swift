import AssayBase
package import AssayRecord
import Foundation
public import Logging
import Synchronization

/// An inspection station: bundles, the queue before the cores, the record, and what is counted. Whoever brings parts stands
/// before it.
public final class Station: Sendable {
  package let options: StationOptions
  package let shelf: BundleShelf
  package let queue: InspectionQueue
  package let record: InspectionRecord?
  package let pipeline: PartPipeline
  package let budget: ByteBudget
  package let logger: Logger
  package let retraining: RetrainingDesk
  /// Tells whoever listens, the page for instance.
  package let events: EventFeed
  /// Whether nothing is removed by age now, since the clock has jumped.
  private let clockWaits = Mutex(false)

  /// Loads the bundles and opens the record. Blocks.
  /// - Throws: ``StationError``.
  public init(_ options: StationOptions, logger: Logger) throws(StationError) {
    self.options = options
    self.logger = logger
    do {
      shelf = try BundleShelf(
        options.bundles, maximumPixels: options.maximumPixels, engines: options.engines, logger: logger)
      if options.recording == .off {
        record = nil
      } else {
        guard let folder = options.recordFolder else {
          throw StationError(.usage, "name a folder for the record, or say that nothing is to be recorded")
        }
        // A part that cannot be recorded is better inspected than not.
        record = try InspectionRecord(folder: folder, maximumBytes: options.recordLimit, toleratingFailure: ())
        record?.keep(bytes: options.retention.bytes)
        if let failure = record?.state.failure {
          logger.error("NOTHING IS RECORDED: inspections are lost", metadata: ["error": "\(failure)"])
        }
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
    budget = ByteBudget(bytes: options.memory)
    pipeline = PartPipeline(
      record: record, recording: options.recording, images: options.images, budget: budget, logger: logger)
    var limits = EventFeed.Limits()
    limits.readers = options.eventReaders
    let events = EventFeed(limits)
    self.events = events
    pipeline.attach(events)
    shelf.whenChanged { events.bundlesChanged() }
    let metrics = pipeline.metrics
    queue = InspectionQueue(capacity: options.queueLength, longestWait: options.longestWait) { metrics.countBatch($0) }
    retraining = RetrainingDesk(program: options.program, data: options.trainingData, record: options.recordFolder)
  }

  /// From now on every result goes to this link as well.
  public func attach(_ sink: any StationLink) { pipeline.attach(sink) }

  /// How the links to the plant are, in the order in which they were attached.
  package var links: [LinkHealth] { pipeline.links.filter { $0 as? EventFeed !== events }.map(\.health) }

  /// Now, as the people at the station read it off.
  package var time: StationTime { StationTime(in: options.timeZone) }

  package var metrics: StationMetrics { pipeline.metrics }

  /// What is remembered of the latest parts of a bundle's graph.
  package func monitor(_ bundle: ServedBundle) -> DriftMonitor { pipeline.monitors[bundle] }

  /// Finishes what was accepted, closes the record, and lets the links send what they have.
  public func close() {
    retraining.close()
    queue.close()
    record?.close()
    for link in pipeline.links { link.close() }
  }

  /// Removes what the record no longer keeps. Blocks.
  package func prune() {
    guard let record else { return }
    do {
      let pruned = try record.tidyUp(options.retention)
      let isWaiting = pruned.waitsForClock != nil
      let isNews = clockWaits.withLock { waits in
        defer { waits = isWaiting }
        return isWaiting && !waits
      }
      if isNews {
        logger.warning(
          "the clock has jumped: nothing is removed by age until the station has run for a day",
          metadata: ["hours": .stringConvertible((pruned.waitsForClock ?? 0) / 3600)])
      }
      if let indexing = record.state.indexing {
        logger.info(
          "a record of an earlier version is looked through",
          metadata: ["done": .stringConvertible(indexing.done), "of": .stringConvertible(indexing.total)])
      }
      if pruned.inspections + pruned.images > 0 {
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
}
