import AssayRecord
import Foundation

extension FolderWatcher {
  /// What is done beside the pictures, and what people should be told of it.
  struct Keeping {
    /// When the record was pruned last, seconds since 1970.
    var pruned = 0.0
    /// Why pruning failed last; said once.
    var failure: String?
    var waitsForClock = false
    var isDrifting = false
    /// Parts that drift was looked for in.
    var looked = 0
    var notices: [String] = []
  }

  /// What happened since this was last asked: the record cannot be pruned, the latest pictures are unlike those of training.
  public func takeNotices() -> [String] {
    defer { keeping.notices = [] }
    return keeping.notices
  }

  /// Once a minute what the record no longer keeps goes.
  func prune() {
    let now = Date().timeIntervalSince1970
    guard let recording, let record = pipeline.record, now - keeping.pruned >= 60 else { return }
    keeping.pruned = now
    do throws(RecordError) {
      let pruned = try record.tidyUp(recording.retention)
      if pruned.waitsForClock != nil, !keeping.waitsForClock {
        keeping.notices.append(
          "warning: the clock has jumped: nothing is removed from the record by age until this has run for a day")
      }
      keeping.waitsForClock = pruned.waitsForClock != nil
      keeping.failure = nil
    } catch {
      if keeping.failure == nil { keeping.notices.append("warning: the record cannot be pruned: \(error)") }
      keeping.failure = error.description
    }
  }

  /// The same comparison with training as a station's.
  func observeDrift() {
    let monitor = pipeline.monitors[bundle]
    let looked = monitor.lookedCount
    guard looked != keeping.looked else { return }
    keeping.looked = looked
    let alarms = monitor.findings(bundle).filter(\.isAlarm)
    defer { keeping.isDrifting = !alarms.isEmpty }
    guard alarms.isEmpty == keeping.isDrifting else { return }
    guard let first = alarms.first else {
      keeping.notices.append("the latest pictures are again like those of training")
      return
    }
    keeping.notices.append(
      "warning: \(first.words), unlike those of training: look at lamp, lens and camera, or train again")
  }
}
