import AssayImage
import AssayLearning
import AssayTraining

/// How a network was fine-tuned, as its manifest says: enough to train the same way again.
extension FineTuneOptions {
  private static var numbers: [(name: String, value: WritableKeyPath<FineTuneSettings, Double>)] {
    [
      ("learning rate", \.learningRate), ("head factor", \.headFactor), ("depth factor", \.depthFactor),
      ("momentum", \.momentum), ("weight decay", \.weightDecay), ("warm-up", \.warmUp),
      ("label smoothing", \.labelSmoothing), ("clipping", \.clipping), ("averaging", \.averaging),
      ("dropout", \.dropout), ("stochastic depth", \.stochasticDepth),
    ]
  }

  private static var counts: [(name: String, value: WritableKeyPath<FineTuneSettings, Int>)] {
    [("batch size", \.batchSize), ("epochs", \.epochs), ("patience", \.patience)]
  }

  private static var switches: [(name: String, value: WritableKeyPath<FineTuneSettings, Bool>)] {
    [("balanced sampling", \.isBalanced), ("batch statistics", \.normalisesByBatch)]
  }

  private static let nothing = "nothing"
  private static let none = "none"

  /// Of ``resolved()`` options.
  package var recipe: [String: String] {
    var recipe = [
      "optimizer": settings.optimiser.rawValue, "frozen up to": frozenStage ?? Self.nothing,
      "augmentation": preset.rawValue, "views": "\(viewCount)", "folds": "\(folds)",
      "stopping fraction": "\(stoppingShare)", "class weights": base.classWeights.rawValue,
      "mixing": mixing.map { "\($0.method.rawValue) \($0.alpha)" } ?? Self.none,
    ]
    for (name, value) in Self.numbers { recipe[name] = "\(settings[keyPath: value])" }
    for (name, value) in Self.counts { recipe[name] = "\(settings[keyPath: value])" }
    for (name, value) in Self.switches { recipe[name] = settings[keyPath: value] ? "yes" : "no" }
    return recipe
  }

  /// - Parameters:
  ///   - base: data, features, seed, split and threshold; the class weights are the recipe's.
  ///   - recipe: a manifest's. What one of an earlier version does not say is as `assay train` has it by itself.
  public init(base: TrainingOptions, recipe: [String: String]) {
    self.init(base: base)
    self.base.classWeights = recipe["class weights"].flatMap(ClassWeights.init) ?? .none
    if let kind = recipe["optimizer"].flatMap(FineTuneSettings.OptimiserKind.init) { settings.optimiser = kind }
    for (name, value) in Self.numbers {
      if let number = recipe[name].flatMap(Double.init) { settings[keyPath: value] = number }
    }
    for (name, value) in Self.counts {
      if let number = recipe[name].flatMap({ Int($0) }) { settings[keyPath: value] = number }
    }
    for (name, value) in Self.switches { settings[keyPath: value] = recipe[name] == "yes" }
    if let stage = recipe["frozen up to"] { freezeTo = stage == Self.nothing ? .nothing : .upTo(stage) }
    if let preset = recipe["augmentation"].flatMap(AugmentationPreset.init) { self.preset = preset }
    views = recipe["views"].flatMap { Int($0) }
    if let folds = recipe["folds"].flatMap({ Int($0) }) { self.folds = folds }
    if let share = recipe["stopping fraction"].flatMap(Double.init) { stoppingShare = share }
    let parts = recipe["mixing"]?.split(separator: " ").map(String.init) ?? []
    if parts.count == 2, let method = BatchMixing.Method(rawValue: parts[0]), let alpha = Double(parts[1]) {
      mixing = BatchMixing(method, alpha: alpha)
    }
  }
}
