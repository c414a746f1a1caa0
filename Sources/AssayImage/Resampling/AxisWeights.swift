/// The weights that make each output position of one axis from source positions.
///
/// Every output uses the same number of source positions (`taps`), padded with zero weights, so that the inner loops have
/// no branches. Centres, support and normalisation follow Pillow's `precompute_coeffs`.
///
/// An axis that shrinks by 128 or more goes in two passes: first the means of boxes of ``box`` pixels are taken, and the
/// filter goes over the boxes. A box's weight is the sum of its pixels' weights, so that the total stays exact, and the
/// boxes leave a factor of 64 or more to the filter: within a box its weight hardly changes, and tables and scratch stay
/// small however long the source is.
struct AxisWeights: Equatable {
  /// Source pixels whose mean is one position: 1 unless the axis shrinks by 128 or more.
  let box: Int
  /// The first position of each output, not decreasing; `starts[i] + taps` is within the source.
  let starts: [Int]
  /// `[outputs, taps]`; each row sums to `scale`.
  let weights: [Float]
  let taps: Int

  /// The positions used by any output.
  let used: Range<Int>

  /// What the first pass leaves to the filter at least.
  static let filteredFactor = 64

  /// Weights for `outputs` positions that cover `from` to `to` (in source pixels, edges of pixels are integers) of an
  /// axis of `size` pixels.
  init(size: Int, from: Double, to: Double, outputs: Int, filter: ResamplingFilter, scale: Float = 1) {
    let step = (to - from) / Double(outputs)
    let stretch = max(step, 1)
    let support = filter.support * stretch
    let box = max(1, Int(step) / Self.filteredFactor)
    let positions = (size + box - 1) / box
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
      firsts.append(first / box)
      rows.append(box == 1 ? row : Self.folded(row, first: first, box: box))
    }
    let taps = max(1, rows.reduce(0) { max($0, $1.count) })
    var starts: [Int] = []
    var weights = [Float](repeating: 0, count: outputs * taps)
    starts.reserveCapacity(outputs)
    for i in 0..<outputs {
      let start = min(firsts[i], positions - taps)
      starts.append(start)
      for (k, weight) in rows[i].enumerated() {
        weights[i * taps + firsts[i] - start + k] = Float(weight) * scale
      }
    }
    self.box = box
    self.starts = starts
    self.weights = weights
    self.taps = taps
    self.used = (starts.first ?? 0)..<((starts.last ?? 0) + taps)
  }

  /// Weights of pixels, from `first` on, summed over boxes.
  private static func folded(_ row: [Double], first: Int, box: Int) -> [Double] {
    guard !row.isEmpty else { return [] }
    var sums = [Double](repeating: 0, count: (first + row.count - 1) / box - first / box + 1)
    for (k, weight) in row.enumerated() { sums[(first + k) / box - first / box] += weight }
    return sums
  }
}
