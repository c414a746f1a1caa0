public import AssayBundle
public import AssayLearning

/// How the heads of a multi-label inspector were fitted, one for each class.
public struct MultiLabelRecipe: MethodRecipe {
  public enum Solver: Sendable, Equatable {
    /// - Parameters:
    ///   - inversePenalties: by class, those that cross-validation chose; scikit-learn's C.
    ///   - folds: of the cross-validation; of a class with fewer images than that, as many as it has images.
    case lbfgs(inversePenalties: [String: Double], folds: Int)
    /// - Parameter bestEpochs: by class, those that were kept; empty where they were not written.
    case adam(AdamRecipe, bestEpochs: [String: Int])
  }

  public var solver: Solver
  public var classWeights: ClassWeights
  public var split: SplitShares

  public init(_ solver: Solver, classWeights: ClassWeights, split: SplitShares) {
    self.solver = solver
    self.classWeights = classWeights
    self.split = split
  }

  package init(_ heads: [FittedHead], of classes: [String], _ options: TrainingOptions) {
    func byClass<Value>(_ values: (FittedHead) -> Value?) -> [String: Value] {
      Dictionary(
        zip(classes, heads).compactMap { name, head in values(head).map { (name, $0) } },
        uniquingKeysWith: { first, _ in first })
    }
    switch options.solver {
    case .lbfgs:
      solver = .lbfgs(
        inversePenalties: byClass(\.chosenPenalty), folds: heads.compactMap(\.foldCount).max() ?? options.folds)
    case .adam(let settings): solver = .adam(AdamRecipe(settings), bestEpochs: byClass(\.bestEpoch))
    }
    classWeights = options.classWeights
    split = SplitShares(options.split)
  }

  public func check() throws(ManifestFault) {
    switch solver {
    case .lbfgs(let inversePenalties, let folds):
      for (name, inversePenalty) in inversePenalties {
        try require("inversePenalties.\(name)", inversePenalty, in: 0...Double.greatestFiniteMagnitude)
      }
      try require("folds", folds, in: 2...1_000_000)
    case .adam(let adam, let bestEpochs):
      try check(adam)
      for (name, epoch) in bestEpochs { try require("bestEpochs.\(name)", epoch, in: 0...1_000_000) }
    }
    try check(split)
  }
}

extension MultiLabelRecipe {
  private enum Key: String, CodingKey { case optimizer, inversePenalties, folds, bestEpochs, classWeights, split }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    switch try values.decode(HeadOptimizer.self, forKey: .optimizer) {
    case .lbfgs:
      solver = .lbfgs(
        inversePenalties: try values.decode([String: Double].self, forKey: .inversePenalties),
        folds: try values.decode(Int.self, forKey: .folds))
    case .adam:
      solver = .adam(
        try AdamRecipe(from: decoder), bestEpochs: try values.decode([String: Int].self, forKey: .bestEpochs))
    }
    classWeights = try values.decode(ClassWeights.self, forKey: .classWeights)
    split = try values.decode(SplitShares.self, forKey: .split)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch solver {
    case .lbfgs(let inversePenalties, let folds):
      try values.encode(HeadOptimizer.lbfgs, forKey: .optimizer)
      try values.encode(inversePenalties, forKey: .inversePenalties)
      try values.encode(folds, forKey: .folds)
    case .adam(let adam, let bestEpochs):
      try values.encode(HeadOptimizer.adam, forKey: .optimizer)
      try adam.encode(to: encoder)
      try values.encode(bestEpochs, forKey: .bestEpochs)
    }
    try values.encode(classWeights, forKey: .classWeights)
    try values.encode(split, forKey: .split)
  }
}
