import AssayImage
import AssayInspection
import AssayModel
import AssayRecord
import AssayWorkflows
import Foundation
import Synchronization

/// Where and how a watcher records.
public struct WatchRecording: Sendable {
  public var folder: String
  public var images: StationOptions.ImagePolicy
  public var retention: RetentionPolicy

  public init(folder: String, images: StationOptions.ImagePolicy, retention: RetentionPolicy) {
    self.folder = folder
    self.images = images
    self.retention = retention
  }
}

/// What a watcher finds goes into the same record as what a station finds, so that its page shows both.
package final class WatchRecord {
  private let recording: WatchRecording
  private let record: InspectionRecord
  private let bundle: ModelBundle
  private let ruler: FeatureRuler?
  private let keepsakes = KeepsakeMaker()
  /// Seconds since 1970.
  private let opened = Date().timeIntervalSince1970
  private var pruned = 0.0

  package init(_ recording: WatchRecording, bundle: ModelBundle) throws {
    self.recording = recording
    self.bundle = bundle
    ruler = try bundle.reference()?.features?.ruler
    record = try InspectionRecord(folder: recording.folder)
  }

  deinit { record.close() }

  package var health: InspectionRecord.Health { record.state }

  /// Puts an answer on record and waits for the disk.
  /// - Parameters:
  ///   - arrival: when the file came or changed last, in seconds since 1970. One that was there before this watcher may be on
  ///     record already, since a crash came between the record and the journal: it is not recorded twice.
  ///   - session: which has just inspected it.
  /// - Returns: the answer with what became of it.
  package func add(
    _ answer: InspectAnswer, _ finding: Finding, bytes: [UInt8], arrival: Double, session: InspectionSession
  ) throws -> InspectAnswer {
    let picture = keepsakes.picture(of: finding.image, bytes: bytes)
    guard let keepsake = Keepsake(finding, bundle.manifest, picture) else { return answer }
    if arrival <= opened,
      let id = try? record.number(serial: answer.serial, imageHash: keepsake.imageHash, bundle: answer.model)
    {
      return answer.recorded(.recorded(id))
    }
    let entry = try InspectionEntry(
      answer, bundle: bundle, keepsake: keepsake,
      featureDistance: ruler.flatMap { ruler in session.withOutput("features") { ruler.distance($0) } },
      image: recording.images.keeps(answer.inspection) ? bytes : nil)
    let outcome = Mutex(InspectionRecord.Outcome.lost("it was not written"))
    let isDone = DispatchSemaphore(value: 0)
    record.append(entry) { result in
      outcome.withLock { $0 = result }
      isDone.signal()
    }
    isDone.wait()
    return answer.recorded(outcome.withLock { $0 })
  }

  /// Puts on record that a picture has no verdict.
  package func add(_ failure: InspectionFailure, _ image: Image, bytes: [UInt8]) throws {
    guard let keepsake = Keepsake(image, keepsakes.picture(of: image, bytes: bytes)) else { return }
    let entry = try InspectionEntry(
      failure, bundle: bundle, keepsake: keepsake, image: recording.images == .none ? nil : bytes)
    let isDone = DispatchSemaphore(value: 0)
    record.append(entry) { _ in isDone.signal() }
    isDone.wait()
  }

  /// Once a minute what is no longer kept goes.
  package func prune() {
    let now = Date().timeIntervalSince1970
    guard now - pruned >= 60 else { return }
    pruned = now
    _ = try? record.prune(recording.retention, now: now)
  }
}
