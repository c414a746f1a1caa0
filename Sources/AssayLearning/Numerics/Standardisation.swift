import AssayBase

/// Mean and scale of every feature, as scikit-learn's `StandardScaler`: population deviation, and scale 1 where a feature
/// does not vary.
public struct Standardisation: Sendable, Equatable {
  public let mean: [Double]
  public let scale: [Double]

  public init(mean: [Double], scale: [Double]) {
    precondition(mean.count == scale.count)
    self.mean = mean
    self.scale = scale
  }

  public init(_ matrix: FeatureMatrix) {
    self.init(FeatureMoments(matrix, rows: 0..<matrix.rows))
  }

  init(_ moments: FeatureMoments) {
    let count = Double(max(moments.count, 1))
    let mean = moments.sum.map { $0 / count }
    self.mean = mean
    scale = zip(mean, moments.squares).map { mean, squares in
      let variance = max(0, squares / count - mean * mean)
      // Below this the spread is rounding error of the 32-bit features.
      return variance <= 1e-12 * max(1, mean * mean) ? 1 : variance.squareRoot()
    }
  }
}

/// Sums over rows, in double precision; moments of disjoint sets of rows add up.
struct FeatureMoments: Sendable {
  var count: Int
  var sum: [Double]
  var squares: [Double]

  init(columns: Int) {
    count = 0
    sum = [Double](repeating: 0, count: columns)
    squares = sum
  }

  init(_ matrix: FeatureMatrix, rows: some Sequence<Int>) {
    self.init(columns: matrix.columns)
    let columns = matrix.columns
    var counted = 0
    matrix.values.withUnsafeBufferPointer { values in
      sum.withUnsafeMutableBufferPointer { sum in
        squares.withUnsafeMutableBufferPointer { squares in
          for row in rows {
            counted += 1
            if counted % 1_024 == 0 { matrix.release(0..<matrix.rows) }
            for column in 0..<columns {
              let value = Double(values[row * columns + column])
              sum[column] += value
              squares[column] += value * value
            }
          }
        }
      }
    }
    count = counted
  }

  static func + (a: FeatureMoments, b: FeatureMoments) -> FeatureMoments {
    var result = a
    result.count += b.count
    for column in a.sum.indices {
      result.sum[column] += b.sum[column]
      result.squares[column] += b.squares[column]
    }
    return result
  }
}
