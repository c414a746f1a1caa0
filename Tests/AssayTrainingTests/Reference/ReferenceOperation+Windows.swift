extension ReferenceOperation {
  /// out[n, o, i, j] = bias[o] + sum over c, u, v of x[n, c, i s - p + u d, j s - p + v d] w[o, c, u, v], the sum over
  /// the channels of the group that o belongs to, and x zero in the padding.
  func convolution() throws -> ReferenceTensor {
    let x = try input(0, rank: 4)
    let weights = try input(1, rank: 4)
    let groups = integer("group", default: 1)
    let channels = weights.shape[1]
    let outputs = weights.shape[0]
    guard x.shape[1] == channels * groups, outputs % groups == 0 else {
      throw failure("weights \(weights.shape) in \(groups) groups do not fit an image \(x.shape)")
    }
    let kernel = Array(weights.shape[2...])
    guard integers("kernel_shape") ?? kernel == kernel else { throw failure("kernel_shape disagrees with the weights") }
    let bias = try optional(2).map { bias in
      guard bias.shape == [outputs] else { throw failure("a bias \(bias.shape) for \(outputs) outputs") }
      return bias.values
    }
    let window = try ReferenceWindow(self, kernel: kernel, input: Array(x.shape[2...]))
    return filled([x.shape[0], outputs] + window.output) { n, o, i, j in
      let firstChannel = o / (outputs / groups) * channels
      var sum = bias?[o] ?? 0
      for u in 0..<kernel[0] {
        for v in 0..<kernel[1] {
          let row = window.position(0, output: i, tap: u)
          let column = window.position(1, output: j, tap: v)
          guard window.isInImage(0, row), window.isInImage(1, column) else { continue }
          for c in 0..<channels { sum += x[n, firstChannel + c, row, column] * weights[o, c, u, v] }
        }
      }
      return sum
    }
  }

  /// The largest value under the window; padding takes no part.
  func maximumPool() throws -> ReferenceTensor {
    let x = try input(0, rank: 4)
    let window = try ReferenceWindow(self, kernel: integers("kernel_shape") ?? [], input: Array(x.shape[2...]))
    return filled([x.shape[0], x.shape[1]] + window.output) { n, c, i, j in
      var largest = -Double.infinity
      forEachTap(of: window, i, j) { row, column in
        if window.isInImage(0, row), window.isInImage(1, column) { largest = max(largest, x[n, c, row, column]) }
      }
      return largest
    }
  }

  /// The sum under the window over the number of pixels there: those in the image, or with `count_include_pad` also
  /// those in the padding (but not those beyond it, which rounding up brings in).
  func averagePool() throws -> ReferenceTensor {
    let x = try input(0, rank: 4)
    let window = try ReferenceWindow(self, kernel: integers("kernel_shape") ?? [], input: Array(x.shape[2...]))
    let countsPadding = integer("count_include_pad", default: 0) == 1
    return filled([x.shape[0], x.shape[1]] + window.output) { n, c, i, j in
      var sum = 0.0
      var count = 0
      forEachTap(of: window, i, j) { row, column in
        let isInside = window.isInImage(0, row) && window.isInImage(1, column)
        if isInside { sum += x[n, c, row, column] }
        if isInside || countsPadding && window.isInPaddedImage(0, row) && window.isInPaddedImage(1, column) {
          count += 1
        }
      }
      return sum / Double(count)
    }
  }

  func globalAveragePool() throws -> ReferenceTensor {
    let x = try input(0)
    guard x.rank > 2 else { throw failure("an image without spatial axes, \(x.shape)") }
    let mean = x.mean(over: Array(2..<x.rank))
    return mean.reshaped(mean.shape + [Int](repeating: 1, count: x.rank - 2))
  }

  private func forEachTap(of window: ReferenceWindow, _ i: Int, _ j: Int, _ body: (_ row: Int, _ column: Int) -> Void) {
    for u in 0..<window.kernel[0] {
      for v in 0..<window.kernel[1] {
        body(window.position(0, output: i, tap: u), window.position(1, output: j, tap: v))
      }
    }
  }

  private func filled(_ shape: [Int], _ element: (Int, Int, Int, Int) -> Double) -> ReferenceTensor {
    var result: [Double] = []
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        for i in 0..<shape[2] {
          for j in 0..<shape[3] { result.append(element(n, c, i, j)) }
        }
      }
    }
    return ReferenceTensor(shape: shape, values: result)
  }
}
