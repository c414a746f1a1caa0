/// Errors of stated real values.
public struct RegressionScores: Sendable, Equatable {
  /// Mean of |y - f|.
  public let meanAbsoluteError: Double
  /// Root of the mean of (y - f)^2.
  public let rootMeanSquareError: Double
  /// 1 - sum (y - f)^2 / sum (y - mean)^2, as scikit-learn's `r2_score`; nil when the truth does not vary.
  public let determination: Double?

  public init(actual: [Double], predicted: [Double]) {
    precondition(actual.count == predicted.count)
    let count = Double(max(1, actual.count))
    let mean = actual.reduce(0, +) / count
    var (absolute, squared, spread) = (0.0, 0.0, 0.0)
    for (y, f) in zip(actual, predicted) {
      absolute += abs(y - f)
      squared += (y - f) * (y - f)
      spread += (y - mean) * (y - mean)
    }
    meanAbsoluteError = absolute / count
    rootMeanSquareError = (squared / count).squareRoot()
    determination = spread > 0 ? 1 - squared / spread : nil
  }
}
