public import AssayBundle

/// How well one of several tasks is answered.
public struct TaskEvaluation: Sendable {
  public enum Result: Sendable {
    case classification(Evaluation)
    case ordinal(OrdinalEvaluation)
    case real(RealEvaluation)
  }

  public let name: String
  public let result: Result

  public init(name: String, result: Result) {
    self.name = name
    self.result = result
  }

  public var metrics: [Manifest.Metric] {
    switch result {
    case .classification(let evaluation): evaluation.metrics
    case .ordinal(let evaluation): evaluation.metrics
    case .real(let evaluation): evaluation.metrics
    }
  }

  public var basis: String {
    switch result {
    case .classification(let evaluation): evaluation.basis
    case .ordinal(let evaluation): evaluation.basis
    case .real(let evaluation): evaluation.basis
    }
  }

  /// Images tested.
  public var count: Int {
    switch result {
    case .classification(let evaluation): evaluation.labels.count
    case .ordinal(let evaluation): evaluation.labels.count
    case .real(let evaluation): evaluation.actual.count
    }
  }

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  /// Whether a figure is a share, which people read in percent.
  public static func isShare(_ metric: String) -> Bool {
    ![
      "log loss", "mean absolute error", "root mean square error", "R²", "quadratic weighted kappa",
      "Spearman correlation",
    ].contains(metric)
  }
}
