import AssayBase
import Dispatch
import Foundation

extension LogisticRegression {
  /// Objective and gradient of several problems at once, in one pass over the features.
  ///
  /// The features of a thousand images do not fit a processor's cache, so memory sets the speed: scores, residuals and
  /// gradient of a block of rows are computed while the block is in the cache.
  final class Batch: @unchecked Sendable {
    // Used by one caller; its workers share only what `evaluate` does not change.
    struct Evaluation {
      let value: Double
      let gradient: [Float]
    }

    private let data: ProbeData
    private let problems: [Problem]
    private let rescalings: [Rescaling]
    /// Weight vectors of a problem: one for two classes, for levels and for values, else one a class.
    private let columns: Int
    /// Distances between thresholds, in logarithms: parameters that the features do not meet.
    private let steps: Int
    private let dimension: Int
    /// Sums that are made side by side and added up in their order, so that the result does not depend on the number of
    /// threads: as many as a processor has cores for them, and few enough to be added up in no time.
    private static let lanes = 8

    init(_ data: ProbeData, _ problems: [Problem]) {
      self.data = data
      self.problems = problems
      columns = data.classCount == 2 || data.link != .softmax ? 1 : data.classCount
      steps = data.link == .cumulative ? max(0, data.classCount - 2) : 0
      dimension = data.dimension
      var known: [Set<Int>: Rescaling] = [:]
      rescalings = problems.map { problem in
        if let found = known[problem.excludedFolds] { return found }
        let made = Rescaling(data.standardisation(excluding: problem.excludedFolds))
        known[problem.excludedFolds] = made
        return made
      }
    }

    /// A problem's standardisation, in single precision for the inner loops.
    private struct Rescaling {
      let exact: Standardisation
      let mean: [Float]
      /// 1 / scale
      let factor: [Float]

      init(_ standardisation: Standardisation) {
        exact = standardisation
        mean = standardisation.mean.map { Float($0) }
        factor = standardisation.scale.map { Float(1 / $0) }
      }
    }

    /// Weights of all points as they apply to ``ProbeData/standardised``: `[points * columns, D]`, and what is added to
    /// each score.
    private struct Projection {
      let width: Int
      let weights: [Float]
      let offsets: [Float]
    }

    /// Weights `[columns, D]`, then intercepts `[columns]`, then steps.
    var parameterCount: Int { columns * (dimension + 1) + steps }

    private func steps(_ parameters: [Float]) -> ArraySlice<Float> { parameters[(columns * (dimension + 1))...] }

    /// What the rows' losses need beside the scores.
    private func links(_ points: [(problem: Int, parameters: [Float])]) -> [CumulativeLink] {
      data.link == .cumulative ? points.map { CumulativeLink(logSteps: steps($0.parameters).map(Double.init)) } : []
    }

    private func projection(_ points: [(problem: Int, parameters: [Float])]) -> Projection {
      let width = points.count * columns
      var weights = [Float](repeating: 0, count: width * dimension)
      var offsets = [Float](repeating: 0, count: width)
      weights.withUnsafeMutableBufferPointer { weights in
        for (position, (problem, parameters)) in points.enumerated() {
          let rescaling = rescalings[problem]
          for column in 0..<columns {
            let at = position * columns + column
            let own = UnsafeMutableBufferPointer(rebasing: weights[at * dimension..<(at + 1) * dimension])
            parameters.withUnsafeBufferPointer { parameters in
              rescaling.factor.withUnsafeBufferPointer { factor in
                for d in 0..<dimension { own[d] = parameters[column * dimension + d] * factor[d] }
              }
            }
            let inner = rescaling.mean.withUnsafeBufferPointer { VectorOperations.dot(UnsafeBufferPointer(own), $0) }
            offsets[at] = Float(Double(parameters[columns * dimension + column]) - inner)
          }
        }
      }
      return Projection(width: width, weights: weights, offsets: offsets)
    }

    /// Scores of all rows for each problem, `[n, columns]`.
    func logits(_ points: [(problem: Int, parameters: [Float])]) -> [[Float]] {
      let projection = projection(points)
      var scores = [Float](repeating: 0, count: data.rows * projection.width)
      data.standardised.values.withUnsafeBufferPointer { x in
        projection.weights.withUnsafeBufferPointer { w in
          scores.withUnsafeMutableBufferPointer { out in
            guard let x = x.baseAddress, let w = w.baseAddress, let out = out.baseAddress else { return }
            let all = data.standardised
            for block in all.values.isReleasable ? FeatureMatrix.blocks(data.rows) : [0..<data.rows] {
              MatrixProduct.timesTransposed(
                x + block.lowerBound * dimension, w, into: out + block.lowerBound * projection.width, m: block.count,
                n: projection.width, k: dimension)
              all.release(block)
            }
          }
        }
      }
      return points.indices.map { position in
        (0..<data.rows).flatMap { row in
          (position * columns..<(position + 1) * columns).map {
            scores[row * projection.width + $0] + projection.offsets[$0]
          }
        }
      }
    }

