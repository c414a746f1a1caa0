/// An affine map of features from one line to another: `z' = s ∘ z + c + Lᵀ R z`, a scale for each feature and a part of low
/// rank.
///
/// A linear head behind it is a linear head again (``folded(weights:bias:)``), so that the map costs nothing at inspection.
public struct FeatureMap: Sendable, Equatable {
  public let dimension: Int
  /// `[D]`
  public let scale: [Float]
  /// `[D]`
  public let offset: [Float]
  /// Rows of L and R.
  public let rank: Int
  /// L and R, `[rank, D]` each.
  public let left: [Float]
  public let right: [Float]

  /// - Precondition: shapes fit.
  public init(scale: [Float], offset: [Float], left: [Float] = [], right: [Float] = []) {
    precondition(scale.count == offset.count && left.count == right.count && left.count % max(1, scale.count) == 0)
    dimension = scale.count
    self.scale = scale
    self.offset = offset
    rank = scale.isEmpty ? 0 : left.count / scale.count
    self.left = left
    self.right = right
  }

  /// The map that changes nothing.
  public static func identity(_ dimension: Int) -> FeatureMap {
    FeatureMap(
      scale: [Float](repeating: 1, count: dimension), offset: [Float](repeating: 0, count: dimension))
  }

  /// - Parameter rows: `[n, D]`.
  public func applied(to rows: FeatureMatrix) -> FeatureMatrix {
    precondition(rows.columns == dimension, "\(rows.columns) features for a map of \(dimension)")
    let (n, d) = (rows.rows, dimension)
    let values = Array(rows.values)
    var out = values
    for row in 0..<n {
      for column in 0..<d { out[row * d + column] = scale[column] * out[row * d + column] + offset[column] }
    }
    guard rank > 0, n > 0 else { return FeatureMatrix(rows: n, columns: d, values: out) }
    // R X^T is [rank, n]; its transpose times L is added.
    let shares = Self.timesTransposed(right, values, m: rank, n: n, k: d)
    Self.addTransposedTimes(shares, left, to: &out, m: n, n: d, k: rank)
    return FeatureMatrix(rows: n, columns: d, values: out)
  }

  /// The head `W' z + b'` that gives for `z` what `W z + b` gives for the mapped features.
  /// - Parameter weights: `[K, D]`.
  public func folded(weights: [Float], bias: [Float]) -> (weights: [Float], bias: [Float]) {
    let (k, d) = (bias.count, dimension)
    precondition(weights.count == k * d, "weights are not [\(k), \(d)]")
    var result = weights
    var shifted = bias
    for row in 0..<k {
      var sum = Double(bias[row])
      for column in 0..<d {
        sum += Double(weights[row * d + column]) * Double(offset[column])
        result[row * d + column] *= scale[column]
      }
      shifted[row] = Float(sum)
    }
    guard rank > 0 else { return (result, shifted) }
    let shares = Self.timesTransposed(left, weights, m: rank, n: k, k: d)
    Self.addTransposedTimes(shares, right, to: &result, m: k, n: d, k: rank)
    return (result, shifted)
  }

  /// A `[m, k]` times B`[n, k]` transposed.
  static func timesTransposed(_ a: [Float], _ b: [Float], m: Int, n: Int, k: Int) -> [Float] {
    var c = [Float](repeating: 0, count: m * n)
    guard m > 0, n > 0, k > 0 else { return c }
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          MatrixProduct.timesTransposed(a, b, into: c, m: m, n: n, k: k)
        }
      }
    }
    return c
  }

  /// C `[m, n]` += A`[k, m]` transposed times B `[k, n]`.
  static func addTransposedTimes(_ a: [Float], _ b: [Float], to c: inout [Float], m: Int, n: Int, k: Int) {
    guard m > 0, n > 0, k > 0 else { return }
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          MatrixProduct.addTransposedTimes(a, b, to: c, m: m, n: n, k: k)
        }
      }
    }
  }
}
