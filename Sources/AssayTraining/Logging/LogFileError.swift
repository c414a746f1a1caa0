public import AssayBase

/// Why a log cannot be written.
public struct LogFileError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String
  public let cause: String
  public var remedy: String { "free some space or choose a folder that can be written" }
  public var description: String { "\(path): \(cause); \(remedy)" }
}

extension LogFileError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.inputOutput, description) }
}
