import AssayBase

/// Rows of features that count more or less, as where the classes of one line are to be mixed as on another.
public struct WeightedRows: Sendable {
  public let matrix: FeatureMatrix
  /// Of each row, not negative, with a sum of 1.
  public let weights: [Double]
  /// Mean and population variance of every feature, `[D]`.
  public let mean: [Double]
  public let variance: [Double]

  /// - Parameter weights: nil when all rows count alike; at least one above 0.
  public init(_ matrix: FeatureMatrix, weights given: [Double]? = nil) {
    precondition(matrix.rows > 0 && (given == nil || given?.count == matrix.rows), "no rows, or a weight too few")
    let raw = given ?? [Double](repeating: 1, count: matrix.rows)
    let total = raw.reduce(0, +)
    precondition(total > 0, "all weights are 0")
    let weights = raw.map { $0 / total }
    let d = matrix.columns
    var mean = [Double](repeating: 0, count: d)
    var variance = mean
    matrix.values.withUnsafeBufferPointer { values in
      for row in 0..<matrix.rows where weights[row] > 0 {
        for column in 0..<d { mean[column] += weights[row] * Double(values[row * d + column]) }
      }
      for row in 0..<matrix.rows where weights[row] > 0 {
        for column in 0..<d {
          let centred = Double(values[row * d + column]) - mean[column]
          variance[column] += weights[row] * centred * centred
        }
      }
    }
    self.matrix = matrix
    self.weights = weights
    self.mean = mean
    self.variance = variance
  }

  /// As many equal rows as would tell as much (Kish 1965): 1 / sum of squared weights.
  public var effectiveCount: Double { 1 / weights.reduce(0) { $0 + $1 * $1 } }

  /// The same, rounded down; 0 where no row has a weight.
  var wholeCount: Int { effectiveCount.isFinite ? Int(min(effectiveCount, Double(weights.count))) : 0 }

  /// Rows that give each class its share, by weight.
  /// - Parameters:
  ///   - labels: class of each row.
  ///   - shares: of each class; classes without rows are left out.
  /// - Returns: nil when no class with a share has rows.
  public static func mixing(_ labels: [Int], shares: [Double]) -> [Double]? {
    var counts = [Int](repeating: 0, count: shares.count)
    for label in labels { counts[label] += 1 }
    let weights = labels.map { shares[$0] / Double(counts[$0]) }
    return weights.contains { $0 > 0 } ? weights : nil
  }
}
