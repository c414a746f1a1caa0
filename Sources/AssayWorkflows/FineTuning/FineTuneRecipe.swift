import AssayImage
import AssayLearning
import AssayRuntime
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

  package var recipe: [String: String] {
    var recipe = [
      "optimizer": settings.optimiser.rawValue, "frozen up to": freezeTo ?? Self.nothing,
      "augmentation": preset.rawValue, "views": "\(views)", "folds": "\(folds)",
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
    var settings = FineTuneSettings()
    settings.seed = base.seed
    settings.threads = Machine.coreCount
    if let kind = recipe["optimizer"].flatMap(FineTuneSettings.OptimiserKind.init) { settings.optimiser = kind }
    for (name, value) in Self.numbers {
      if let number = recipe[name].flatMap(Double.init) { settings[keyPath: value] = number }
    }
    for (name, value) in Self.counts {
      if let number = recipe[name].flatMap({ Int($0) }) { settings[keyPath: value] = number }
    }
    for (name, value) in Self.switches { settings[keyPath: value] = recipe[name] == "yes" }
    let preset = recipe["augmentation"].flatMap(AugmentationPreset.init) ?? .surface
    let frozen = recipe["frozen up to"]
    let mixing = recipe["mixing"]?.split(separator: " ").map(String.init) ?? []
    self.init(
      base: base, settings: settings, freezeTo: frozen == Self.nothing ? nil : frozen, preset: preset,
      views: recipe["views"].flatMap { Int($0) } ?? (preset == .none ? 1 : 8),
      mixing: mixing.first.flatMap(BatchMixing.Method.init).flatMap { method in
        mixing.last.flatMap(Double.init).map { BatchMixing(method, alpha: $0) }
      }, folds: recipe["folds"].flatMap { Int($0) } ?? 5,
      stoppingShare: recipe["stopping fraction"].flatMap(Double.init) ?? 0.1)
    self.base.classWeights = recipe["class weights"].flatMap(ClassWeights.init) ?? .none
  }
}
