public import AssayBase

/// Why a network cannot be trained.
public struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The node of the graph, the operation or the file.
  public let subject: String
  public let cause: String
  public let remedy: String

  public init(_ subject: String, cause: String, remedy: String) {
    self.subject = subject
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(subject): \(cause); \(remedy)" }
}

extension TrainingError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.badData, description) }
}
