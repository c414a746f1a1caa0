import AssayBase
import Foundation

/// Maps that bring features of a new line to where those of the source lay, from unlabelled rows.
///
/// All features are expected in units of the source's deviations.
public enum FeatureAlignment {
  /// How many images count as much as the belief that deviations have not changed.
  static let priorImages = 8.0
  /// Deviations are not changed by more than this factor.
  static let largestRatio = 8.0

  /// Mean and deviation of every feature are made those of the source: `z' = (z - m_t) s_s / s_t + m_s`.
  ///
  /// The logarithm of the ratio is shrunk towards 0 as n / (n + 8), since few images tell little of a deviation.
  public static func statistics(source: WeightedRows, target: WeightedRows) -> FeatureMap {
    let count = target.effectiveCount
    let trust = count / (count + priorImages)
    let d = source.mean.count
    var scale = [Float](repeating: 1, count: d)
    var offset = [Float](repeating: 0, count: d)
    for column in 0..<d {
      let floor = 1e-6
      let ratio = log(max(source.variance[column], floor) / max(target.variance[column], floor)) / 2
      let limited = min(max(trust * ratio, -log(largestRatio)), log(largestRatio))
      let s = exp(limited)
      scale[column] = Float(s)
      offset[column] = Float(source.mean[column] - s * target.mean[column])
    }
    return FeatureMap(scale: scale, offset: offset)
  }

  /// Means and deviations as ``statistics(source:target:)``, then correlations: within the leading principal components of
  /// both lines together the features are whitened and coloured (``CovarianceAlignment``); a full covariance of thousands of
  /// features cannot be known from a few hundred images.
  /// - Parameter components: at most a quarter of the images of either line are taken.
  public static func correlations(
    source: WeightedRows, target: WeightedRows, components: Int = 32, seed: UInt64 = 0
  ) -> FeatureMap {
    let first = statistics(source: source, target: target)
    let d = first.dimension
    let moved = WeightedRows(first.applied(to: target.matrix), weights: target.weights)
    let limit = min(source.wholeCount / 4, target.wholeCount / 4)
    let k = max(0, min(components, limit, d))
    guard k > 0 else { return first }
    let basis = leadingDirections(source, moved, count: k, seed: seed)
    let found = basis.count / d
    guard found > 0 else { return first }
    func covariance(_ rows: WeightedRows) -> [Double] {
      let shares = coordinates(rows, basis, found)
      return CovarianceAlignment.shrunkenCovariance(shares, weights: rows.weights, size: found).covariance
    }
    var turn = CovarianceAlignment.matrix(source: covariance(source), target: covariance(moved), size: found)
    for i in 0..<found { turn[i * found + i] -= 1 }
    // z' = y + Bᵀ M B (y - m_s) with y = s z + c.
    let m = turn.map { Float($0) }
    var right = [Float](repeating: 0, count: found * d)
    for i in 0..<found {
      for j in 0..<found {
        let weight = m[i * found + j]
        for column in 0..<d { right[i * d + column] += weight * basis[j * d + column] }
      }
    }
    var offset = first.offset
    for i in 0..<found {
      var sum = 0.0
      for column in 0..<d {
        sum += Double(right[i * d + column]) * (Double(first.offset[column]) - source.mean[column])
      }
      for column in 0..<d { offset[column] += Float(sum) * basis[i * d + column] }
    }
    for i in 0..<found {
      for column in 0..<d { right[i * d + column] *= first.scale[column] }
    }
    return FeatureMap(scale: first.scale, offset: offset, left: basis, right: right)
  }

