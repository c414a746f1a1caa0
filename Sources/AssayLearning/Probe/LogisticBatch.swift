import Dispatch
import Foundation

extension LogisticRegression {
  /// Objective and gradient of several problems at once.
  final class Batch {
    struct Evaluation {
      let value: Double
      let gradient: [Float]
    }

    private let data: ProbeData
    private let problems: [Problem]
    private let standardisations: [Standardisation]
    /// Weight vectors of a problem: one for two classes, else one a class.
    private let columns: Int
    private let dimension: Int
    private var scaled: [Float] = []
    private var scores: [Float] = []
    private var gradients: [Float] = []

    init(_ data: ProbeData, _ problems: [Problem]) {
      self.data = data
      self.problems = problems
      columns = data.classCount == 2 ? 1 : data.classCount
      dimension = data.dimension
      var known: [Set<Int>: Standardisation] = [:]
      standardisations = problems.map { problem in
        if let found = known[problem.excludedFolds] { return found }
        let made = data.standardisation(excluding: problem.excludedFolds)
        known[problem.excludedFolds] = made
        return made
      }
    }

    /// Weights `[columns, D]`, then intercepts `[columns]`.
    var parameterCount: Int { columns * (dimension + 1) }

    /// Scores of all rows for each problem, `[n, columns]`.
    func logits(_ points: [(problem: Int, parameters: [Float])]) -> [[Float]] {
      let offsets = forward(points)
      let (rows, width) = (data.rows, points.count * columns)
      return points.indices.map { position in
        var result = [Float](repeating: 0, count: rows * columns)
        for row in 0..<rows {
          for column in 0..<columns {
            let at = position * columns + column
            result[row * columns + column] = scores[row * width + at] + offsets[at]
          }
        }
        return result
      }
    }

    /// Fills `scores` `[n, points * columns]` with X times the rescaled weights; returns what is still to be added.
    private func forward(_ points: [(problem: Int, parameters: [Float])]) -> [Float] {
      let width = points.count * columns
      if scaled.count < width * dimension { scaled = [Float](repeating: 0, count: width * dimension) }
      if scores.count < width * data.rows { scores = [Float](repeating: 0, count: width * data.rows) }
      var offsets = [Float](repeating: 0, count: width)
      for (position, (problem, parameters)) in points.enumerated() {
        let standardisation = standardisations[problem]
        for column in 0..<columns {
          let at = position * columns + column
          var offset = Double(parameters[columns * dimension + column])
          for d in 0..<dimension {
            let weight = Double(parameters[column * dimension + d]) / standardisation.scale[d]
            scaled[at * dimension + d] = Float(weight)
            offset -= weight * standardisation.mean[d]
          }
          offsets[at] = Float(offset)
        }
      }
      data.standardised.values.withUnsafeBufferPointer { x in
        scaled.withUnsafeBufferPointer { w in
          scores.withUnsafeMutableBufferPointer { out in
            guard let x = x.baseAddress, let w = w.baseAddress, let out = out.baseAddress else { return }
            MatrixProduct.timesTransposed(x, w, into: out, m: data.rows, n: width, k: dimension)
          }
        }
      }
      return offsets
    }

    func evaluate(_ points: [(problem: Int, parameters: [Float])]) -> [Evaluation] {
      let offsets = forward(points)
      let width = points.count * columns
      let losses = points.indices.map { position in
        residuals(points[position].problem, position, width, offsets)
      }
      if gradients.count < width * dimension { gradients = [Float](repeating: 0, count: width * dimension) }
      data.standardised.values.withUnsafeBufferPointer { x in
        scores.withUnsafeBufferPointer { r in
          gradients.withUnsafeMutableBufferPointer { out in
            guard let x = x.baseAddress, let r = r.baseAddress, let out = out.baseAddress else { return }
            MatrixProduct.transposedTimes(r, x, into: out, m: width, n: dimension, k: data.rows)
          }
        }
      }
      return points.indices.map { position in
        finish(points[position].problem, points[position].parameters, position, losses[position])
      }
    }

