public import AssayBundle
import AssayLearning

extension MultiLabelRecipe {
  /// Schema 1 wrote the other settings of the first class only; they are the same for all but its best epoch, which is left
  /// out.
  public init(solver words: SolverWords) throws(ManifestFault) {
    switch try words.required("optimizer", words.option("optimizer", as: HeadOptimizer.self)) {
    case .lbfgs:
      solver = .lbfgs(
        inversePenalties: try words.required("penalty", words.read("penalty", Self.inversePenalties)),
        folds: try words.count("folds") ?? TrainingOptions().folds)
    case .adam: solver = .adam(try AdamRecipe(solver: words), bestEpochs: [:])
    }
    classWeights = try words.option("class weights") ?? .none
    split = SplitShares()
  }

  /// Of `crack: L2, C = 0.01, large dent: L2, C = 1.0`. Names may have commas and colons of their own.
  private static func inversePenalties(_ text: String) -> [String: Double]? {
    let separator = ": " + LinearRecipe.penaltyWords
    var penalties: [String: Double] = [:]
    var rest = Substring(text)
    while !rest.isEmpty {
      guard let end = rest.firstRange(of: separator) else { return nil }
      let name = String(rest[..<end.lowerBound])
      let after = rest[end.upperBound...]
      let next = after.firstRange(of: ", ")
      guard let penalty = Double(after[..<(next?.lowerBound ?? after.endIndex)]) else { return nil }
      penalties[name] = penalty
      rest = next.map { after[$0.upperBound...] } ?? ""
    }
    return penalties
  }
}
