import AssayBase

/// How far two sets of features lie apart: `2 E|X - Y| - E|X - X'| - E|Y - Y'|` (Székely and Rizzo 2013), with the unbiased
/// means over pairs. About 0, and as often below as above, for two sets of one distribution.
public struct EnergyDistance: Sendable, Equatable {
  public let value: Double
  /// Share of random divisions of all rows into two sets of these sizes that lie at least as far apart, 0...1; nil when it
  /// was not asked for.
  public let pValue: Double?

  /// - Parameters:
  ///   - permutations: 0 for no p-value; its smallest value is 1 / (permutations + 1).
  /// - Precondition: as many columns in both, and at least two rows each.
  public init(_ first: FeatureMatrix, _ second: FeatureMatrix, permutations: Int = 0, seed: UInt64 = 0) {
    precondition(first.columns == second.columns && first.rows > 1 && second.rows > 1, "two rows of each are needed")
    let n = first.rows + second.rows
    let all = Array(first.values) + Array(second.values)
    let distances = Self.distances(all, rows: n, columns: first.columns)
    var order = Array(0..<n)
    let observed = Self.value(distances, order, first.rows)
    value = observed
    guard permutations > 0 else {
      pValue = nil
      return
    }
    var generator = SplitMix64(seed: seed ^ 0x454E_4552)
    var asFar = 1
    for _ in 0..<permutations {
      order.shuffle(using: &generator)
      if Self.value(distances, order, first.rows) >= observed { asFar += 1 }
    }
    pValue = Double(asFar) / Double(permutations + 1)
  }

  /// Euclidean, `[n, n]`.
  private static func distances(_ rows: [Float], rows n: Int, columns d: Int) -> [Float] {
    // Relative to the mean, where products lose less to rounding.
    var mean = [Float](repeating: 0, count: d)
    for row in 0..<n {
      for column in 0..<d { mean[column] += rows[row * d + column] / Float(n) }
    }
    var centred = rows
    for row in 0..<n {
      for column in 0..<d { centred[row * d + column] -= mean[column] }
    }
    var products = FeatureMap.timesTransposed(centred, centred, m: n, n: n, k: d)
    let squares = (0..<n).map { products[$0 * n + $0] }
    for i in 0..<n {
      for j in 0..<n {
        products[i * n + j] = i == j ? 0 : max(0, squares[i] + squares[j] - 2 * products[i * n + j]).squareRoot()
      }
    }
    return products
  }

  private static func value(_ distances: [Float], _ order: [Int], _ m: Int) -> Double {
    let n = order.count
    var isFirst = [Bool](repeating: false, count: n)
    for position in 0..<m { isFirst[order[position]] = true }
    var (within, between, other) = (0.0, 0.0, 0.0)
    distances.withUnsafeBufferPointer { distances in
      for i in 0..<n {
        var (same, across) = (Float(0), Float(0))
        for j in 0..<n {
          if isFirst[i] == isFirst[j] { same += distances[i * n + j] } else { across += distances[i * n + j] }
        }
        if isFirst[i] { within += Double(same) } else { other += Double(same) }
        between += Double(across)
      }
    }
    let k = n - m
    return between / Double(m * k) - within / Double(m * (m - 1)) - other / Double(k * (k - 1))
  }
}
