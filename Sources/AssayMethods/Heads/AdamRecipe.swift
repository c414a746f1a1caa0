package import AssayBundle
public import AssayLearning

/// Adam's settings for a linear head, as recipes keep them.
public struct AdamRecipe: Codable, Sendable, Equatable {
  public var learningRate: Double
  public var batchSize: Int
  public var epochs: Int
  public var weightDecay: Double

  public init(_ settings: AdamProbe.Settings = .init()) {
    learningRate = settings.learningRate
    batchSize = settings.batchSize
    epochs = settings.epochs
    weightDecay = settings.weightDecay
  }

  package init(solver: SolverWords) throws(ManifestFault) {
    learningRate = try solver.required("learning rate", solver.number("learning rate"))
    batchSize = try solver.required("batch size", solver.count("batch size"))
    epochs = try solver.required("epochs", solver.count("epochs"))
    weightDecay = try solver.number("weight decay") ?? AdamProbe.Settings().weightDecay
  }

  public func settings(seed: UInt64) -> AdamProbe.Settings {
    .init(learningRate: learningRate, batchSize: batchSize, epochs: epochs, weightDecay: weightDecay, seed: seed)
  }
}

extension MethodRecipe {
  package func check(_ adam: AdamRecipe) throws(ManifestFault) {
    try require("learningRate", adam.learningRate, in: Double.leastNonzeroMagnitude...1e6)
    try require("batchSize", adam.batchSize, in: 1...1_000_000)
    try require("epochs", adam.epochs, in: 1...1_000_000)
    try require("weightDecay", adam.weightDecay, in: 0...1e6)
  }
}
