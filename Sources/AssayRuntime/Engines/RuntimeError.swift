public import AssayBase

/// Why a network cannot be loaded or run.
public struct RuntimeError: Error, Sendable, Hashable, CustomStringConvertible {
  public let operation: String
  public let cause: String
  public let remedy: String

  public init(operation: String, cause: String, remedy: String) {
    self.operation = operation
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(operation): \(cause); \(remedy)" }

  /// A network whose weights are numbers and whose answers are not: they have outgrown 32-bit floats on the way.
  static func notFinite(_ values: String, of name: String) -> RuntimeError {
    RuntimeError(
      operation: "compute the \(values) of \(name)",
      cause: "the network answers values that are not finite numbers",
      remedy:
        "it is damaged, or wants other pixels (--mean, --deviation and --range of `assay backbones import`); import "
        + "it again, or choose another backbone")
  }

  /// - Parameters:
  ///   - bytes: what an input or output holds.
  ///   - expected: how many 32-bit floats it should hold.
  static func notFloats(bytes: Int, expected: Int) -> RuntimeError {
    RuntimeError(
      operation: "read a tensor", cause: "it has \(bytes) bytes, expected \(expected) 32-bit floats",
      remedy: "export the model with 32-bit float inputs and outputs")
  }

  /// The same of a file that is known.
  package func naming(_ file: String) -> RuntimeError {
    operation.contains(file) ? self : RuntimeError(operation: "\(file): \(operation)", cause: cause, remedy: remedy)
  }
}

extension RuntimeError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.unavailable, description) }
}
