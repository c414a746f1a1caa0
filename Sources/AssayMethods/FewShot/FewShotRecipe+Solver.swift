public import AssayBundle
import AssayLearning

extension FewShotRecipe {
  /// Schema 1 did not write how many images of each class were drawn, nor the shares of the split.
  public init(solver words: SolverWords) throws(ManifestFault) {
    self.init(
      classifier: try words.required("classifier", words.read("classifier", Self.classifier)),
      chosenBy: try words.required("chosen by", words.option("chosen by")),
      images: try words.required("images", words.count("images")), shots: nil, split: SplitShares())
  }

  /// Of `discriminant, shrinkage 0.5`, `nearest mean` or `probe, C = 0.01`.
  private static func classifier(_ text: String) -> FewShotMethod? {
    func number(after prefix: String) -> Double? {
      text.hasPrefix(prefix) ? Double(text.dropFirst(prefix.count)) : nil
    }
    if text == "nearest mean" { return .discriminant(shrinkage: 1) }
    if let shrinkage = number(after: "discriminant, shrinkage ") { return .discriminant(shrinkage: shrinkage) }
    return number(after: "probe, C = ").map { .probe(inversePenalty: $0) }
  }
}
