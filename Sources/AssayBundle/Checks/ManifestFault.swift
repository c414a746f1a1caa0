public import AssayBase

/// What in a manifest makes no sense: which of its fields, and why.
public struct ManifestFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// As in the document, for example `anomaly.grid`.
  public let field: String
  public let cause: String

  public init(_ field: String, _ cause: String) {
    self.field = field
    self.cause = cause
  }

  public var description: String { "\(field) \(cause)" }
}

extension ManifestFault: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.badData, description) }
}
