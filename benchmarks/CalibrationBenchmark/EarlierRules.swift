import AssayLearning
import Foundation

/// What was done before, to compare with.
enum EarlierRules {
  /// The temperature of the smallest log loss in 0.05 ... 20, whatever the number of parts.
  static func temperature(_ logits: [Float], labels: [Int], classCount: Int) -> Double {
    let grid = (0...300).map { exp(log(0.05) + Double($0) / 300 * log(400)) }
    let losses = grid.map { Softmax.logLoss(logits, labels: labels, classCount: classCount, temperature: $0) }
    guard let best = losses.indices.min(by: { losses[$0] < losses[$1] }) else { return 1 }
    let same = Softmax.logLoss(logits, labels: labels, classCount: classCount)
    return losses[best] < same ? grid[best] : 1
  }
}

/// Mean, spread and extremes of a column.
struct Column {
  let values: [Double]

  var mean: Double { values.reduce(0, +) / Double(max(1, values.count)) }
  var worst: Double { values.max() ?? 0 }
  var least: Double { values.min() ?? 0 }
  /// Standard error of the mean over the draws.
  var error: Double {
    let mean = mean
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (sum / Double(max(1, values.count - 1)) / Double(max(1, values.count))).squareRoot()
  }

  func share(above limit: Double) -> Double { Double(values.count { $0 > limit }) / Double(max(1, values.count)) }
}
