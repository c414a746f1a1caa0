public import AssayBundle
import AssayLearning

extension SharedLayerRecipe {
  /// Schema 1 wrote no shares of the split; those that `assay train` takes by itself are assumed.
  public init(solver words: SolverWords) throws(ManifestFault) {
    optimizer = try words.required("optimizer", words.option("optimizer"))
    sharedWidth = try words.required("shared width", words.count("shared width"))
    learningRate = try words.required("learning rate", words.number("learning rate"))
    batchSize = try words.required("batch size", words.count("batch size"))
    epochs = try words.required("epochs", words.count("epochs"))
    bestEpoch = try words.required("best epoch", words.count("best epoch"))
    weightDecay = try words.required("weight decay", words.number("weight decay"))
    task = try words.required("task weights", TaskShare(solver: words))
    split = SplitShares()
  }
}
