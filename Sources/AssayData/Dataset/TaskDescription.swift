/// One question that is asked of every image.
public struct TaskDescription: Sendable, Hashable, Codable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Which of several classes (`label:NAME`).
    case classification
    /// Which of several ordered levels (`level:NAME`).
    case ordinal
    /// A number (`score:NAME`).
    case real
  }

  /// Letters, digits, `_` and `-`: the name is part of the graph's outputs and of command lines.
  public var name: String
  public var kind: Kind
  /// Of a classification: the classes that occur, sorted by name.
  public var classes: [String]
  /// Of an ordinal task: the levels that occur, ascending.
  public var levels: [Double]
  /// Of a classification: the class that passes, when one does.
  public var goodClass: String?

  public init(
    name: String, kind: Kind, classes: [String] = [], levels: [Double] = [], goodClass: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.classes = classes
    self.levels = levels
    self.goodClass = goodClass
  }

  /// Why no class of a classification is known to be good; nil when one is, and for other tasks.
  public var goodClassReason: String? {
    guard kind == .classification, goodClass == nil, case .unknown(let reason) = GoodClass.finding(in: classes) else {
      return nil
    }
    return reason
  }

  static func isUsable(name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy { scalar in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
      }
  }
}

/// What is known of an image for one task.
public enum TaskTarget: Sendable, Hashable {
  /// The class of a classification.
  case label(String)
  /// The level of an ordinal task, or a real value.
  case value(Double)

  public var label: String? { if case .label(let name) = self { name } else { nil } }
  public var value: Double? { if case .value(let number) = self { number } else { nil } }
}
