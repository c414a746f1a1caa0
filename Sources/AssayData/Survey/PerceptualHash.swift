import AssayImage

/// A picture's look, to find copies that were resized, compressed or brightened anew.
///
/// The 64-bit difference hash (signs of horizontal differences on a 9 x 8 thumbnail) finds candidates quickly. Photographs
/// of parts resemble each other much more than those the hash was made for, so a candidate counts only if its own fine
/// structure agrees too: the normalised correlation of 48 x 48 thumbnails from which the local mean and what the whole
/// data set has in common (``CommonStructure``) have been taken away.
struct PerceptualHash: Sendable {
  private static let side = 48
  private let bits: UInt64
  fileprivate(set) var detail: [Float]

  init(_ image: Image, resampler: Resampler) {
    let coarse = Self.gray(image, 9, 8, resampler)
    var bits: UInt64 = 0
    for y in 0..<8 {
      for x in 0..<8 where coarse[y * 9 + x] < coarse[y * 9 + x + 1] { bits |= 1 << UInt64(y * 8 + x) }
    }
    self.bits = bits
    detail = Self.normalised(Self.withoutLocalMean(Self.gray(image, Self.side, Self.side, resampler)))
  }

  func resembles(_ other: PerceptualHash) -> Bool {
    guard (bits ^ other.bits).nonzeroBitCount <= 10 else { return false }
    var correlation: Float = 0
    for index in detail.indices { correlation += detail[index] * other.detail[index] }
    return correlation > 0.8
  }

  private static func gray(_ image: Image, _ width: Int, _ height: Int, _ resampler: Resampler) -> [Float] {
    let planes = resampler.resize(image, width: width, height: height, filter: .bilinear)
    guard image.channels == 3 else { return planes }
    let plane = width * height
    return (0..<plane).map { (planes[$0] + planes[plane + $0] + planes[2 * plane + $0]) / 3 }
  }

  /// Subtracts the mean of the 7 x 7 neighbourhood, cut off at the border.
  private static func withoutLocalMean(_ values: [Float]) -> [Float] {
    var integral = [Float](repeating: 0, count: (side + 1) * (side + 1))
    for y in 0..<side {
      var row: Float = 0
      for x in 0..<side {
        row += values[y * side + x]
        integral[(y + 1) * (side + 1) + x + 1] = integral[y * (side + 1) + x + 1] + row
      }
    }
    return (0..<side * side).map { index in
      let (y, x) = (index / side, index % side)
      let (top, bottom, left, right) = (max(0, y - 3), min(side, y + 4), max(0, x - 3), min(side, x + 4))
      let sum =
        integral[bottom * (side + 1) + right] - integral[top * (side + 1) + right]
        - integral[bottom * (side + 1) + left] + integral[top * (side + 1) + left]
      return values[index] - sum / Float((bottom - top) * (right - left))
    }
  }

  /// Zero mean and unit length; all zeros for a picture without structure, which resembles nothing.
  fileprivate static func normalised(_ values: [Float]) -> [Float] {
    let mean = values.reduce(0, +) / Float(values.count)
    let length = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    return values.map { length > 1e-4 ? ($0 - mean) / length : 0 }
  }
}

/// What the pictures of a data set have in common: the mean and, in large sets, the strongest principal components. All
/// cells of a solar module show the same busbars, and that makes none a copy of another.
enum CommonStructure {
  private static let fewest = 200

  static func removed(from looks: [PerceptualHash]) -> [PerceptualHash] {
    guard looks.count >= fewest, let size = looks.first?.detail.count else { return looks }
    var rows = looks.map(\.detail)
    let mean = rows.reduce(into: [Float](repeating: 0, count: size)) { add(1, $1, to: &$0) }.map {
      $0 / Float(rows.count)
    }
    for index in rows.indices { add(-1, mean, to: &rows[index]) }
    for component in components(rows, count: min(32, looks.count / 40)) {
      for index in rows.indices { add(-dot(rows[index], component), component, to: &rows[index]) }
    }
    return zip(looks, rows).map { look, row in
      var result = look
      result.detail = PerceptualHash.normalised(row)
      return result
    }
  }

  /// Leading eigenvectors of the rows' covariance by subspace iteration (Halko et al. 2011), from a fixed start.
  private static func components(_ rows: [[Float]], count: Int) -> [[Float]] {
    // A few hundred pictures tell the common structure.
    let sample = stride(from: 0, to: rows.count, by: max(1, rows.count / 600)).map { rows[$0] }
    var basis = orthonormal((0..<count).map { sample[$0 * sample.count / count] })
    for _ in 0..<4 {
      var next = basis.map { [Float](repeating: 0, count: $0.count) }
      for row in sample {
        for index in basis.indices { add(dot(row, basis[index]), row, to: &next[index]) }
      }
      basis = orthonormal(next)
    }
    return basis
  }

  private static func orthonormal(_ vectors: [[Float]]) -> [[Float]] {
    var result: [[Float]] = []
    for vector in vectors {
      var rest = vector
      for done in result { add(-dot(rest, done), done, to: &rest) }
      let length = dot(rest, rest).squareRoot()
      if length > 1e-6 { result.append(rest.map { $0 / length }) }
    }
    return result
  }

  private static func dot(_ a: [Float], _ b: [Float]) -> Float {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sum = SIMD8<Float>(repeating: 0)
        for at in stride(from: 0, to: min(a.count, b.count) - 7, by: 8) {
          sum +=
            SIMD8(a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4], a[at + 5], a[at + 6], a[at + 7])
            * SIMD8(b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7])
        }
        return sum.sum()
      }
    }
  }

  private static func add(_ factor: Float, _ x: [Float], to y: inout [Float]) {
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        for index in 0..<min(x.count, y.count) { y[index] += factor * x[index] }
      }
    }
  }
}
