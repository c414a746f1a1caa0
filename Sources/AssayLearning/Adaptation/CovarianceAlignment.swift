import Foundation

/// Correlation alignment, CORAL (Sun, Feng and Saenko 2016): features of the new line are whitened with its covariance and
/// coloured with the source's.
public enum CovarianceAlignment {
  /// `C_s^{1/2} C_t^{-1/2}`, `[k, k]`, for column vectors `x' = A x`.
  /// - Parameters:
  ///   - source, target: covariances `[k, k]`, positive definite.
  public static func matrix(source: [Double], target: [Double], size k: Int) -> [Double] {
    let colouring = power(source, k, 0.5)
    let whitening = power(target, k, -0.5)
    return product(colouring, whitening, k)
  }

  /// Shrinks a sample covariance towards a multiple of the identity with the intensity of Ledoit and Wolf (2004).
  /// - Parameter rows: `[n, k]`, centred; `weights` sum to 1.
  /// - Returns: the covariance `[k, k]` and the intensity, 0...1.
  public static func shrunkenCovariance(
    _ rows: [Double], weights: [Double], size k: Int
  ) -> (covariance: [Double], intensity: Double) {
    let n = weights.count
    precondition(rows.count == n * k, "rows are not [\(n), \(k)]")
    var s = [Double](repeating: 0, count: k * k)
    for row in 0..<n where weights[row] > 0 {
      for i in 0..<k {
        let x = weights[row] * rows[row * k + i]
        for j in 0..<k { s[i * k + j] += x * rows[row * k + j] }
      }
    }
    let mean = (0..<k).reduce(0) { $0 + s[$1 * k + $1] } / Double(max(1, k))
    // |S - m I|² and the mean over rows of |x x' - S|², both divided by k.
    var spread = 0.0
    for i in 0..<k {
      for j in 0..<k {
        let difference = s[i * k + j] - (i == j ? mean : 0)
        spread += difference * difference
      }
    }
    let norm = s.reduce(0) { $0 + $1 * $1 }
    var noise = 0.0
    for row in 0..<n where weights[row] > 0 {
      let square = (0..<k).reduce(0.0) { $0 + rows[row * k + $1] * rows[row * k + $1] }
      // Weighted means of |x x' - S|² reduce to fourth powers less |S|²; weights enter squared, as 1 / n² does.
      noise += weights[row] * weights[row] * (square * square)
    }
    noise -= weights.reduce(0) { $0 + $1 * $1 } * norm
    let intensity = spread > 0 ? min(1, max(0, noise / spread)) : 1
    for index in s.indices { s[index] *= 1 - intensity }
    for i in 0..<k { s[i * k + i] += intensity * mean }
    return (s, intensity)
  }

  /// A symmetric positive definite matrix to a power, by its eigenvalues; those below a millionth of the largest count as
  /// that.
  static func power(_ matrix: [Double], _ k: Int, _ exponent: Double) -> [Double] {
    let eigen = SymmetricEigen(matrix, size: k)
    let floor = max((eigen.values.first ?? 0) * 1e-6, .leastNormalMagnitude)
    let powers = eigen.values.map { pow(max($0, floor), exponent) }
    var result = [Double](repeating: 0, count: k * k)
    for i in 0..<k {
      for j in 0..<k {
        var sum = 0.0
        for e in 0..<k { sum += eigen.vectors[i * k + e] * powers[e] * eigen.vectors[j * k + e] }
        result[i * k + j] = sum
      }
    }
    return result
  }

  static func product(_ a: [Double], _ b: [Double], _ k: Int) -> [Double] {
    var c = [Double](repeating: 0, count: k * k)
    for i in 0..<k {
      for e in 0..<k {
        for j in 0..<k { c[i * k + j] += a[i * k + e] * b[e * k + j] }
      }
    }
    return c
  }
}
