public import AssayBase
public import AssayBundle

/// Why a decision cannot be made or changed as asked.
public enum DecisionError: Error, Sendable, Equatable, CustomStringConvertible {
  case unknownClass(String, known: [String])
  /// Each class has a threshold of its own, and none was named.
  case classNeeded([String])
  /// A class was named, but there is one threshold for all.
  case noClassThresholds
  /// Nothing is judged, so there is no threshold to set.
  case nothingToSet(why: String)
  case outOfRange(Double, ThresholdScale)
  case nothingToUndo
  /// No held-out part is known on which a band could be chosen.
  case noHeldOutParts
  /// Not a share of parts.
  case noShare(Double)

  public var description: String {
    switch self {
    case .unknownClass(_, let known) where known.isEmpty:
      "the bundle states values and finds no class, so that no part can be corrected to one"
    case .unknownClass(let name, let known):
      "there is no class \(name.prefix(100)), only \(known.joined(separator: ", "))"
    case .classNeeded(let classes):
      "each class has a threshold of its own; name one of \(classes.joined(separator: ", "))"
    case .noClassThresholds: "there is one threshold for all classes; leave the class out"
    case .nothingToSet(let why): why
    case .outOfRange(let value, let scale): "the threshold is \(scale.description), not \(value)"
    case .noHeldOutParts:
      "the bundle keeps no scores of held-out parts, or nothing that is judged; train it again with --uncertain"
    case .noShare(let value): "the share of uncertain parts is at least 0 and below 1, not \(value)"
    case .nothingToUndo: "no change of the threshold is left that could be undone"
    }
  }
}

extension DecisionError: WorkflowFailure {
  public var workflowError: WorkflowError { WorkflowError(.usage, description) }
}
