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

  /// Sorts an error of any layer: what does not know its kind is one of input and output.
  public init(_ error: any Error) {
    switch error {
    case let error as WorkflowError: self = error
    case let error as any WorkflowFailure: self = error.workflowError
    default: self.init(.inputOutput, String(describing: error))
    }
  }
}

/// An error of a layer that says itself of which kind it is, so that nobody above has to know all errors below.
public protocol WorkflowFailure: Error {
  var workflowError: WorkflowError { get }
}
