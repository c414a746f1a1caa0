/// The lower triangle L of a symmetric positive definite matrix, A = L Lᵀ (Golub and Van Loan 2013, section 4.2), for
/// systems of a few hundred equations in double precision.
struct CholeskyFactor {
  let size: Int
  /// `[size, size]`, row by row; zero above the diagonal.
  let lower: [Double]

  /// - Parameter matrix: `[size, size]`; only its lower triangle is read. A pivot that rounding made negative counts as a
  ///   very small one.
  init(_ matrix: [Double], size n: Int) {
    precondition(matrix.count == n * n, "the matrix is not [\(n), \(n)]")
    var l = [Double](repeating: 0, count: n * n)
    let largest = (0..<n).reduce(0.0) { max($0, matrix[$1 * n + $1]) }
    let smallest = max(largest * 1e-14, .leastNormalMagnitude)
    matrix.withUnsafeBufferPointer { a in
      l.withUnsafeMutableBufferPointer { l in
        for i in 0..<n {
          for j in 0...i {
            var sum = a[i * n + j]
            for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
            l[i * n + j] = i == j ? max(sum, smallest).squareRoot() : sum / l[j * n + j]
          }
        }
      }
    }
    size = n
    lower = l
  }

  /// Solves L y = b.
  func solvingLower(_ b: [Double]) -> [Double] {
    var y = b
    for i in 0..<size {
      var sum = y[i]
      for k in 0..<i { sum -= lower[i * size + k] * y[k] }
      y[i] = sum / lower[i * size + i]
    }
    return y
  }

  /// Solves Lᵀ x = y.
  func solvingUpper(_ y: [Double]) -> [Double] {
    var x = y
    for i in stride(from: size - 1, through: 0, by: -1) {
      x[i] /= lower[i * size + i]
      for k in 0..<i { x[k] -= lower[i * size + k] * x[i] }
    }
    return x
  }

  /// Solves A x = b.
  func solving(_ b: [Double]) -> [Double] { solvingUpper(solvingLower(b)) }
}
