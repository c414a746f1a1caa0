/// The weights that make each output position of one axis from source positions.
///
/// Every output uses the same number of source positions (`taps`), padded with zero weights, so that the inner loops have
/// no branches. Centres, support and normalisation follow Pillow's `precompute_coeffs`.
struct AxisWeights: Equatable {
  /// The first source position of each output, not decreasing; `starts[i] + taps` is within the source.
  let starts: [Int]
  /// `[outputs, taps]`; each row sums to `scale`.
  let weights: [Float]
  let taps: Int

  /// The source positions used by any output.
  let used: Range<Int>

  /// Weights for `outputs` positions that cover `from` to `to` (in source pixels, edges of pixels are integers) of an
  /// axis of `size` pixels.
  init(size: Int, from: Double, to: Double, outputs: Int, filter: ResamplingFilter, scale: Float = 1) {
    let step = (to - from) / Double(outputs)
    let stretch = max(step, 1)
    let support = filter.support * stretch
    var firsts: [Int] = []
    var rows: [[Double]] = []
    firsts.reserveCapacity(outputs)
    rows.reserveCapacity(outputs)
    for i in 0..<outputs {
      let centre = from + (Double(i) + 0.5) * step
      let first = max(0, Int(centre - support + 0.5))
      let end = min(size, Int(centre + support + 0.5))
      var row = (first..<max(end, first)).map { filter.weight((Double($0) - centre + 0.5) / stretch) }
      let sum = row.reduce(0, +)
      if sum != 0 { for k in row.indices { row[k] /= sum } }
      firsts.append(first)
      rows.append(row)
    }
    let taps = max(1, rows.reduce(0) { max($0, $1.count) })
    var starts: [Int] = []
    var weights = [Float](repeating: 0, count: outputs * taps)
    starts.reserveCapacity(outputs)
    for i in 0..<outputs {
      let start = min(firsts[i], size - taps)
      starts.append(start)
      for (k, weight) in rows[i].enumerated() {
        weights[i * taps + firsts[i] - start + k] = Float(weight) * scale
      }
    }
    self.starts = starts
    self.weights = weights
    self.taps = taps
    self.used = (starts.first ?? 0)..<((starts.last ?? 0) + taps)
  }
}
