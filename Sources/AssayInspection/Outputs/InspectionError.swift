public import AssayBase
public import AssayImage
public import AssayRuntime

/// Why an image has no verdict. None of these is ever a good part.
public enum InspectionError: Error, Sendable, CustomStringConvertible {
  /// It cannot be read.
  case image(ImageError)
  /// The network's own input, as a caller gave it, holds something that is no number.
  case input(name: String, position: Int, value: Float)
  /// The network answered something that is no number.
  case notFinite(name: String, output: String)
  /// The network could not be run.
  case runtime(RuntimeError)

  /// Sorts the errors of the lower layers.
  package init(_ error: any Error, name: String) {
    switch error {
    case let error as InspectionError: self = error
    case let error as ImageError: self = .image(error)
    case let error as RuntimeError: self = .runtime(error)
    default:
      self = .runtime(
        RuntimeError(operation: "inspect \(name)", cause: String(describing: error), remedy: "report this"))
    }
  }

  /// The file or caller is at fault, not the bundle.
  public var isCallers: Bool {
    switch self {
    case .image, .input: true
    case .notFinite, .runtime: false
    }
  }

  public var cause: String {
    switch self {
    case .image(let error): error.cause
    case .input(_, let position, let value): "value \(position) of the input is \(value)"
    case .notFinite(_, let output): "the network's answer `\(output)` is not a finite number, so there is no verdict"
    case .runtime(let error): "\(error.operation): \(error.cause)"
    }
  }

  public var remedy: String {
    switch self {
    case .image(let error): error.remedy
    case .input: "send finite numbers, 0...1"
    case .notFinite:
      "the bundle is damaged or was trained on damaged weights: train it again, and keep this image apart"
    case .runtime(let error): error.remedy
    }
  }

  public var description: String {
    switch self {
    case .image(let error): error.description
    case .runtime(let error): error.description
    case .input(let name, _, _), .notFinite(let name, _): "\(name): \(cause); \(remedy)"
    }
  }
}

extension InspectionError: WorkflowFailure {
  public var workflowError: WorkflowError {
    switch self {
    case .image(let cause): cause.workflowError
    case .runtime(let cause): cause.workflowError
    case .input, .notFinite: WorkflowError(.badData, description)
    }
  }
}
