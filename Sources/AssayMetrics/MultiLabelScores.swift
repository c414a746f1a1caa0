/// How well several classes are found on each image, each by a probability and a threshold of its own.
public struct MultiLabelScores: Sendable, Equatable {
  /// One class's figures.
  public struct ClassScores: Sendable, Equatable {
    /// Images that show the class.
    public let support: Int
    public let found: Int
    /// Images on which it was found though it is not there.
    public let falseAlarms: Int
    /// nil when no image shows the class.
    public let averagePrecision: Double?

    /// 0 when the class was never found, as scikit-learn has it.
    public var precision: Double { found + falseAlarms == 0 ? 0 : Double(found) / Double(found + falseAlarms) }
    public var recall: Double { support == 0 ? 0 : Double(found) / Double(support) }
    public var f1: Double {
      let all = support + found + falseAlarms
      return all == 0 ? 0 : Double(2 * found) / Double(all)
    }
  }

  /// In the order of the classes.
  public let classes: [ClassScores]
  /// Share of images on which exactly the right classes were found.
  public let exactMatch: Double

  /// - Parameters:
  ///   - probabilities: `[n, K]`, row by row.
  ///   - truth: `[n, K]`, whether each class is there.
  ///   - thresholds: `[K]`; a class is found when its probability is at least this.
  public init(probabilities: [Double], truth: [Bool], thresholds: [Double]) {
    precondition(probabilities.count == truth.count && !thresholds.isEmpty, "shapes do not fit")
    let count = thresholds.count
    let rows = truth.count / count
    classes = (0..<count).map { k in
      let scores = (0..<rows).map { probabilities[$0 * count + k] }
      let isThere = (0..<rows).map { truth[$0 * count + k] }
      let found = zip(scores, isThere).filter { $0.0 >= thresholds[k] }
      return ClassScores(
        support: isThere.count { $0 }, found: found.count(where: \.1), falseAlarms: found.count { !$0.1 },
        averagePrecision: PrecisionRecallCurve(scores: scores, isPositive: isThere)?.averagePrecision)
    }
    let exact = (0..<rows).count { row in
      (0..<count).allSatisfy { (probabilities[row * count + $0] >= thresholds[$0]) == truth[row * count + $0] }
    }
    exactMatch = rows == 0 ? 0 : Double(exact) / Double(rows)
  }

  /// Mean of the average precisions of the classes that occur.
  public var meanAveragePrecision: Double? {
    let known = classes.compactMap(\.averagePrecision)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// Mean over the classes.
  public var macroF1: Double { classes.reduce(0) { $0 + $1.f1 } / Double(classes.count) }

  /// Over all images and classes together.
  public var microF1: Double {
    let found = classes.reduce(0) { $0 + $1.found }
    let all = classes.reduce(0) { $0 + $1.support + $1.found + $1.falseAlarms }
    return all == 0 ? 0 : Double(2 * found) / Double(all)
  }
}
