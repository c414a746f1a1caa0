import AssayBase

/// Percentile bootstrap (Efron 1979): the statistic of many resamples of the images, drawn with replacement. The same
/// seed gives the same interval.
///
/// It knows only what was seen. Where all images agree its interval is a point, and near 0 or 1 it is too narrow, so that
/// it never stands alone: shares have ``Proportion/wilson(_:of:)``, areas ``RankingIntervals``, and what is left is joined
/// with a closed form (``Interval/joined(with:)``).
public struct Bootstrap: Sendable {
  public let resamples: Int
  public let seed: UInt64

  public init(resamples: Int = 1000, seed: UInt64 = 0) {
    self.resamples = resamples
    self.seed = seed
  }

  /// Interval of any statistic of the drawn indices.
  public func interval(count: Int, _ statistic: ([Int]) -> Double?) -> Interval? {
    guard count > 1 else { return nil }
    var generator = SplitMix64(seed: seed)
    var indices = [Int](repeating: 0, count: count)
    let values = (0..<resamples).compactMap { _ in
      for position in 0..<count { indices[position] = generator.next(below: count) }
      return statistic(indices)
    }
    return Self.percentiles(values)
  }

  /// Interval of a mean.
  public func meanInterval(_ values: [Double]) -> Interval? {
    guard values.count > 1 else { return nil }
    var generator = SplitMix64(seed: seed)
    return Self.percentiles(
      (0..<resamples).map { _ in
        var sum = 0.0
        for _ in values.indices { sum += values[generator.next(below: values.count)] }
        return sum / Double(values.count)
      })
  }

  /// Intervals of several statistics of a confusion matrix, from the same resamples.
  public func intervals(
    actual: [Int], predicted: [Int], classCount: Int, _ statistics: (ConfusionMatrix) -> [Double]
  ) -> [Interval?] {
    guard actual.count > 1 else { return statistics(ConfusionMatrix(classCount: classCount)).map { _ in nil } }
    var generator = SplitMix64(seed: seed)
    var columns: [[Double]] = []
    for _ in 0..<resamples {
      var (a, p) = ([Int](), [Int]())
      a.reserveCapacity(actual.count)
      p.reserveCapacity(actual.count)
      for _ in actual.indices {
        let index = generator.next(below: actual.count)
        a.append(actual[index])
        p.append(predicted[index])
      }
      let values = statistics(ConfusionMatrix(actual: a, predicted: p, classCount: classCount))
      if columns.isEmpty { columns = Array(repeating: [], count: values.count) }
      for (column, value) in values.enumerated() { columns[column].append(value) }
    }
    return columns.map(Self.percentiles)
  }

  /// The 2.5th and 97.5th percentile, interpolated linearly (numpy's default).
  static func percentiles(_ values: [Double]) -> Interval? {
    let sorted = values.sorted()
    guard sorted.count > 1 else { return nil }
    func percentile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let index = min(Int(position), sorted.count - 2)
      return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
    }
    return Interval(low: percentile(0.025), high: percentile(0.975))
  }
}
