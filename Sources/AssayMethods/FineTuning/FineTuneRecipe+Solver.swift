public import AssayBundle
import AssayImage
import AssayLearning
import AssayTraining

extension FineTuneRecipe {
  /// What an earlier version did not write is as `assay train` had it by itself then.
  public init(solver words: SolverWords) throws(ManifestFault) {
    self.init(FineTuneOptions(base: TrainingOptions()))
    optimizer = try words.option("optimizer") ?? optimizer
    learningRate = try words.number("learning rate") ?? learningRate
    headFactor = try words.number("head factor") ?? headFactor
    depthFactor = try words.number("depth factor") ?? depthFactor
    momentum = try words.number("momentum") ?? momentum
    weightDecay = try words.number("weight decay") ?? weightDecay
    batchSize = try words.count("batch size") ?? batchSize
    epochs = try words.count("epochs") ?? epochs
    warmUp = try words.number("warm-up") ?? warmUp
    labelSmoothing = try words.number("label smoothing") ?? labelSmoothing
    clipping = try words.number("clipping") ?? clipping
    averaging = try words.number("averaging") ?? averaging
    patience = try words.count("patience") ?? patience
    balancedSampling = try words.isOn("balanced sampling") ?? balancedSampling
    dropout = try words.number("dropout") ?? dropout
    stochasticDepth = try words.number("stochastic depth") ?? stochasticDepth
    batchStatistics = try words.isOn("batch statistics") ?? batchStatistics
    frozenUpTo = words["frozen up to"].flatMap { $0 == "nothing" ? nil : $0 }
    augmentation = try words.option("augmentation") ?? augmentation
    views = try words.count("views") ?? (augmentation == .none ? 1 : 8)
    mixing = try words.read("mixing", Self.mixing) ?? nil
    folds = try words.count("folds") ?? folds
    stoppingShare = try words.number("stopping fraction") ?? stoppingShare
    classWeights = try words.option("class weights") ?? classWeights
    bestEpoch = try words.count("best epoch")
    task = try TaskShare(solver: words)
  }

  /// Of `mixup 0.4` or `none`.
  private static func mixing(_ text: String) -> Mixing?? {
    if text == "none" { return .some(nil) }
    let parts = text.split(separator: " ")
    guard parts.count == 2, let method = BatchMixing.Method(rawValue: String(parts[0])), let alpha = Double(parts[1])
    else { return nil }
    return Mixing(method: method, alpha: alpha)
  }
}
