import AssayImage
import AssayInspection
package import AssayRecord
import AssayRuntime
import Foundation
package import Logging
import Synchronization

/// The one way of a part from its picture to its verdict, record and links, whoever brings it: HTTP, a PLC, a camera, a
/// watched folder.
///
/// ``judge(_:with:_:)`` decodes, inspects and makes what is kept; ``settle(_:isWaiting:finish:)`` counts the part and puts
/// it on record; ``publish(_:)`` tells the links.
package final class PartPipeline: Sendable {
  package let record: InspectionRecord?
  package let metrics = StationMetrics()
  package let monitors: DriftMonitors
  /// Of decoded pixels and what brings them; nil where one picture comes after the other.
  package let budget: ByteBudget?
  private let recording: StationOptions.Recording
  private let images: StationOptions.ImagePolicy
  private let logger: Logger
  private let attached = Mutex<[any StationLink]>([])

  /// - Parameters:
  ///   - record: nil when nothing is recorded.
  ///   - images: which are kept whole.
  package init(
    record: InspectionRecord?, recording: StationOptions.Recording, images: StationOptions.ImagePolicy,
    budget: ByteBudget?, logger: Logger
  ) {
    self.record = record
    self.recording = record == nil ? .off : recording
    self.images = images
    self.budget = budget
    self.logger = logger
    monitors = DriftMonitors(record, logger: logger)
  }

  /// From now on every result goes to this link as well.
  package func attach(_ link: any StationLink) { attached.withLock { $0.append(link) } }

  /// In the order in which they were attached.
  package var links: [any StationLink] { attached.withLock { $0 } }

  // MARK: - Judging

  /// Picture to verdict, on this thread.
  package func judge(
    _ part: Part, with bundle: ServedBundle, _ slot: InspectionQueue.Slot
  ) throws(PartRefusal) -> JudgedPart {
    do {
      let room = try budget?.take(
        try PictureMemory.bytes(of: part, bundle), of: .pixels, until: slot.deadline)
      defer { room?.giveBack() }
      return try bundle.withSession(isAlone: slot.isAlone) { session, keepsakes in
        try judge(part, bundle, slot, session, keepsakes)
      }
    } catch {
      throw PartRefusal(error, name: part.name)
    }
  }

  private func judge(
    _ part: Part, _ bundle: ServedBundle, _ slot: InspectionQueue.Slot, _ session: InspectionSession,
    _ keepsakes: KeepsakeMaker
  ) throws -> JudgedPart {
    var (finding, failure): (Finding?, InspectionError?)
    var pending: KeepsakeMaker.Pending?
    var photograph: Image?
    let isRecorded = recording != .off
    func decoded(_ image: Image) {
      photograph = image
      // While this core prepares the network's input, the others have nothing to do.
      if slot.isAlone, isRecorded { pending = keepsakes.begin(image, of: part.input) }
    }
    do throws(InspectionError) {
      finding = try session.inspect(part.input, name: part.name, decoded: decoded)
    } catch {
      // What has no verdict is put on record as well; what cannot be read is the caller's.
      guard case .notFinite = error else { throw error }
      failure = error
    }
    let milliseconds = slot.milliseconds
    var outputs: [String: Tensor] = [:]
    for name in part.outputs { outputs[name] = session.output(name) }
    let distance = failure == nil ? bundle.featureDistance(session) : nil
    let brightness = bundle.comparesBrightness ? (finding?.image ?? photograph)?.brightness : nil
    var keepsake: Keepsake?
    if isRecorded, let image = finding?.image ?? photograph {
      let picture = pending?.wait() ?? keepsakes.picture(of: image, input: part.input)
      keepsake = Keepsake(image, finding.flatMap { HeatSketch($0, bundle.manifest) }, picture)
    }
    let outcome: JudgedPart.Outcome =
      if let failure { .failed(failure) } else if let finding { .found(finding.inspection) } else { .onlyATile }
    let drawing = try part.isDrawn ? finding.map { try bundle.draw($0) } : nil
    return JudgedPart(
      bundle: bundle, outcome: outcome, serial: part.serial, isTrial: part.isTrial, mayBeOnRecord: part.mayBeOnRecord,
      outputs: outputs, featureDistance: distance, brightness: brightness, keepsake: keepsake,
      file: isRecorded && keeps(outcome) ? part.input.file : nil, drawing: drawing, milliseconds: milliseconds)
  }

  /// Whether the image is kept whole. One that has no verdict shows what the bundle fails at.
  private func keeps(_ outcome: JudgedPart.Outcome) -> Bool {
    switch outcome {
    case .found(let inspection): images.keeps(inspection)
    case .failed: images != .none
    case .onlyATile: false
    }
  }

  // MARK: - Settling

  /// Counts parts and puts them on record, all of them in one transaction or none.
  ///
  /// The worker that inspected a part does all of it, the record's writing included: each thread that is woken in between
  /// would cost a part of a millisecond.
  /// - Parameters:
  ///   - isWaiting: this thread may wait for the disk.
  ///   - finish: receives an answer for each part, nil for one without a verdict; when `recording` is synchronous, once
  ///     they are on disk.
  package func settle(
    _ parts: [JudgedPart], isWaiting: Bool, finish: @escaping @Sendable ([InspectAnswer?]) -> Void
  ) {
    var settling = Settling()
    for part in parts { settle(part, &settling) }
    let failures = settling.failures
    guard let record, !settling.entries.isEmpty else {
      tell(failures.map(\.failure))
      return finish(settling.answers)
    }
    let (entries, places, answers) = (settling.entries, settling.places, settling.answers)
    let logger = logger
    let report: @Sendable ([InspectionRecord.Outcome]) -> Void = { outcomes in
      for (outcome, entry) in zip(outcomes, entries) {
        guard case .lost(let cause) = outcome else { continue }
        logger.error("inspection not recorded", metadata: ["model": "\(entry.bundle)", "error": "\(cause)"])
      }
    }
    guard recording == .sync else {
      record.append(together: entries, isWaiting: false, finish: report)
      tell(failures.map(\.failure))
      return finish(answers)
    }
    record.append(together: entries, isWaiting: isWaiting) { outcomes in
      report(outcomes)
      var answers = answers
      for (place, outcome) in zip(places, outcomes) { answers[place] = answers[place]?.recorded(outcome) }
      self.tell(
        failures.map { failure in failure.entry.map { failure.failure.recorded(outcomes[$0]) } ?? failure.failure })
      finish(answers)
    }
  }

  /// What goes into one transaction.
  private struct Settling {
    var answers: [InspectAnswer?] = []
    var entries: [InspectionEntry] = []
    /// Of the entries among the answers.
    var places: [Int] = []
    /// Parts without a verdict, and which entry is theirs.
    var failures: [(failure: InspectionFailure, entry: Int?)] = []
  }

  private func settle(_ part: JudgedPart, _ settling: inout Settling) {
    let bundle = part.bundle
    switch part.outcome {
    case .onlyATile: settling.answers.append(nil)
    case .failed(let failure):
      logger.error("no verdict", metadata: ["model": "\(bundle.name)", "error": "\(failure)"])
      settling.answers.append(nil)
      let told = InspectionFailure(
        error: "\(failure.cause); \(failure.remedy)", model: bundle.name, version: bundle.version,
        serial: part.serial, time: Self.timestamp(), milliseconds: part.milliseconds,
        isTrial: part.isTrial ? true : nil)
      let before = settling.entries.count
      record(part, &settling) { keepsake in
        try InspectionEntry(told, bundle: bundle.bundle, keepsake: keepsake, image: part.file)
      }
      settling.failures.append((told, settling.entries.count > before ? before : nil))
    case .found(let inspection):
      let answer = InspectAnswer(
        model: bundle.name, version: bundle.version, serial: part.serial, time: Self.timestamp(),
        isTrial: part.isTrial ? true : nil, milliseconds: part.milliseconds, inspection: inspection)
      settling.answers.append(answer)
      if let number = earlierNumber(part) {
        settling.answers[settling.answers.count - 1] = answer.recorded(.recorded(number))
        return
      }
      // The record is asked for earlier parts when the monitor begins: before this one is among them.
      if !part.isTrial { count(inspection, part) }
      record(part, &settling) { keepsake in
        try InspectionEntry(
          answer, bundle: bundle.bundle, keepsake: keepsake, featureDistance: part.featureDistance,
          brightness: part.brightness, image: part.file)
      }
      if settling.places.last == settling.answers.count - 1 {
        settling.answers[settling.answers.count - 1]?.kept = settling.entries.last?.answer
      }
    }
  }

  private func record(
    _ part: JudgedPart, _ settling: inout Settling, _ entry: (Keepsake) throws -> InspectionEntry
  ) {
    guard let keepsake = part.keepsake else { return }
    do {
      settling.entries.append(try entry(keepsake))
      settling.places.append(settling.answers.count - 1)
    } catch {
      logger.error("inspection not recorded", metadata: ["model": "\(part.bundle.name)", "error": "\(error)"])
      let last = settling.answers.count - 1
      settling.answers[last] = settling.answers[last]?.recorded(.lost(String(describing: error)))
    }
  }

  private func earlierNumber(_ part: JudgedPart) -> Int64? {
    guard part.mayBeOnRecord, let record, let keepsake = part.keepsake else { return nil }
    do {
      return try record.number(serial: part.serial, imageHash: keepsake.imageHash, bundle: part.bundle.name)
    } catch {
      // Twice on record is better than not at all.
      logger.error("record not searched", metadata: ["model": "\(part.bundle.name)", "error": "\(error)"])
      return nil
    }
  }

  private func count(_ inspection: Inspection, _ part: JudgedPart) {
    metrics.countInspection(
      model: part.bundle.name, verdict: inspection.verdict.rawValue, class: inspection.class, score: inspection.score,
      scale: part.bundle.rule.scale, threshold: inspection.threshold, milliseconds: part.milliseconds)
    monitors[part.bundle].add(
      DriftMonitor.Observation(
        verdict: inspection.verdict.rawValue, score: inspection.score ?? inspection.probability.map { 1 - $0 },
        featureDistance: part.featureDistance, brightness: part.brightness))
  }

  // MARK: - Telling

  /// The one place from which results leave the station: links and callers are told the same.
  package func publish(_ answers: [InspectAnswer?]) {
    for case let answer? in answers where answer.isTrial != true {
      for link in links { link.receive(answer) }
    }
  }

  private func tell(_ failures: [InspectionFailure]) {
    for failure in failures where failure.isTrial != true {
      for link in links { link.receive(failure) }
    }
  }

  /// Counts what was not inspected.
  package func note(_ refusal: PartRefusal) {
    if let reason = refusal.reason { metrics.countRefusal(reason) }
  }

  private static func timestamp() -> String {
    // In UTC, and it says so: ...Z.
    Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