    func evaluate(_ points: [(problem: Int, parameters: [Float])]) -> [Evaluation] {
      let projection = projection(points)
      let members = points.map(\.problem)
      let links = links(points)
      // Few columns: blocks for the second-level cache. Many: the product is the bottleneck, and likes larger blocks.
      let blockRows = projection.width <= 16 ? 32 : 256
      let blocks = (data.rows + blockRows - 1) / blockRows
      let active = min(Self.lanes, blocks)
      var partial = [BlockSums?](repeating: nil, count: active)
      partial.withUnsafeMutableBufferPointer { partial in
        let results = Slots(base: partial.baseAddress)
        DispatchQueue.concurrentPerform(iterations: active) { worker in
          var sums = BlockSums(width: projection.width, dimension: dimension, problems: members.count, steps: steps)
          var scores = [Float](repeating: 0, count: blockRows * projection.width)
          for block in stride(from: worker, to: blocks, by: active) {
            let rows = block * blockRows..<min(data.rows, (block + 1) * blockRows)
            add(rows, members, links, projection, &scores, to: &sums)
            data.standardised.release(rows)
          }
          results.base?[worker] = sums
        }
      }
      var total = BlockSums(width: projection.width, dimension: dimension, problems: members.count, steps: steps)
      for case let part? in partial { total.add(part) }
      return points.indices.map { finish(points[$0].problem, points[$0].parameters, $0, total) }
    }

    private struct Slots: @unchecked Sendable {
      // Each worker writes its own slot.
      let base: UnsafeMutablePointer<BlockSums?>?
    }

    /// Sums over rows: what objective and gradient are made of.
    private struct BlockSums {
      /// Residuals times features, `[width, D]`.
      var products: [Float]
      /// Sum of residuals, `[width]`.
      var residuals: [Double]
      /// For each problem.
      var losses: [Double]
      var weights: [Double]
      /// Gradient of the steps, for each problem.
      var steps: [[Double]]

      init(width: Int, dimension: Int, problems: Int, steps: Int) {
        products = [Float](repeating: 0, count: width * dimension)
        residuals = [Double](repeating: 0, count: width)
        losses = [Double](repeating: 0, count: problems)
        weights = losses
        self.steps = Array(repeating: [Double](repeating: 0, count: steps), count: problems)
      }

      mutating func add(_ other: BlockSums) {
        VectorOperations.add(1, other.products, to: &products)
        for index in residuals.indices { residuals[index] += other.residuals[index] }
        for index in losses.indices {
          losses[index] += other.losses[index]
          weights[index] += other.weights[index]
          for step in steps[index].indices { steps[index][step] += other.steps[index][step] }
        }
      }
    }

    private func add(
      _ rows: Range<Int>, _ members: [Int], _ links: [CumulativeLink], _ projection: Projection,
      _ scores: inout [Float], to sums: inout BlockSums
    ) {
      let width = projection.width
      data.standardised.values.withUnsafeBufferPointer { x in
        projection.weights.withUnsafeBufferPointer { w in
          scores.withUnsafeMutableBufferPointer { scores in
            guard let x = x.baseAddress, let w = w.baseAddress, let base = scores.baseAddress else { return }
            let block = x + rows.lowerBound * dimension
            MatrixProduct.timesTransposed(block, w, into: base, m: rows.count, n: width, k: dimension)
            for (position, problem) in members.enumerated() {
              let excluded = problems[problem].excludedFolds
              for row in rows {
                let first = (row - rows.lowerBound) * width + position * columns
                let own = UnsafeMutableBufferPointer(rebasing: scores[first..<first + columns])
                if excluded.contains(data.folds[row]) {
                  own.update(repeating: 0)
                } else {
                  let offset = position * columns
                  switch data.link {
                  case .softmax: sums.losses[position] += residuals(row, own, projection.offsets, offset)
                  case .cumulative:
                    sums.losses[position] += residual(
                      row, own, projection.offsets[offset], links[position], &sums.steps[position])
                  case .identity: sums.losses[position] += residual(row, own, projection.offsets[offset])
                  }
                  sums.weights[position] += Double(data.rowWeights[row])
                  for column in 0..<columns { sums.residuals[position * columns + column] += Double(own[column]) }
                }
              }
            }
            sums.products.withUnsafeMutableBufferPointer { products in
              guard let products = products.baseAddress else { return }
              MatrixProduct.addTransposedTimes(base, block, to: products, m: width, n: dimension, k: rows.count)
            }
          }
        }
      }
    }

