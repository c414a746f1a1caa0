public import AssayBundle
public import AssayLearning

/// How a linear head on frozen features was fitted: of a classifier, or of one task.
public struct LinearRecipe: MethodRecipe {
  public enum Solver: Sendable, Equatable {
    /// - Parameters:
    ///   - inversePenalty: the one that cross-validation chose; scikit-learn's C.
    ///   - folds: of the cross-validation, 2 or more.
    case lbfgs(inversePenalty: Double, folds: Int)
    /// - Parameter bestEpoch: the one that was kept, from 1.
    case adam(AdamRecipe, bestEpoch: Int)
  }

  public var solver: Solver
  public var classWeights: ClassWeights
  public var split: SplitShares

  public init(_ solver: Solver, classWeights: ClassWeights, split: SplitShares) {
    self.solver = solver
    self.classWeights = classWeights
    self.split = split
  }

  public func check() throws(ManifestFault) {
    switch solver {
    case .lbfgs(let inversePenalty, let folds):
      try require("inversePenalty", inversePenalty, in: 0...Double.greatestFiniteMagnitude)
      try require("folds", folds, in: 2...1_000_000)
    case .adam(let adam, let bestEpoch):
      try check(adam)
      try require("bestEpoch", bestEpoch, in: 0...1_000_000)
    }
    try check(split)
  }

  /// The options that train the same way again.
  package func apply(to options: inout TrainingOptions) {
    switch solver {
    case .lbfgs(_, let folds):
      options.solver = .lbfgs
      options.folds = folds
    case .adam(let adam, _): options.solver = .adam(adam.settings(seed: options.seed))
    }
    options.classWeights = classWeights
    options.split = split.rule(seed: options.seed)
  }
}

/// What fits linear heads, as recipes name it.
package enum HeadOptimizer: String, Codable {
  case lbfgs, adam
}

extension LinearRecipe {
  private enum Key: String, CodingKey { case optimizer, inversePenalty, folds, bestEpoch, classWeights, split }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    switch try values.decode(HeadOptimizer.self, forKey: .optimizer) {
    case .lbfgs:
      solver = .lbfgs(
        inversePenalty: try values.decode(Double.self, forKey: .inversePenalty),
        folds: try values.decode(Int.self, forKey: .folds))
    case .adam:
      solver = .adam(try AdamRecipe(from: decoder), bestEpoch: try values.decode(Int.self, forKey: .bestEpoch))
    }
    classWeights = try values.decode(ClassWeights.self, forKey: .classWeights)
    split = try values.decode(SplitShares.self, forKey: .split)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch solver {
    case .lbfgs(let inversePenalty, let folds):
      try values.encode(HeadOptimizer.lbfgs, forKey: .optimizer)
      try values.encode(inversePenalty, forKey: .inversePenalty)
      try values.encode(folds, forKey: .folds)
    case .adam(let adam, let bestEpoch):
      try values.encode(HeadOptimizer.adam, forKey: .optimizer)
      try adam.encode(to: encoder)
      try values.encode(bestEpoch, forKey: .bestEpoch)
    }
    try values.encode(classWeights, forKey: .classWeights)
    try values.encode(split, forKey: .split)
  }
}
