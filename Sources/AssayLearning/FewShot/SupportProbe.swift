/// Multinomial logistic regression with an L2 penalty on a handful of rows: the objective of ``LogisticRegression``,
/// `sum_i loss_i + 1/(2C) ||W||²`, the intercept unpenalised.
///
/// The weights lie in the span of the rows. With the products of the rows Q = L Lᵀ, the rows of L are their coordinates in
/// an orthonormal basis of it; there the problem has n + 1 unknowns a class, whatever the number of features.
struct SupportProbe {
  private let support: SupportRows
  private let factor: CholeskyFactor
  private let coordinates: [Float]

  private static let tolerance = 1e-4

  init(_ support: SupportRows) {
    let n = support.count
    // The rows are centred, so that Q is singular without it.
    let ridge = 1e-6 * (0..<n).reduce(0.0) { $0 + support.products[$1 * n + $1] } / Double(max(1, n))
    var system = support.products
    for i in 0..<n { system[i * n + i] += ridge }
    self.support = support
    factor = CholeskyFactor(system, size: n)
    coordinates = factor.lower.map { Float($0) }
  }

  /// - Parameter inversePenalty: scikit-learn's C.
  func solution(inversePenalty: Double) -> SupportCombination {
    let (n, classes) = (support.count, support.classCount)
    var optimiser = LBFGS(start: [Float](repeating: 0, count: classes * (n + 1)), tolerance: Self.tolerance)
    while !optimiser.isFinished {
      let (value, gradient) = evaluate(optimiser.trial, inversePenalty)
      optimiser.advance(value: value, gradient: gradient)
    }
    let point = optimiser.point
    return SupportCombination(
      coefficients: (0..<classes).flatMap { k in factor.solvingUpper(point[k * n..<(k + 1) * n].map(Double.init)) },
      bias: point[(classes * n)...].map(Double.init))
  }

  /// Objective divided by the number of rows, and its gradient, at weights `[K, n]` followed by the bias `[K]`.
  private func evaluate(_ point: [Float], _ inversePenalty: Double) -> (Double, [Float]) {
    let (n, classes) = (support.count, support.classCount)
    var logits = [Float](repeating: 0, count: n * classes)
    coordinates.withUnsafeBufferPointer { rows in
      point.withUnsafeBufferPointer { weights in
        logits.withUnsafeMutableBufferPointer { out in
          guard let a = rows.baseAddress, let b = weights.baseAddress, let c = out.baseAddress else { return }
          MatrixProduct.timesTransposed(a, b, into: c, m: n, n: classes, k: n)
        }
      }
    }
    for row in 0..<n { for k in 0..<classes { logits[row * classes + k] += point[classes * n + k] } }
    let share = 1 / Double(n)
    var errors = Softmax.probabilities(logits, classCount: classes).map { Float($0 * share) }
    for (row, label) in support.labels.enumerated() { errors[row * classes + label] -= Float(share) }
    let penalty = share / inversePenalty
    var gradient = [Float](repeating: 0, count: point.count)
    var squares = 0.0
    for index in 0..<classes * n {
      squares += Double(point[index]) * Double(point[index])
      gradient[index] = Float(penalty) * point[index]
    }
    for row in 0..<n { for k in 0..<classes { gradient[classes * n + k] += errors[row * classes + k] } }
    errors.withUnsafeBufferPointer { errors in
      coordinates.withUnsafeBufferPointer { rows in
        gradient.withUnsafeMutableBufferPointer { out in
          guard let a = errors.baseAddress, let b = rows.baseAddress, let c = out.baseAddress else { return }
          MatrixProduct.addTransposedTimes(a, b, to: c, m: classes, n: n, k: n)
        }
      }
    }
    let loss = Softmax.logLoss(logits, labels: support.labels, classCount: classes)
    return (loss + penalty * squares / 2, gradient)
  }
}
