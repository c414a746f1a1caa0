public import AssayBundle
public import AssayImage
public import AssayLearning
public import AssayTraining

/// How a network was fine-tuned.
public struct FineTuneRecipe: MethodRecipe {
  public struct Mixing: Codable, Sendable, Equatable {
    public var method: BatchMixing.Method
    public var alpha: Double
  }

  public var optimizer: FineTuneSettings.OptimiserKind
  public var learningRate: Double
  public var headFactor: Double
  public var depthFactor: Double
  public var momentum: Double
  public var weightDecay: Double
  public var batchSize: Int
  public var epochs: Int
  public var warmUp: Double
  public var labelSmoothing: Double
  public var clipping: Double
  public var averaging: Double
  public var patience: Int
  public var balancedSampling: Bool
  public var dropout: Double
  public var stochasticDepth: Double
  public var batchStatistics: Bool
  /// The stage up to which the backbone stayed as it was; nil where all of it was trained.
  @Stated public var frozenUpTo: String?
  public var augmentation: AugmentationPreset
  /// Of each image, over which the frozen part was run.
  public var views: Int
  @Stated public var mixing: Mixing?
  /// On which probe and fine-tuning were compared.
  public var folds: Int
  /// Of the training images, to decide when to stop.
  public var stoppingShare: Double
  public var classWeights: ClassWeights
  public var split: SplitShares
  /// The one that was kept; 0 is the probe. nil before training.
  public var bestEpoch: Int?
  /// Of several tasks; nil for one.
  public var task: TaskShare?

  public init(_ options: FineTuneOptions, bestEpoch: Int? = nil, task: TaskShare? = nil) {
    let settings = options.settings
    optimizer = settings.optimiser
    learningRate = settings.learningRate
    headFactor = settings.headFactor
    depthFactor = settings.depthFactor
    momentum = settings.momentum
    weightDecay = settings.weightDecay
    batchSize = settings.batchSize
    epochs = settings.epochs
    warmUp = settings.warmUp
    labelSmoothing = settings.labelSmoothing
    clipping = settings.clipping
    averaging = settings.averaging
    patience = settings.patience
    balancedSampling = settings.isBalanced
    dropout = settings.dropout
    stochasticDepth = settings.stochasticDepth
    batchStatistics = settings.normalisesByBatch
    frozenUpTo = options.frozenStage
    augmentation = options.preset
    views = options.viewCount
    mixing = options.mixing.map { Mixing(method: $0.method, alpha: $0.alpha) }
    folds = options.folds
    stoppingShare = options.stoppingShare
    classWeights = options.base.classWeights
    split = SplitShares(options.base.split)
    self.bestEpoch = bestEpoch
    self.task = task
  }

  public func check() throws(ManifestFault) {
    try require("learningRate", learningRate, in: Double.leastNonzeroMagnitude...1e6)
    try require("headFactor", headFactor, in: 0...1e6)
    try require("depthFactor", depthFactor, in: Double.leastNonzeroMagnitude...1)
    try require("momentum", momentum, in: 0...(1.0.nextDown))
    try require("weightDecay", weightDecay, in: 0...1e6)
    try require("batchSize", batchSize, in: 1...65_536)
    try require("epochs", epochs, in: 1...1_000_000)
    try require("warmUp", warmUp, in: 0...1e6)
    try require("labelSmoothing", labelSmoothing, in: 0...(1.0.nextDown))
    try require("clipping", clipping, in: 0...Double.greatestFiniteMagnitude)
    try require("averaging", averaging, in: 0...(1.0.nextDown))
    try require("patience", patience, in: 1...1_000_000)
    try require("dropout", dropout, in: 0...(1.0.nextDown))
    try require("stochasticDepth", stochasticDepth, in: 0...(1.0.nextDown))
    try require("views", views, in: 1...65_536)
    if let mixing { try require("mixing.alpha", mixing.alpha, in: Double.leastNonzeroMagnitude...1e6) }
    try require("folds", folds, in: 2...1_000_000)
    try require("stoppingShare", stoppingShare, in: 0...0.5)
    if let bestEpoch { try require("bestEpoch", bestEpoch, in: 0...1_000_000) }
    if let task { try check(task) }
    try check(split)
  }
}

extension FineTuneOptions {
  /// - Parameters:
  ///   - base: data, features, seed, and threshold; class weights, folds and split are the recipe's.
  ///   - recipe: one that has been checked.
  public init(base: TrainingOptions, recipe: FineTuneRecipe) {
    var settings = FineTuneSettings()
    settings.optimiser = recipe.optimizer
    settings.learningRate = recipe.learningRate
    settings.headFactor = recipe.headFactor
    settings.depthFactor = recipe.depthFactor
    settings.momentum = recipe.momentum
    settings.weightDecay = recipe.weightDecay
    settings.batchSize = recipe.batchSize
    settings.epochs = recipe.epochs
    settings.warmUp = recipe.warmUp
    settings.labelSmoothing = recipe.labelSmoothing
    settings.clipping = recipe.clipping
    settings.averaging = recipe.averaging
    settings.patience = recipe.patience
    settings.isBalanced = recipe.balancedSampling
    settings.dropout = recipe.dropout
    settings.stochasticDepth = recipe.stochasticDepth
    settings.normalisesByBatch = recipe.batchStatistics
    var base = base
    base.classWeights = recipe.classWeights
    base.folds = recipe.folds
    base.split = recipe.split.rule(seed: base.seed)
    self.init(
      base: base, settings: settings, freezeTo: recipe.frozenUpTo.map(FreezePoint.upTo) ?? .nothing,
      preset: recipe.augmentation, views: recipe.views,
      mixing: recipe.mixing.map { BatchMixing($0.method, alpha: $0.alpha) }, folds: recipe.folds,
      stoppingShare: recipe.stoppingShare)
  }
}
