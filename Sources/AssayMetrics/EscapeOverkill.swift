/// Escapes (defects passed) and overkills (good parts rejected) at a threshold.
public struct EscapeOverkill: Sendable, Equatable {
  public let threshold: Double
  public let escapes: Int
  public let defects: Int
  public let overkills: Int
  public let goods: Int

  /// - Parameter scores: probability of being defective; at or above the threshold a part is rejected.
  public init(threshold: Double, scores: [Double], isDefect: [Bool]) {
    precondition(scores.count == isDefect.count)
    self.threshold = threshold
    defects = isDefect.count { $0 }
    goods = isDefect.count - defects
    escapes = zip(scores, isDefect).count { $1 && $0 < threshold }
    overkills = zip(scores, isDefect).count { !$1 && $0 >= threshold }
  }

  public var escapeRate: Double { ConfusionMatrix.ratio(escapes, defects) }
  public var overkillRate: Double { ConfusionMatrix.ratio(overkills, goods) }
}
