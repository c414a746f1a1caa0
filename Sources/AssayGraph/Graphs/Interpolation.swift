import Foundation

/// Matrices that enlarge and smooth one axis of a map.
package enum Interpolation {
  /// Bilinear interpolation (half-pixel centres, edges repeated) followed by a Gaussian of four standard deviations to
  /// each side with reflected edges (SciPy's `gaussian_filter`).
  /// - Returns: `[to, from]`; every row sums to 1.
  package static func matrix(from: Int, to: Int, smoothing: Double) -> [Float] {
    var bilinear = [Double](repeating: 0, count: to * from)
    for target in 0..<to {
      let place = (Double(target) + 0.5) * Double(from) / Double(to) - 0.5
      let clamped = min(max(place, 0), Double(from - 1))
      let low = min(Int(clamped), from - 1)
      let high = min(low + 1, from - 1)
      bilinear[target * from + low] += 1 - (clamped - Double(low))
      bilinear[target * from + high] += clamped - Double(low)
    }
    guard smoothing > 0 else { return bilinear.map { Float($0) } }
    let radius = Int(4 * smoothing + 0.5)
    let kernel = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (smoothing * smoothing)) }
    let total = kernel.reduce(0, +)
    var result = [Double](repeating: 0, count: to * from)
    for target in 0..<to {
      for (position, weight) in kernel.enumerated() {
        // Reflected about the edge between the last pixel and the first outside: d c b a | a b c d | d c b a.
        var source = (target + position - radius) % (2 * to)
        if source < 0 { source += 2 * to }
        if source >= to { source = 2 * to - 1 - source }
        for f in 0..<from { result[target * from + f] += weight / total * bilinear[source * from + f] }
      }
    }
    return result.map { Float($0) }
  }

  package static func transposed(_ matrix: [Float], rows: Int) -> [Float] {
    let columns = matrix.count / rows
    return (0..<matrix.count).map { matrix[$0 % rows * columns + $0 / rows] }
  }
}
