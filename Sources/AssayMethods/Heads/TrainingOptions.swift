package import AssayBase
import AssayBundle
public import AssayData
public import AssayLearning

/// Which solver fits the linear head.
public enum HeadSolver: Sendable, Hashable {
  /// Logistic regression by L-BFGS, its penalty chosen by cross-validation.
  case lbfgs
  /// The textbook recipe.
  case adam(AdamProbe.Settings)

  public var name: String {
    switch self {
    case .lbfgs: "lbfgs"
    case .adam: "adam"
    }
  }
}

/// Everything that `assay train` can be told.
public struct TrainingOptions: Sendable {
  public var features: FeatureOptions
  public var labels: LabelScheme
  public var goodClass: String?
  public var solver: HeadSolver
  public var classWeights: ClassWeights
  /// Of the cross-validation, at least 2; ``HeadSolver/adam(_:)`` does without.
  public var folds: Int
  public var thresholdRule: ThresholdRule
  /// Share of parts that may be uncertain, 0..<1.
  public var uncertainShare = UncertainBand.usualBudget
  public var split: SplitRule
  public var seed: UInt64
  /// Learn masks and boxes too, so that the bundle marks pixels.
  public var usesMasks: Bool
  /// As the user typed it, for the report.
  public var commandLine: String

  public static let usualFolds = 5

  public init(
    features: FeatureOptions = .init(), labels: LabelScheme = .native, goodClass: String? = nil,
    solver: HeadSolver = .lbfgs, classWeights: ClassWeights = .none, folds: Int = usualFolds,
    thresholdRule: ThresholdRule = .bestF1, split: SplitRule = .init(), seed: UInt64 = 0, usesMasks: Bool = false,
    commandLine: String = ""
  ) {
    self.features = features
    self.labels = labels
    self.goodClass = goodClass
    self.solver = solver
    self.classWeights = classWeights
    self.folds = folds
    self.thresholdRule = thresholdRule
    self.split = split
    self.seed = seed
    self.usesMasks = usesMasks
    self.commandLine = commandLine
  }
}

extension TrainingOptions {
  /// - Throws: when a threshold is asked for and no class is good, so that there is nothing to decide.
  package func checkDecision(goodClass: String?, classes: [String], reason: String? = nil) throws(WorkflowError) {
    guard goodClass == nil, thresholdRule != .bestF1 else { return }
    throw WorkflowError(
      .usage,
      "--\(thresholdRule.name) needs a good class, and none of \(classes.joined(separator: ", ")) is known to be good"
        + (reason.map { " (\($0))" } ?? "") + "; name it with --good")
  }
}
