import AssayBase
import COpenVINO

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

  /// Turns a status of the C API into an error with OpenVINO's own words.
  static func check(_ status: ov_status_e, _ operation: String) throws(RuntimeError) {
    guard status != OK else { return }
    let detail = ov_get_last_err_msg().map { String(cString: $0) } ?? ""
    let name = ov_get_error_info(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
    let text = detail.isEmpty ? name : detail.split(whereSeparator: \.isNewline).suffix(2).joined(separator: " ")
    throw RuntimeError(
      operation: operation, cause: "OpenVINO reports: \(text)", remedy: "run `assay doctor`; if it is well, report this"
    )
  }
}

extension RuntimeError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.unavailable, description) }
}
