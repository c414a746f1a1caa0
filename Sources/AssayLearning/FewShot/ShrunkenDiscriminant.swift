/// Nearest class mean under one covariance for all classes, shrunk towards a multiple of the identity: linear discriminant
/// analysis (Fisher 1936) with the shrinkage of Ledoit and Wolf (2004), its amount given, all classes equally likely.
///
/// With class means m and the pooled covariance S within the classes (sums of squares divided by the number of rows), the
/// logits of x are `xᵀ A⁻¹ m - mᵀ A⁻¹ m / 2` with `A = (1 - shrinkage) S + shrinkage (trace S / D) I`. A is never formed:
/// with n rows the inverse follows from a system of n equations (Woodbury 1950).
enum ShrunkenDiscriminant {
  /// What all amounts of shrinkage share.
  struct Moments {
    private let support: SupportRows
    private let counts: [Double]
    /// Scalar products of class means and rows, `[K, n]`, and of class means, `[K, K]`.
    private let meanRows: [Double]
    private let means: [Double]
    /// Scalar products of the rows' deviations from their class mean, `[n, n]`.
    private let scatter: [Double]

    init(_ support: SupportRows) {
      let (n, classes, labels) = (support.count, support.classCount, support.labels)
      var counts = [Double](repeating: 0, count: classes)
      for label in labels { counts[label] += 1 }
      precondition(counts.allSatisfy { $0 > 0 }, "a class has no row")
      var meanRows = [Double](repeating: 0, count: classes * n)
      for (row, label) in labels.enumerated() {
        for other in 0..<n { meanRows[label * n + other] += support.products[row * n + other] / counts[label] }
      }
      var means = [Double](repeating: 0, count: classes * classes)
      for k in 0..<classes {
        for (row, label) in labels.enumerated() { means[k * classes + label] += meanRows[k * n + row] / counts[label] }
      }
      var scatter = support.products
      for i in 0..<n {
        for j in 0..<n {
          scatter[i * n + j] +=
            means[labels[i] * classes + labels[j]] - meanRows[labels[i] * n + j] - meanRows[labels[j] * n + i]
        }
      }
      self.support = support
      self.counts = counts
      self.meanRows = meanRows
      self.means = means
      self.scatter = scatter
    }

    /// - Parameter shrinkage: above 0, at most 1, which is the nearest mean. Without two different rows of some class there
    ///   is no covariance, and the identity takes its place: the nearest mean again.
    func solution(shrinkage: Double) -> SupportCombination {
      precondition(shrinkage > 0 && shrinkage <= 1, "the shrinkage is above 0 and at most 1")
      let (n, classes, labels) = (support.count, support.classCount, support.labels)
      let trace = (0..<n).reduce(0.0) { $0 + scatter[$1 * n + $1] }
      let size = (0..<n).reduce(0.0) { $0 + support.products[$1 * n + $1] }
      // Below this the scatter is rounding error of 32-bit products.
      let hasScatter = trace > 1e-5 * size
      let identity = hasScatter ? shrinkage * trace / Double(n * support.rows.columns) : 1
      let pooled = hasScatter ? (1 - shrinkage) / Double(n) : 0
      var factor: CholeskyFactor?
      if pooled > 0 {
        var system = scatter
        for i in 0..<n { system[i * n + i] += identity / pooled }
        factor = CholeskyFactor(system, size: n)
      }
      var coefficients = [Double](repeating: 0, count: classes * n)
      var bias = [Double](repeating: 0, count: classes)
      for k in 0..<classes {
        // Deviations times the class mean.
        let along = (0..<n).map { meanRows[k * n + $0] - means[labels[$0] * classes + k] }
        let c = factor?.solving(along) ?? [Double](repeating: 0, count: n)
        var sums = [Double](repeating: 0, count: classes)
        for row in 0..<n { sums[labels[row]] += c[row] }
        for row in 0..<n {
          let label = labels[row]
          coefficients[k * n + row] =
            ((label == k ? 1 : 0) + sums[label]) / counts[label] / identity - c[row] / identity
        }
        let explained = zip(c, along).reduce(0.0) { $0 + $1.0 * $1.1 }
        bias[k] = -(means[k * classes + k] - explained) / identity / 2
      }
      return SupportCombination(coefficients: coefficients, bias: bias)
    }
  }
}