  /// What good parts of the new line differ in from good parts of the source is taken out of every part: the direction
  /// between their means, and directions in which the new line's good parts vary at least four times as much (in variance).
  ///
  /// `z' = z - Vᵀ V (z - m)` with `m` the mean of the source's good parts.
  /// - Parameter directions: at most so many.
  public static func subspace(sourceGood: WeightedRows, targetGood: WeightedRows, directions: Int = 8) -> FeatureMap {
    let d = sourceGood.mean.count
    var basis: [[Double]] = []
    func orthonormal(_ vector: [Double]) -> [Double]? {
      var v = vector
      for _ in 0..<2 {
        for other in basis {
          let share = zip(v, other).reduce(0) { $0 + $1.0 * $1.1 }
          for column in 0..<d { v[column] -= share * other[column] }
        }
      }
      let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 1e-9 ? v.map { $0 / length } : nil
    }
    if let shift = orthonormal(zip(targetGood.mean, sourceGood.mean).map(-)) { basis.append(shift) }
    if targetGood.effectiveCount >= 6, directions > 1 {
      let own = leadingDirections(
        targetGood, nil, count: min(directions - 1, targetGood.wholeCount / 3), seed: 0)
      for start in stride(from: 0, to: own.count, by: d) {
        guard let v = orthonormal(own[start..<start + d].map(Double.init)) else { continue }
        let direction = v.map { Float($0) }
        let (new, old) = (variance(targetGood, direction), variance(sourceGood, direction))
        if new > 4 * max(old, 1e-6) { basis.append(v) }
      }
    }
    let rows = basis.flatMap { $0.map { Float($0) } }
    var offset = [Float](repeating: 0, count: d)
    for v in basis {
      let share = zip(v, sourceGood.mean).reduce(0) { $0 + $1.0 * $1.1 }
      for column in 0..<d { offset[column] += Float(share * v[column]) }
    }
    return FeatureMap(
      scale: [Float](repeating: 1, count: d), offset: offset, left: rows, right: rows.map { -$0 })
  }

  /// Centred coordinates along a basis, `[n, k]`.
  private static func coordinates(_ rows: WeightedRows, _ basis: [Float], _ k: Int) -> [Double] {
    let (n, d) = (rows.matrix.rows, rows.matrix.columns)
    let raw = FeatureMap.timesTransposed(Array(rows.matrix.values), basis, m: n, n: k, k: d)
    let centre = (0..<k).map { i in
      (0..<d).reduce(0.0) { $0 + Double(basis[i * d + $1]) * rows.mean[$1] }
    }
    return raw.indices.map { Double(raw[$0]) - centre[$0 % k] }
  }

  private static func variance(_ rows: WeightedRows, _ direction: [Float]) -> Double {
    let shares = coordinates(rows, direction, 1)
    return zip(shares, rows.weights).reduce(0) { $0 + $1.1 * $1.0 * $1.0 }
  }

  /// Principal directions of the rows of one or two lines, each centred by its own mean: `[k, d]`, from the eigenvectors of
  /// the matrix of products between rows (at most 64 of a line).
  private static func leadingDirections(
    _ first: WeightedRows, _ second: WeightedRows?, count: Int, seed: UInt64
  ) -> [Float] {
    let d = first.matrix.columns
    var generator = SplitMix64(seed: seed ^ 0x434F_5241)
    var centred: [Float] = []
    for rows in [first] + (second.map { [$0] } ?? []) {
      let usable = rows.weights.indices.filter { rows.weights[$0] > 0 }
      let chosen = usable.count > 64 ? Array(usable.shuffled(using: &generator).prefix(64)).sorted() : usable
      let total = chosen.reduce(0) { $0 + rows.weights[$1] }
      for row in chosen {
        let factor = Float((rows.weights[row] / total).squareRoot())
        for column in 0..<d {
          centred.append(factor * (rows.matrix.values[row * d + column] - Float(rows.mean[column])))
        }
      }
    }
    let n = centred.count / d
    let gram = FeatureMap.timesTransposed(centred, centred, m: n, n: n, k: d)
    let eigen = SymmetricEigen(gram.map(Double.init), size: n)
    let kept = (0..<min(count, n)).filter { eigen.values[$0] > max(1e-8, 1e-6 * eigen.values[0]) }
    var turn = [Float](repeating: 0, count: n * kept.count)
    for (position, value) in kept.enumerated() {
      let factor = 1 / eigen.values[value].squareRoot()
      for row in 0..<n { turn[row * kept.count + position] = Float(factor * eigen.vectors[row * n + value]) }
    }
    var directions = [Float](repeating: 0, count: kept.count * d)
    FeatureMap.addTransposedTimes(turn, centred, to: &directions, m: kept.count, n: d, k: n)
    return directions
  }
}
