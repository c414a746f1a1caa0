/// Ends a training when the validation score has not risen for some epochs (Prechelt 1998), and remembers the best one.
public struct EarlyStopping: Sendable, Hashable, Codable {
  /// Epochs without improvement after which to stop; at least 1.
  public let patience: Int
  /// A smaller rise does not renew the patience, though it does make an epoch the best. Several small rises add up.
  public let minimumImprovement: Double
  public private(set) var bestEpoch: Int?
  public private(set) var bestScore: Double?
  public private(set) var epochsWithoutImprovement = 0
  /// The score that last renewed the patience.
  private var reference: Double?

  public init(patience: Int, minimumImprovement: Double = 0) {
    precondition(patience >= 1 && minimumImprovement >= 0, "patience \(patience), improvement \(minimumImprovement)")
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  public var shouldStop: Bool { epochsWithoutImprovement >= patience }

  /// - Parameter score: the higher the better, so minus the loss if it is one. One that is not a number is no improvement.
  /// - Returns: whether this epoch is the best so far; of equal ones the first is.
  public mutating func record(epoch: Int, score: Double) -> Bool {
    let isBest = !score.isNaN && bestScore.map { score > $0 } ?? true
    if isBest { (bestEpoch, bestScore) = (epoch, score) }
    let isRise = !score.isNaN && reference.map { score > $0 + minimumImprovement } ?? true
    if isRise { reference = score }
    epochsWithoutImprovement = isRise ? 0 : epochsWithoutImprovement + 1
    return isBest
  }
}
