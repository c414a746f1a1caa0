import AssayData
import AssayImage
import AssayInspection
import AssayLearning
import AssayModel
import AssayRuntime
import AssayTraining

/// An error as the command line and the server show it: what happened, and of which kind.
public struct WorkflowError: Error, Sendable, CustomStringConvertible {
  /// Exit codes follow sysexits.
  public enum Kind: Int32, Sendable {
    case usage = 64
    case badData = 65
    case noInput = 66
    case unavailable = 69
    case inputOutput = 74
    /// Stopped by a signal; what was computed is kept.
    case interrupted = 143
  }

  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// Sorts the errors of the lower layers.
  public init(_ error: any Error) {
    switch error {
    case let error as WorkflowError: self = error
    case let error as DataError: self.init(error.reason == .notFound ? .noInput : .badData, error.description)
    case let error as ImageError: self.init(error.reason == .notFound ? .noInput : .badData, error.description)
    case let error as BundleError:
      switch error.reason {
      case .notFound: self.init(.noInput, error.description)
      case .cannotWrite, .changed: self.init(.inputOutput, error.description)
      default: self.init(.badData, error.description)
      }
    case let error as InspectionError:
      switch error {
      case .image(let cause): self.init(cause)
      case .runtime(let cause): self.init(cause)
      case .input, .notFinite: self.init(.badData, error.description)
      }
    case let error as DecisionError: self.init(.usage, error.description)
    case let error as ManifestFault: self.init(.badData, error.description)
    case let error as RuntimeError: self.init(.unavailable, error.description)
    case let error as WeightsError: self.init(.unavailable, error.description)
    case let error as ModelError: self.init(.badData, error.description)
    case let error as TrainingError: self.init(.badData, error.description)
    case let error as LogFileError: self.init(.inputOutput, error.description)
    case let error as NonFiniteGradient: self.init(.badData, "training diverged: \(error)")
    case let error as DecisionThreshold.Insufficient: self.init(.badData, error.description)
    case let error as Folds.Impossible: self.init(.badData, error.description)
    default: self.init(.inputOutput, String(describing: error))
    }
  }
}

/// One step of long work.
public struct WorkProgress: Sendable {
  public let step: String
  public let done: Int
  public let total: Int
  /// More for people: the loss, say.
  public let note: String?
  /// Whether the note is worth a line where no bar is drawn.
  public let isMilestone: Bool
  /// Whether the note is said at once, in a line of its own, also where a bar is drawn: what the step will cost.
  public let isAnnouncement: Bool
  /// What the user must know of the data set at once, whatever becomes of the work; empty for a step of work.
  public let notices: [DataReading.Notice]

  public init(_ step: String, _ done: Int, _ total: Int, note: String? = nil, isMilestone: Bool = false) {
    self.step = step
    self.done = done
    self.total = total
    self.note = note
    self.isMilestone = isMilestone
    isAnnouncement = false
    notices = []
  }

  /// What a step of work will cost.
  public init(_ step: String, announcing estimate: WorkEstimate) {
    (self.step, done, total, note) = (step, 0, 0, estimate.sentence)
    (isMilestone, isAnnouncement) = (true, true)
    notices = []
  }

  /// No step, but something to say.
  public init(notices: [DataReading.Notice]) {
    (step, done, total, note, isMilestone, isAnnouncement) = ("", 0, 0, nil, false, false)
    self.notices = notices
  }
}

/// Receives progress, from any thread.
public typealias ProgressHandler = @Sendable (WorkProgress) -> Void
