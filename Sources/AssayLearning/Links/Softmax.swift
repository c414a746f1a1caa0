import Foundation

/// Logits to probabilities.
public enum Softmax {
  /// - Parameters:
  ///   - logits: `[n, K]`.
  ///   - temperature: divides the logits; above 0.
  /// - Returns: `[n, K]`, each row summing to 1.
  public static func probabilities(_ logits: [Float], classCount: Int, temperature: Double = 1) -> [Double] {
    precondition(logits.count % classCount == 0)
    var result = [Double](repeating: 0, count: logits.count)
    for start in stride(from: 0, to: logits.count, by: classCount) {
      let row = logits[start..<start + classCount].map { Double($0) / temperature }
      let top = row.max() ?? 0
      let exponentials = row.map { exp($0 - top) }
      let sum = exponentials.reduce(0, +)
      for k in 0..<classCount { result[start + k] = exponentials[k] / sum }
    }
    return result
  }

  /// Mean negative log likelihood of the labels.
  public static func logLoss(_ logits: [Float], labels: [Int], classCount: Int, temperature: Double = 1) -> Double {
    precondition(logits.count == labels.count * classCount)
    var sum = 0.0
    for (row, label) in labels.enumerated() {
      let values = logits[row * classCount..<(row + 1) * classCount].map { Double($0) / temperature }
      let top = values.max() ?? 0
      sum += log(values.reduce(0) { $0 + exp($1 - top) }) + top - values[label]
    }
    return labels.isEmpty ? 0 : sum / Double(labels.count)
  }
}