    /// Replaces a level's score by the loss's derivative; returns the loss.
    private func residual(
      _ row: Int, _ score: UnsafeMutableBufferPointer<Float>, _ offset: Float, _ link: CumulativeLink,
      _ steps: inout [Double]
    ) -> Double {
      let weight = Double(data.rowWeights[row])
      let gradient = link.loss(score: Double(score[0] + offset), level: data.labels[row], weight: weight, steps: &steps)
      score[0] = Float(gradient.derivative)
      return gradient.loss
    }

    /// Replaces a value's score by its error; returns half the square.
    private func residual(_ row: Int, _ score: UnsafeMutableBufferPointer<Float>, _ offset: Float) -> Double {
      score[0] += offset - data.values[row]
      return 0.5 * Double(score[0]) * Double(score[0])
    }

    /// Replaces a row's scores by weighted residuals (probability minus one-hot label); returns its weighted loss.
    private func residuals(
      _ row: Int, _ scores: UnsafeMutableBufferPointer<Float>, _ offsets: [Float], _ firstOffset: Int
    ) -> Double {
      let weight = data.rowWeights[row]
      let label = data.labels[row]
      if columns == 1 {
        let z = Double(scores[0] + offsets[firstOffset])
        let margin = label == 1 ? z : -z
        scores[0] = weight * Float(1 / (1 + exp(-z)) - (label == 1 ? 1 : 0))
        // log(1 + exp(-margin)), without overflow.
        return Double(weight) * (max(-margin, 0) + log1p(exp(-abs(margin))))
      }
      var top = -Float.infinity
      for column in 0..<columns {
        scores[column] += offsets[firstOffset + column]
        top = max(top, scores[column])
      }
      let own = scores[label] - top
      var sum: Float = 0
      for column in 0..<columns {
        scores[column] = exp(scores[column] - top)
        sum += scores[column]
      }
      for column in 0..<columns { scores[column] = weight * (scores[column] / sum - (column == label ? 1 : 0)) }
      return Double(weight) * (log(Double(sum)) - Double(own))
    }

    /// Gradient for the problem's own standardised features, penalty included, all divided by the sum of weights.
    private func finish(_ problem: Int, _ parameters: [Float], _ position: Int, _ sums: BlockSums) -> Evaluation {
      let rescaling = rescalings[problem]
      let strength = 1 / problems[problem].inversePenalty
      let total = max(sums.weights[position], 1e-12)
      let (share, penalty) = (Float(1 / total), Float(strength / total))
      var gradient = [Float](repeating: 0, count: parameterCount)
      for column in 0..<columns {
        let (from, to) = ((position * columns + column) * dimension, column * dimension)
        let residual = sums.residuals[position * columns + column]
        let shift = Float(residual)
        gradient.withUnsafeMutableBufferPointer { gradient in
          sums.products.withUnsafeBufferPointer { raw in
            parameters.withUnsafeBufferPointer { parameters in
              rescaling.mean.withUnsafeBufferPointer { mean in
                rescaling.factor.withUnsafeBufferPointer { factor in
                  for d in 0..<dimension {
                    let data = (raw[from + d] - mean[d] * shift) * factor[d]
                    gradient[to + d] = data * share + parameters[to + d] * penalty
                  }
                }
              }
            }
          }
        }
        gradient[columns * dimension + column] = Float(residual / total)
      }
      for step in 0..<steps {
        gradient[columns * (dimension + 1) + step] = Float(sums.steps[position][step] / total)
      }
      let squares = parameters.withUnsafeBufferPointer { buffer in
        let weights = UnsafeBufferPointer(rebasing: buffer[..<(columns * dimension)])
        return VectorOperations.dot(weights, weights)
      }
      return Evaluation(value: (sums.losses[position] + 0.5 * strength * squares) / total, gradient: gradient)
    }

    func model(_ problem: Int, _ parameters: [Float]) -> LinearModel {
      let weights = Array(parameters[..<(columns * dimension)])
      let bias = Array(parameters[(columns * dimension)..<columns * (dimension + 1)])
      let standardisation = data.composed(rescalings[problem].exact)
      guard data.link == .softmax, columns == 1 else {
        return LinearModel(
          weights: weights, bias: bias, standardisation: standardisation, logSteps: Array(steps(parameters)))
      }
      return LinearModel(
        weights: weights.map { -$0 / 2 } + weights.map { $0 / 2 }, bias: [-bias[0] / 2, bias[0] / 2],
        standardisation: standardisation)
    }

    /// Scores of one column as logits of two classes, or as the logarithms of the levels' probabilities.
    func allClasses(_ scores: [Float], _ parameters: [Float]) -> [Float] {
      switch data.link {
      case .identity: return scores
      case .softmax: return columns == 1 ? scores.flatMap { [-$0 / 2, $0 / 2] } : scores
      case .cumulative:
        let link = CumulativeLink(logSteps: steps(parameters).map(Double.init))
        return scores.flatMap { score in link.logProbabilities(score: Double(score)).map { Float($0) } }
      }
    }
  }
}
