/// 95 % intervals of figures of several classes an image.
extension MultiLabelScores {
  /// From the intervals of the classes' average precisions.
  /// - Returns: nil when no class occurs.
  public var meanAveragePrecisionInterval: Interval? {
    Proportion.mean(
      classes.compactMap { own in
        own.averagePrecision.flatMap { value in
          RankingIntervals.averagePrecision(value, positives: own.support).map { (value, $0) }
        }
      }
    )?.clamped(to: 0...1)
  }

  /// From the intervals of the classes' F1, joined with the bootstrap's.
  public func macroF1Interval(bootstrap: Interval?) -> Interval? {
    Proportion.mean(classes.compactMap { own in own.f1Interval.map { (own.f1, $0) } })
      .map { $0.joined(with: bootstrap).clamped(to: 0...1) }
  }

  public func microF1Interval(bootstrap: Interval?) -> Interval? {
    let found = classes.reduce(0) { $0 + $1.found }
    let wrong = classes.reduce(0) { $0 + $1.support - $1.found + $1.falseAlarms }
    return Proportion.f1(found: found, wrong: wrong)?.joined(with: bootstrap)
  }

  /// 95 % intervals of macro and micro F1 with images drawn anew.
  /// - Parameters:
  ///   - isFound, truth: `[n, K]`, row by row.
  public static func resampledIntervals(
    isFound: [Bool], truth: [Bool], classCount: Int, bootstrap: Bootstrap
  ) -> (macroF1: Interval?, microF1: Interval?) {
    precondition(isFound.count == truth.count && classCount > 0)
    let rows = truth.count / classCount
    func f1(_ drawn: [Int], perClass: Bool) -> Double {
      var (found, all) = ([Int](repeating: 0, count: classCount), [Int](repeating: 0, count: classCount))
      for row in drawn {
        for k in 0..<classCount {
          let (says, isThere) = (isFound[row * classCount + k], truth[row * classCount + k])
          if says, isThere { found[k] += 2 }
          all[k] += (says ? 1 : 0) + (isThere ? 1 : 0)
        }
      }
      guard perClass else { return ConfusionMatrix.ratio(found.reduce(0, +), all.reduce(0, +)) }
      return zip(found, all).reduce(0) { $0 + ConfusionMatrix.ratio($1.0, $1.1) } / Double(classCount)
    }
    return (
      bootstrap.interval(count: rows) { f1($0, perClass: true) },
      bootstrap.interval(count: rows) { f1($0, perClass: false) }
    )
  }
}

extension MultiLabelScores.ClassScores {
  /// nil when it was never found.
  public var precisionInterval: Interval? { Proportion.wilson(found, of: found + falseAlarms) }
  /// nil when no image shows the class.
  public var recallInterval: Interval? { Proportion.wilson(found, of: support) }
  /// nil when it neither occurs nor was found.
  public var f1Interval: Interval? { Proportion.f1(found: found, wrong: support - found + falseAlarms) }
}
