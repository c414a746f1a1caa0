/// When drift is looked for, and when it is an alarm.
///
/// There is a look after every ``step`` parts, with at most ``tests`` tests in it. Each of them raises an alarm without drift
/// with a probability of at most ``alarmProbability``, so that a thousand parts that are like those of training raise one
/// with a probability of at most ``rateInThousand``, however often anybody asks (Bonferroni's inequality).
/// `benchmarks/drift.sh` measures it.
package enum DriftRule {
  /// Parts from one look to the next.
  package static let step = 10
  /// Latest parts in which a sudden change is looked for; also the fewest that are compared.
  package static let few = 50
  /// Fewest held-out parts that the latest are compared with.
  package static let fewestReference = 20
  /// Score, brightness and features in all that is remembered and in the latest few, and what is farther than all in both.
  package static let tests = 8
  /// Most alarms in a thousand parts without drift.
  package static let rateInThousand = 0.01
  /// With thousands of parts the smallest difference is certain: it must be as large as this as well.
  package static let leastStatistic = 0.15
  /// Share of parts beyond all that were held out.
  package static let leastBeyond = 0.5

  /// Of one test.
  package static var alarmProbability: Double { rateInThousand * Double(step) / 1000 / Double(tests) }

  /// When so many parts have been seen, how many of them the last look took into account. Before there are enough to compare, all
  /// are shown.
  package static func looked(_ parts: Int) -> Int { parts < few ? parts : parts - parts % step }

  /// Probability that at least so many of `count` new parts lie farther than every one of the reference when all come from one
  /// distribution: that the farthest `beyond` of all are new ones, `C(count, beyond) / C(count + reference, beyond)`.
  package static func probability(beyond: Int, of count: Int, reference: Int) -> Double {
    var probability = 1.0
    for place in 0..<beyond { probability *= Double(count - place) / Double(count + reference - place) }
    return probability
  }
}
