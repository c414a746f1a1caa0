/// How many defects pass where at most a share of the good parts may be rejected: the point of the ROC curve at that rate,
/// from the same scores that it is read off. It ranks inspectors; a threshold for new parts is chosen otherwise
/// (`DecisionThreshold`), since this one has seen the parts that it is measured on.
public struct EscapeAtOverkill: Sendable, Equatable {
  /// The lowest score that is rejected.
  public let threshold: Double
  /// Whether each part is rejected, in the order of the scores.
  public let isRejected: [Bool]
  /// Defects below the threshold, and all of them.
  public let escapes: Int
  public let defects: Int
  /// Good parts at or above the threshold, and all of them.
  public let overkills: Int
  public let goods: Int

  /// - Parameters:
  ///   - maximum: share of the good parts that may be rejected, 0..<1.
  ///   - scores: higher for defects; of what is no number, a part is rejected.
  /// - Returns: nil unless both good and defective parts are there.
  public init?(atMost maximum: Double, scores: [Double], isDefect: [Bool]) {
    precondition(scores.count == isDefect.count, "a score for each part")
    defects = isDefect.count { $0 }
    goods = isDefect.count - defects
    guard defects > 0, goods > 0 else { return nil }
    let good = zip(scores, isDefect).filter { !$0.1 }.map { $0.0.isNaN ? .infinity : $0.0 }.sorted(by: >)
    let allowed = Self.allowed(maximum, of: goods)
    let threshold = allowed < goods ? good[allowed].nextUp : -.infinity
    self.threshold = threshold
    isRejected = scores.map { !($0 < threshold) }
    escapes = zip(isRejected, isDefect).count { !$0 && $1 }
    overkills = zip(isRejected, isDefect).count { $0 && !$1 }
  }

  /// How many of so many good parts may be rejected.
  static func allowed(_ maximum: Double, of goods: Int) -> Int {
    guard maximum > 0 else { return 0 }
    return min(goods, Int((min(maximum, 1) * Double(goods) + 1e-9).rounded(.down)))
  }

  /// Share of the defects that pass, 0...1.
  public var escapeRate: Double { ConfusionMatrix.ratio(escapes, defects) }
  /// Share of the defects that are found, 0...1.
  public var foundRate: Double { ConfusionMatrix.ratio(defects - escapes, defects) }
}
