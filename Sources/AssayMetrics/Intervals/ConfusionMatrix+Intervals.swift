/// 95 % intervals of what a confusion matrix says.
extension ConfusionMatrix {
  public var accuracyInterval: Interval? { Proportion.wilson(correct, of: total) }

  /// In the order of the classes; nil for one that does not occur.
  public var recallIntervals: [Interval?] {
    zip(0..<classCount, support).map { Proportion.wilson(counts[$0][$0], of: $1) }
  }

  /// In the order of the classes; nil for one that was never predicted.
  public var precisionIntervals: [Interval?] {
    zip(0..<classCount, predictedCounts).map { Proportion.wilson(counts[$0][$0], of: $1) }
  }

  /// In the order of the classes; nil for one that neither occurs nor was predicted.
  public var f1Intervals: [Interval?] {
    let (support, predicted) = (support, predictedCounts)
    return (0..<classCount).map { k in
      Proportion.f1(found: counts[k][k], wrong: support[k] + predicted[k] - 2 * counts[k][k])
    }
  }

  /// From the intervals of the classes' recalls, which rest on different images.
  public var balancedAccuracyInterval: Interval? {
    Proportion.mean(zip(recall, recallIntervals).compactMap { value, interval in interval.map { (value, $0) } })
  }

  /// From the intervals of the classes' F1, of which a mistake changes two. Joined with the bootstrap's, which knows how
  /// far they depend on one another but not what it has not seen.
  public func macroF1Interval(bootstrap: Interval?) -> Interval? {
    Proportion.mean(
      zip(f1, f1Intervals).compactMap { value, interval in interval.map { (value, $0) } }, touched: 2
    ).map { $0.joined(with: bootstrap).clamped(to: 0...1) }
  }
}
