import AssayBundle
import AssayInspection
import AssayStation

/// Whether a bundle is served as it is on disk.
enum BundleCondition: String, Encodable {
  case served
  /// The one on disk cannot be loaded: the one before it is served on.
  case outdated
  /// It cannot be loaded, and nothing is served under its name.
  case failed

  init(_ entry: BundleShelf.Entry) {
    self = entry.served == nil ? .failed : entry.failure == nil ? .served : .outdated
  }
}

/// How a bundle's threshold came to be what it is: who changed it, when and why.
struct ThresholdHistory: Encodable {
  struct Change: Encodable {
    /// ISO 8601, UTC.
    let date: String
    /// `threshold`, `undo`, `add` or `forget`.
    let action: String
    let by: String?
    let reason: String?
    /// What was done.
    let note: String

    init(_ change: Manifest.Change) {
      (date, action, by) = (change.date, change.action, change.by)
      (reason, note) = (change.reason, change.note)
    }
  }

  /// More are told by `assay info`.
  private static let most = 50

  /// What {"undo": true} would take back; nil when there is nothing.
  let undoable: Change?
  /// The latest first.
  let changes: [Change]

  init(_ manifest: Manifest) {
    undoable = ThresholdSetting.undoable(manifest.changes).map(Change.init)
    changes = manifest.changes.suffix(Self.most).reversed().map(Change.init)
  }
}