    private struct Loss {
      var sum = 0.0
      var weight = 0.0
      /// Sum of residuals, `[columns]`.
      var residuals: [Double]
    }

    /// Replaces a problem's scores by weighted residuals (probability minus one-hot label) and sums its loss.
    private func residuals(_ problem: Int, _ position: Int, _ width: Int, _ offsets: [Float]) -> Loss {
      var loss = Loss(residuals: [Double](repeating: 0, count: columns))
      let excluded = problems[problem].excludedFolds
      let first = position * columns
      scores.withUnsafeMutableBufferPointer { scores in
        for row in 0..<data.rows {
          let at = row * width + first
          guard !excluded.contains(data.folds[row]) else {
            for column in 0..<columns { scores[at + column] = 0 }
            continue
          }
          let weight = Double(data.rowWeights[row])
          loss.weight += weight
          if columns == 1 {
            let z = Double(scores[at] + offsets[first])
            let sign = data.labels[row] == 1 ? z : -z
            // log(1 + exp(-s)), without overflow.
            loss.sum += weight * (max(-sign, 0) + log1p(exp(-abs(sign))))
            let residual = weight * (1 / (1 + exp(-z)) - (data.labels[row] == 1 ? 1 : 0))
            scores[at] = Float(residual)
            loss.residuals[0] += residual
          } else {
            var top = -Float.infinity
            for column in 0..<columns {
              scores[at + column] += offsets[first + column]
              top = max(top, scores[at + column])
            }
            var sum: Float = 0
            let own = scores[at + data.labels[row]] - top
            for column in 0..<columns {
              scores[at + column] = exp(scores[at + column] - top)
              sum += scores[at + column]
            }
            loss.sum += weight * (log(Double(sum)) - Double(own))
            for column in 0..<columns {
              let residual = Float(weight) * (scores[at + column] / sum - (column == data.labels[row] ? 1 : 0))
              scores[at + column] = residual
              loss.residuals[column] += Double(residual)
            }
          }
        }
      }
      return loss
    }

    /// Gradient for the problem's own standardised features, penalty included, all divided by the sum of weights.
    private func finish(_ problem: Int, _ parameters: [Float], _ position: Int, _ loss: Loss) -> Evaluation {
      let standardisation = standardisations[problem]
      let strength = 1 / problems[problem].inversePenalty
      let total = max(loss.weight, 1e-12)
      var gradient = [Float](repeating: 0, count: parameterCount)
      var squares = 0.0
      for column in 0..<columns {
        let from = (position * columns + column) * dimension
        for d in 0..<dimension {
          let weight = Double(parameters[column * dimension + d])
          squares += weight * weight
          let raw = Double(gradients[from + d]) - standardisation.mean[d] * loss.residuals[column]
          gradient[column * dimension + d] = Float((raw / standardisation.scale[d] + strength * weight) / total)
        }
        gradient[columns * dimension + column] = Float(loss.residuals[column] / total)
      }
      return Evaluation(value: (loss.sum + 0.5 * strength * squares) / total, gradient: gradient)
    }

    func model(_ problem: Int, _ parameters: [Float]) -> LinearModel {
      let weights = Array(parameters[..<(columns * dimension)])
      let bias = Array(parameters[(columns * dimension)...])
      let standardisation = data.composed(standardisations[problem])
      guard columns == 1 else { return LinearModel(weights: weights, bias: bias, standardisation: standardisation) }
      return LinearModel(
        weights: weights.map { -$0 / 2 } + weights.map { $0 / 2 }, bias: [-bias[0] / 2, bias[0] / 2],
        standardisation: standardisation)
    }

    /// Scores of one column as logits of two classes.
    func allClasses(_ scores: [Float]) -> [Float] {
      columns == 1 ? scores.flatMap { [-$0 / 2, $0 / 2] } : scores
    }
  }
}
