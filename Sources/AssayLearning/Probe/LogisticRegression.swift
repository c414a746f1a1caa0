import Dispatch

/// A linear classifier on standardised features.
public struct LinearModel: Sendable {
  /// `[K, D]`
  public let weights: [Float]
  /// `[K]`
  public let bias: [Float]
  /// Of the raw features.
  public let standardisation: Standardisation
  /// Of an ordinal model: logarithms of the distances between thresholds, `[levels - 2]`; the first threshold is 0.
  public let logSteps: [Float]

  public init(weights: [Float], bias: [Float], standardisation: Standardisation, logSteps: [Float] = []) {
    self.weights = weights
    self.bias = bias
    self.standardisation = standardisation
    self.logSteps = logSteps
  }
}

/// Multinomial logistic regression with an L2 penalty, for many training sets at once.
///
/// Minimises, as scikit-learn's `LogisticRegression` does, `sum_i w_i loss_i + 1/(2C) ||W||^2`, the intercept unpenalised;
/// divided by the sum of weights, so that the gradient's tolerance does not depend on the number of images. With two
/// classes one weight vector is fitted (as scikit-learn does) and returned as the pair (-w/2, +w/2), which has the same
/// probabilities.
///
/// All problems share each pass over the features: an iteration is two matrix products however many folds and penalties
/// are fitted. Ordinal regression and ridge regression differ in the loss of a row only (``ProbeLink``), and go the same
/// way: minimising `sum_i w_i loss_i + 1/(2C) ||w||^2`, thresholds and intercept unpenalised; for real values
/// scikit-learn's `Ridge(alpha=1/C)` on the standardised target.
public enum LogisticRegression {
  public struct Problem: Sendable {
    /// Rows of these folds take no part.
    public var excludedFolds: Set<Int>
    /// scikit-learn's C: the inverse of the penalty's strength.
    public var inversePenalty: Double

    public init(excludedFolds: Set<Int>, inversePenalty: Double) {
      self.excludedFolds = excludedFolds
      self.inversePenalty = inversePenalty
    }
  }

  public struct Solution: Sendable {
    public let model: LinearModel
    /// Logits of all rows, `[n, K]`, also of those that took no part. For levels logarithms of their probabilities; for
    /// real values `[n, 1]`, the standardised value.
    public let logits: [Float]
    public let iterations: Int
    public let hasConverged: Bool
    /// For a warm start of a similar problem.
    let parameters: [Float]
  }

  /// - Parameters:
  ///   - starts: solutions of similar problems, or nil to start from zero.
  ///   - tolerance: largest component of the gradient that counts as zero; scikit-learn's default is 1e-4.
  public static func fit(
    _ data: ProbeData, _ problems: [Problem], starts: [Solution?] = [], tolerance: Double = 1e-4,
    maximumIterations: Int = 500
  ) -> [Solution] {
    guard !problems.isEmpty else { return [] }
    let batch = Batch(data, problems)
    var optimisers = problems.indices.map { index in
      let start = starts.indices.contains(index) ? starts[index]?.parameters : nil
      return LBFGS(
        start: start ?? [Float](repeating: 0, count: batch.parameterCount), tolerance: tolerance,
        maximumIterations: maximumIterations)
    }
    var active = Array(problems.indices)
    while !active.isEmpty {
      let evaluations = batch.evaluate(active.map { ($0, optimisers[$0].trial) })
      optimisers.withUnsafeMutableBufferPointer { buffer in
        let states = SendablePointer(buffer.baseAddress)
        let indices = active
        DispatchQueue.concurrentPerform(iterations: indices.count) { position in
          states.pointer?[indices[position]].advance(
            value: evaluations[position].value, gradient: evaluations[position].gradient)
        }
      }
      active.removeAll { optimisers[$0].isFinished }
    }
    let logits = batch.logits(problems.indices.map { ($0, optimisers[$0].point) })
    return problems.indices.map { index in
      Solution(
        model: batch.model(index, optimisers[index].point),
        logits: batch.allClasses(logits[index], optimisers[index].point),
        iterations: optimisers[index].iterations, hasConverged: optimisers[index].hasConverged,
        parameters: optimisers[index].point)
    }
  }
}

/// Each thread touches its own element only.
private struct SendablePointer<Element>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>?
  init(_ pointer: UnsafeMutablePointer<Element>?) { self.pointer = pointer }
}
