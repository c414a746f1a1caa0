package import AssayBundle
public import AssayLearning

/// How much one task of several counted while they were trained together, as recipes keep it.
public struct TaskShare: Codable, Sendable, Equatable {
  public enum Weights: String, Codable, Sendable {
    case fixed, learned
  }

  public var weights: Weights
  /// At the end of training.
  public var weight: Double

  public init(_ weighting: TaskWeighting, weight: Double) {
    weights =
      switch weighting {
      case .fixed: .fixed
      case .uncertainty: .learned
      }
    self.weight = weight
  }

  /// nil where schema 1 says nothing of several tasks.
  package init?(solver words: SolverWords) throws(ManifestFault) {
    guard let weights: Weights = try words.option("task weights") else { return nil }
    self.weights = weights
    weight = try words.required("weight", words.number("weight"))
  }
}

extension MethodRecipe {
  package func check(_ task: TaskShare) throws(ManifestFault) {
    try require("task.weight", task.weight, in: 0...Double.greatestFiniteMagnitude)
  }
}
