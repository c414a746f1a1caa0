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
  public let notices: [WorkNotice]

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
  /// - Parameter cost: a sentence.
  package init(_ step: String, announcing cost: String) {
    (self.step, done, total, note) = (step, 0, 0, cost)
    (isMilestone, isAnnouncement) = (true, true)
    notices = []
  }

  /// No step, but something to say.
  public init(notices: [WorkNotice]) {
    (step, done, total, note, isMilestone, isAnnouncement) = ("", 0, 0, nil, false, false)
    self.notices = notices
  }
}

/// Receives progress, from any thread.
public typealias ProgressHandler = @Sendable (WorkProgress) -> Void
