/// Resampling of a vision transformer's learned position embeddings to another grid, as the network's own code does it.
///
/// All are bicubic (Keys 1981) and separable; they differ in the kernel's constant, in whether it widens when the grid
/// shrinks, and in where the new positions lie.
public enum PositionResampling: Sendable, Hashable {
  /// timm, and DINOv2 with registers: half-pixel centres, a = -0.5, widened where the grid shrinks (antialiased).
  case antialiased
  /// DINOv2 without registers: a = -0.75, not widened, and the scale is (new + 0.1) / old.
  case offset
  /// torchvision's `interpolate_embeddings`: a = -0.75, not widened, corners aligned.
  case alignedCorners

  /// - Parameters:
  ///   - grid: `[side * side, channels]`.
  /// - Returns: `[height * width, channels]`; the same where nothing changes.
  public func resample(_ grid: [Float], side: Int, channels: Int, height: Int, width: Int) -> [Float] {
    if height == side, width == side { return grid }
    let rows = matrix(from: side, to: height)
    let columns = matrix(from: side, to: width)
    var wide = [Double](repeating: 0, count: side * width * channels)
    for row in 0..<side {
      for target in 0..<width {
        for source in 0..<side where columns[target * side + source] != 0 {
          let share = columns[target * side + source]
          let (from, to) = ((row * side + source) * channels, (row * width + target) * channels)
          for c in 0..<channels { wide[to + c] += share * Double(grid[from + c]) }
        }
      }
    }
    var result = [Double](repeating: 0, count: height * width * channels)
    for target in 0..<height {
      for source in 0..<side where rows[target * side + source] != 0 {
        let share = rows[target * side + source]
        let (from, to) = (source * width * channels, target * width * channels)
        for index in 0..<width * channels { result[to + index] += share * wide[from + index] }
      }
    }
    return result.map { Float($0) }
  }

  /// One axis, `[to, from]`.
  private func matrix(from: Int, to: Int) -> [Double] {
    var matrix = [Double](repeating: 0, count: to * from)
    for target in 0..<to {
      switch self {
      case .antialiased:
        let scale = Double(from) / Double(to)
        let width = max(scale, 1)
        let centre = (Double(target) + 0.5) * scale
        // Pillow's rule: positions outside do not exist, and the weights of the others are brought to a sum of 1.
        let first = max(0, Int(centre - 2 * width + 0.5))
        let end = min(from, Int(centre + 2 * width + 0.5))
        let weights = (first..<end).map { Self.kernel((Double($0) + 0.5 - centre) / width, a: -0.5) }
        let sum = weights.reduce(0, +)
        for (index, weight) in weights.enumerated() { matrix[target * from + first + index] = weight / sum }
      case .offset, .alignedCorners:
        let place =
          self == .offset
          ? (Double(target) + 0.5) * Double(from) / (Double(to) + 0.1) - 0.5
          : to > 1 ? Double(target) * Double(from - 1) / Double(to - 1) : 0
        let below = Int(place.rounded(.down))
        for source in below - 1...below + 2 {
          // Outside, the border is repeated.
          matrix[target * from + min(max(source, 0), from - 1)] += Self.kernel(Double(source) - place, a: -0.75)
        }
      }
    }
    return matrix
  }

  /// Keys 1981, equation 4.
  private static func kernel(_ distance: Double, a: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
  }
}
