/// True against false positive rate at every threshold (Fawcett 2006). Equal scores make one step.
public struct ROCCurve: Sendable, Equatable {
  /// From (0, 0) to (1, 1); rates 0...1.
  public let falsePositiveRate: [Double]
  public let truePositiveRate: [Double]
  /// Score at or above which an image counts as positive; the first is +infinity.
  public let thresholds: [Double]

  /// - Returns: nil unless both classes occur.
  public init?(scores: [Double], isPositive: [Bool]) {
    let steps = RankedSteps(scores: scores, isPositive: isPositive)
    guard steps.positives > 0, steps.negatives > 0 else { return nil }
    falsePositiveRate = [0] + steps.falsePositives.map { Double($0) / Double(steps.negatives) }
    truePositiveRate = [0] + steps.truePositives.map { Double($0) / Double(steps.positives) }
    thresholds = [.infinity] + steps.thresholds
  }

  /// Area under the curve by the trapezoidal rule: the probability that a positive outscores a negative, ties half.
  public var area: Double {
    var area = 0.0
    for i in 1..<falsePositiveRate.count {
      let width = falsePositiveRate[i] - falsePositiveRate[i - 1]
      area += width * (truePositiveRate[i] + truePositiveRate[i - 1]) / 2
    }
    return area
  }

  /// One class against the rest, averaged over the classes for which a curve exists.
  /// - Parameter probabilities: `[n, K]`, row by row.
  public static func macroArea(probabilities: [Double], labels: [Int], classCount: Int) -> Double? {
    let areas = (0..<classCount).compactMap { k in
      ROCCurve(
        scores: labels.indices.map { probabilities[$0 * classCount + k] }, isPositive: labels.map { $0 == k })?.area
    }
    return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
  }
}

/// Precision against recall at every threshold.
public struct PrecisionRecallCurve: Sendable, Equatable {
  /// From the highest threshold to the lowest; rates 0...1.
  public let precision: [Double]
  public let recall: [Double]
  public let thresholds: [Double]

  /// - Returns: nil when there are no positives.
  public init?(scores: [Double], isPositive: [Bool]) {
    let steps = RankedSteps(scores: scores, isPositive: isPositive)
    guard steps.positives > 0 else { return nil }
    precision = steps.thresholds.indices.map {
      Double(steps.truePositives[$0]) / Double(steps.truePositives[$0] + steps.falsePositives[$0])
    }
    recall = steps.truePositives.map { Double($0) / Double(steps.positives) }
    thresholds = steps.thresholds
  }

  /// Sum of precision times gain in recall, without interpolation (scikit-learn's `average_precision_score`).
  public var averagePrecision: Double {
    var previous = 0.0
    var sum = 0.0
    for i in precision.indices {
      sum += (recall[i] - previous) * precision[i]
      previous = recall[i]
    }
    return sum
  }
}

/// Counts at or above each distinct score, from the highest down.
struct RankedSteps {
  private(set) var thresholds: [Double] = []
  private(set) var truePositives: [Int] = []
  private(set) var falsePositives: [Int] = []
  let positives: Int
  let negatives: Int

  init(scores: [Double], isPositive: [Bool]) {
    precondition(scores.count == isPositive.count)
    positives = isPositive.count { $0 }
    negatives = isPositive.count - positives
    var (tp, fp) = (0, 0)
    for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
      if isPositive[index] { tp += 1 } else { fp += 1 }
      if thresholds.last == scores[index] {
        truePositives[truePositives.count - 1] = tp
        falsePositives[falsePositives.count - 1] = fp
      } else {
        thresholds.append(scores[index])
        truePositives.append(tp)
        falsePositives.append(fp)
      }
    }
  }
}
