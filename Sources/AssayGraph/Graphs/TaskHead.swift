/// What one task makes of the representation: a linear head, and what turns its scores into an answer.
///
/// The head reads the features, or the activations of a ``SharedLayer`` where there is one.
public struct TaskHead: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Calibrated logits, one row of the head for each class.
    case classification(classes: [String])
    /// One score `s` with ordered thresholds `t`: `P(level <= k) = sigmoid(t_k - s)`; `[levels - 1]`, ascending.
    case ordinal(levels: [Double], thresholds: [Double])
    /// One score: the value itself.
    case real
  }

  /// Part of the outputs' names: letters, digits, `_` and `-`.
  public let name: String
  public let kind: Kind
  public let head: LinearHead

  /// - Precondition: as many rows in the head as the kind has scores, and one threshold fewer than levels.
  public init(name: String, kind: Kind, head: LinearHead) {
    let rows: Int
    switch kind {
    case .classification(let classes): rows = classes.count
    case .ordinal(let levels, let thresholds):
      precondition(thresholds.count == levels.count - 1, "\(thresholds.count) thresholds for \(levels.count) levels")
      rows = 1
    case .real: rows = 1
    }
    precondition(head.classCount == rows, "\(name): a head of \(head.classCount) rows instead of \(rows)")
    self.name = name
    self.kind = kind
    self.head = head
  }
}
