/// Antialiased resampling filters, as Pillow defines them (`Image.resize`): the kernel is widened by the reduction
/// factor, so that every source pixel counts.
public enum ResamplingFilter: String, Codable, Sendable, CaseIterable {
  case bilinear, bicubic

  /// Half the kernel's width in source pixels at scale 1.
  var support: Double { self == .bilinear ? 1 : 2 }

  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear:
      return max(0, 1 - x)
    case .bicubic:
      // Keys (1981) with a = -0.5.
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
      return 0
    }
  }
}

/// For every output position along one axis: which source positions count, and how much.
struct AxisWeights: Sendable {
  /// First source position of each output position.
  let starts: [Int]
  /// `taps` weights per output position, normalised to a sum of 1 and padded with zeros.
  let weights: [Float]
  let taps: Int

  /// - Parameters:
  ///   - source: number of source pixels.
  ///   - span: the part of the source that is spread over the output, in pixels.
  ///   - output: number of output pixels.
  init(source: Int, span: Range<Double>, output: Int, filter: ResamplingFilter) {
    let scale = (span.upperBound - span.lowerBound) / Double(output)
    let widening = max(scale, 1)
    let support = filter.support * widening
    var bounds = [(Int, Int)]()
    for position in 0..<output {
      let centre = span.lowerBound + (Double(position) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let last = min(source, Int(centre + support + 0.5))
      bounds.append((first, max(last, first + 1)))
    }
    let taps = min(source, bounds.map { $0.1 - $0.0 }.max() ?? 1)
    var starts = [Int]()
    var weights = [Float](repeating: 0, count: taps * output)
    for position in 0..<output {
      let centre = span.lowerBound + (Double(position) + 0.5) * scale
      // The padded window must stay inside the source: zero weights in front take up the difference.
      let start = min(bounds[position].0, source - taps)
      var values = [Double](repeating: 0, count: taps)
      for index in bounds[position].0..<min(bounds[position].1, source) {
        values[index - start] = filter.weight((Double(index) - centre + 0.5) / widening)
      }
      let sum = values.reduce(0, +)
      for tap in 0..<taps { weights[position * taps + tap] = Float(sum == 0 ? 0 : values[tap] / sum) }
      starts.append(start)
    }
    self.starts = starts
    self.weights = weights
    self.taps = taps
  }
}
