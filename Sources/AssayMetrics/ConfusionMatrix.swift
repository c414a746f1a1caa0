/// Counts of actual against predicted classes, and what follows from them. Definitions and the handling of empty classes
/// are scikit-learn's (`zero_division=0`).
public struct ConfusionMatrix: Sendable, Equatable {
  public let classCount: Int
  /// `counts[actual][predicted]`
  public private(set) var counts: [[Int]]

  public init(classCount: Int) {
    self.classCount = classCount
    counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
  }

  /// - Parameters:
  ///   - actual, predicted: classes 0..<classCount, one pair an image.
  public init(actual: [Int], predicted: [Int], classCount: Int) {
    precondition(actual.count == predicted.count)
    self.init(classCount: classCount)
    for (a, p) in zip(actual, predicted) { counts[a][p] += 1 }
  }

  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

  public var correct: Int { (0..<classCount).reduce(0) { $0 + counts[$1][$1] } }

  /// Images of each actual class.
  public var support: [Int] { counts.map { $0.reduce(0, +) } }

  /// Images predicted as each class.
  public var predictedCounts: [Int] { (0..<classCount).map { k in counts.reduce(0) { $0 + $1[k] } } }

  public var accuracy: Double { Self.ratio(correct, total) }

  /// Mean recall over the classes that occur.
  public var balancedAccuracy: Double {
    let present = (0..<classCount).filter { support[$0] > 0 }
    return present.isEmpty ? 0 : present.reduce(0) { $0 + recall[$1] } / Double(present.count)
  }

  /// Of the images predicted as a class, the share that is one.
  public var precision: [Double] {
    let predicted = predictedCounts
    return (0..<classCount).map { Self.ratio(counts[$0][$0], predicted[$0]) }
  }

  /// Of the images of a class, the share that was found.
  public var recall: [Double] {
    let support = support
    return (0..<classCount).map { Self.ratio(counts[$0][$0], support[$0]) }
  }

  /// Harmonic mean of precision and recall.
  public var f1: [Double] {
    let (support, predicted) = (support, predictedCounts)
    return (0..<classCount).map { Self.ratio(2 * counts[$0][$0], support[$0] + predicted[$0]) }
  }

  /// Mean over the classes that occur in the truth or in the predictions, as scikit-learn's `average="macro"`.
  public func macro(_ values: [Double]) -> Double {
    let (support, predicted) = (support, predictedCounts)
    let present = (0..<classCount).filter { support[$0] + predicted[$0] > 0 }
    return present.isEmpty ? 0 : present.reduce(0) { $0 + values[$1] } / Double(present.count)
  }

  /// Mean weighted by support, as scikit-learn's `average="weighted"`.
  public func weighted(_ values: [Double]) -> Double {
    let support = support
    let sum = support.reduce(0, +)
    return sum == 0 ? 0 : zip(values, support).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(sum)
  }

  public var macroF1: Double { macro(f1) }

  /// Precision, recall and F1 over all decisions together: with one label an image all three are the accuracy.
  public var microF1: Double { accuracy }

  static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
