/// What several classes come to for the part as a whole: it is defective when any class is on it, and passes when none is found.
extension MultiLabelEvaluation {
  /// Of each image, whether any class is on it.
  public var isDefect: [Bool] {
    names.indices.map { row in truth[row * classes.count..<(row + 1) * classes.count].contains(true) }
  }

  /// Of each image, whether any class is found.
  public var isRejected: [Bool] {
    names.indices.map { row in
      classes.indices.contains { !(probabilities[row * classes.count + $0] < thresholds[$0]) }
    }
  }

  /// Defects that pass and good parts that are rejected.
  package var outcome: (escapes: Int, defects: Int, overkills: Int, goods: Int) {
    let parts = Array(zip(isDefect, isRejected))
    let defects = parts.count { $0.0 }
    return (
      escapes: parts.count { $0.0 && !$0.1 }, defects: defects, overkills: parts.count { !$0.0 && $0.1 },
      goods: parts.count - defects
    )
  }
}

extension MultiLabelEvaluation {
  package func probability(_ row: Int, _ k: Int) -> Double { probabilities[row * classes.count + k] }
  package func isThere(_ row: Int, _ k: Int) -> Bool { truth[row * classes.count + k] }
  package func isFound(_ row: Int, _ k: Int) -> Bool { !(probability(row, k) < thresholds[k]) }

  /// How far the class that decides is above its threshold; negative where all are below.
  package func distance(_ row: Int) -> Double {
    classes.indices.map { probability(row, $0) - thresholds[$0] }.max() ?? 0
  }
}
