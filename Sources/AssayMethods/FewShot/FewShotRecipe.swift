public import AssayBundle
public import AssayLearning

/// How a classifier of a few images of each class was chosen.
public struct FewShotRecipe: MethodRecipe {
  /// What the choice rests on.
  public enum Basis: String, Codable, Sendable {
    case leaveOneOut = "leave-one-out"
    case crossValidation = "cross-validation"
    case nothing = "no image can be left out"
  }

  public var classifier: FewShotMethod
  public var chosenBy: Basis
  /// Learned from.
  public var images: Int
  /// Of each class, drawn by the seed from those to train on; nil for all of them.
  @Stated public var shots: Int?
  public var split: SplitShares

  public init(classifier: FewShotMethod, chosenBy: Basis, images: Int, shots: Int?, split: SplitShares) {
    self.classifier = classifier
    self.chosenBy = chosenBy
    self.images = images
    self.shots = shots
    self.split = split
  }

  public func check() throws(ManifestFault) {
    switch classifier {
    case .discriminant(let shrinkage): try require("shrinkage", shrinkage, in: Double.leastNonzeroMagnitude...1)
    case .probe(let inversePenalty):
      try require("inversePenalty", inversePenalty, in: 0...Double.greatestFiniteMagnitude)
    }
    try require("images", images, in: 1...Int.max)
    if let shots { try require("shots", shots, in: 1...Int.max) }
    try check(split)
  }
}

extension FewShotRecipe {
  private enum Key: String, CodingKey { case classifier, shrinkage, inversePenalty, chosenBy, images, shots, split }
  private enum Classifier: String, Codable { case discriminant, probe }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    switch try values.decode(Classifier.self, forKey: .classifier) {
    case .discriminant: classifier = .discriminant(shrinkage: try values.decode(Double.self, forKey: .shrinkage))
    case .probe: classifier = .probe(inversePenalty: try values.decode(Double.self, forKey: .inversePenalty))
    }
    chosenBy = try values.decode(Basis.self, forKey: .chosenBy)
    images = try values.decode(Int.self, forKey: .images)
    _shots = try values.decode(Stated<Int>.self, forKey: .shots)
    split = try values.decode(SplitShares.self, forKey: .split)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    switch classifier {
    case .discriminant(let shrinkage):
      try values.encode(Classifier.discriminant, forKey: .classifier)
      try values.encode(shrinkage, forKey: .shrinkage)
    case .probe(let inversePenalty):
      try values.encode(Classifier.probe, forKey: .classifier)
      try values.encode(inversePenalty, forKey: .inversePenalty)
    }
    try values.encode(chosenBy, forKey: .chosenBy)
    try values.encode(images, forKey: .images)
    try values.encode(_shots, forKey: .shots)
    try values.encode(split, forKey: .split)
  }
}
