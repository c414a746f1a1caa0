import Glibc

/// A lens slightly out of focus: a separable Gaussian, cut off at four deviations, the image mirrored at its border.
///
/// The same weights and border as `scipy.ndimage.gaussian_filter`.
public struct GaussianBlur: Sendable, Hashable {
  /// In pixels of the network's input. Below 1, fine scratches survive.
  public let deviation: Double

  /// Traps when `deviation` is outside 0.1...8.
  public init(deviation: Double) {
    precondition((0.1...8).contains(deviation), "a blur's deviation is 0.1...8 pixels, not \(deviation)")
    self.deviation = deviation
  }

  private var radius: Int { Int(4 * deviation + 0.5) }

  private var weights: [Float] {
    let values = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (deviation * deviation)) }
    let sum = values.reduce(0, +)
    return values.map { Float($0 / sum) }
  }

  /// The scratch memory needed: a plane, and a row with its mirrored ends.
  func spareCount(_ planes: PlaneBuffer) -> Int { planes.planeCount + planes.width + 2 * radius }

  func apply(to planes: PlaneBuffer, spare: UnsafeMutablePointer<Float>) {
    let weights = weights
    weights.withUnsafeBufferPointer { weights in
      withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: weights.count) { lines in
        for plane in 0..<planes.planes {
          blurRows(planes, plane, into: spare, extended: spare + planes.planeCount, weights, lines)
          blurColumns(spare, into: planes, plane, weights, lines)
        }
      }
    }
  }

  private func blurRows(
    _ planes: PlaneBuffer, _ plane: Int, into target: UnsafeMutablePointer<Float>,
    extended: UnsafeMutablePointer<Float>, _ weights: UnsafeBufferPointer<Float>,
    _ lines: UnsafeMutableBufferPointer<UnsafePointer<Float>>
  ) {
    let (width, radius) = (planes.width, radius)
    for k in 0..<weights.count { lines[k] = UnsafePointer(extended + k) }
    for y in 0..<planes.height {
      let row = planes.plane(plane) + y * width
      (extended + radius).update(from: row, count: width)
      for k in 1..<(radius + 1) {
        extended[radius - k] = row[mirrored(-k, count: width)]
        extended[radius + width - 1 + k] = row[mirrored(width - 1 + k, count: width)]
      }
      weightedSum(of: lines, weights, count: width, into: target + y * width)
    }
  }

  private func blurColumns(
    _ source: UnsafeMutablePointer<Float>, into planes: PlaneBuffer, _ plane: Int,
    _ weights: UnsafeBufferPointer<Float>, _ lines: UnsafeMutableBufferPointer<UnsafePointer<Float>>
  ) {
    let (width, height, radius) = (planes.width, planes.height, radius)
    for y in 0..<height {
      for k in 0..<weights.count {
        lines[k] = UnsafePointer(source + mirrored(y + k - radius, count: height) * width)
      }
      weightedSum(of: lines, weights, count: width, into: planes.plane(plane) + y * width)
    }
  }
}

/// The sum of lines with a weight each, clamped to 0...1, which rounding may pass.
private func weightedSum(
  of lines: UnsafeMutableBufferPointer<UnsafePointer<Float>>, _ weights: UnsafeBufferPointer<Float>, count: Int,
  into target: UnsafeMutablePointer<Float>
) {
  var at = 0
  while at + 8 <= count {
    var sum = SIMD8<Float>.zero
    for k in 0..<weights.count {
      sum += UnsafeRawPointer(lines[k] + at).loadUnaligned(as: SIMD8<Float>.self) * weights[k]
    }
    UnsafeMutableRawPointer(target + at).storeBytes(of: clampedToUnit(sum), as: SIMD8<Float>.self)
    at += 8
  }
  while at < count {
    var sum: Float = 0
    for k in 0..<weights.count { sum += lines[k][at] * weights[k] }
    target[at] = min(max(sum, 0), 1)
    at += 1
  }
}
