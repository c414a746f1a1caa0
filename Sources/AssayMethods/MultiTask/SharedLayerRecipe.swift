public import AssayBundle
public import AssayLearning

/// How a layer that several tasks share was trained, and one task's head on it.
public struct SharedLayerRecipe: MethodRecipe {
  public enum Optimizer: String, Codable, Sendable {
    case adamw
  }

  public var optimizer = Optimizer.adamw
  /// Units.
  public var sharedWidth: Int
  public var learningRate: Double
  public var batchSize: Int
  public var epochs: Int
  /// The one that was kept, from 1.
  public var bestEpoch: Int
  public var weightDecay: Double
  public var task: TaskShare
  public var split: SplitShares

  public init(
    _ settings: SharedRepresentation.Settings, bestEpoch: Int, task: TaskShare, split: SplitShares
  ) {
    sharedWidth = settings.width
    learningRate = settings.learningRate
    batchSize = settings.batchSize
    epochs = settings.epochs
    self.bestEpoch = bestEpoch
    weightDecay = settings.weightDecay
    self.task = task
    self.split = split
  }

  public func check() throws(ManifestFault) {
    try require("sharedWidth", sharedWidth, in: 1...1_000_000)
    try require("learningRate", learningRate, in: Double.leastNonzeroMagnitude...1e6)
    try require("batchSize", batchSize, in: 1...1_000_000)
    try require("epochs", epochs, in: 1...1_000_000)
    try require("bestEpoch", bestEpoch, in: 0...1_000_000)
    try require("weightDecay", weightDecay, in: 0...1e6)
    try check(task)
    try check(split)
  }
}
