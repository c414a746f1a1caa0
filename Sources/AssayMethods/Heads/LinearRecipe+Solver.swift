public import AssayBundle
import AssayLearning

extension LinearRecipe {
  /// Schema 1 wrote no shares of the split; those that `assay train` takes by itself are assumed. Class weights were not
  /// written of levels and values.
  public init(solver words: SolverWords) throws(ManifestFault) {
    switch try words.required("optimizer", words.option("optimizer", as: HeadOptimizer.self)) {
    case .lbfgs:
      solver = .lbfgs(
        inversePenalty: try words.required("penalty", words.read("penalty", Self.inversePenalty)),
        folds: try words.count("folds") ?? TrainingOptions().folds)
    case .adam: solver = .adam(try AdamRecipe(solver: words), bestEpoch: try words.count("best epoch") ?? 0)
    }
    classWeights = try words.option("class weights") ?? .none
    split = SplitShares()
  }

  package static let penaltyWords = "L2, C = "

  /// Of `L2, C = 0.01`.
  package static func inversePenalty(_ text: some StringProtocol) -> Double? {
    text.hasPrefix(penaltyWords) ? Double(text.dropFirst(penaltyWords.count)) : nil
  }
}
