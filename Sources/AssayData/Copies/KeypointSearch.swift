/// Finds the places of a texture field where it is strongest, and describes what is around them.
struct KeypointSearch {
  private let field: TextureField

  /// Descriptors look this far, in working pixels.
  static let reach = 10
  private static let weakest: Float = 0.5

  init(_ field: TextureField) { self.field = field }

  func found() -> [Fingerprint.Keypoint] {
    let (width, height) = (field.width, field.height)
    let margin = Self.reach + 1
    guard width > 2 * margin, height > 2 * margin else { return [] }
    var places: [(strength: Float, x: Int, y: Int)] = []
    field.values.withUnsafeBufferPointer { values in
      for y in margin..<height - margin {
        for x in margin..<width - margin {
          let value = values[y * width + x]
          guard abs(value) >= Self.weakest, Self.isExtreme(values, y * width + x, width) else { continue }
          places.append((abs(value), x, y))
        }
      }
    }
    places.sort { ($1.strength, $0.y, $0.x) < ($0.strength, $1.y, $1.x) }
    return places.prefix(Fingerprint.capacity).map { keypoint($0.x, $0.y) }
  }

  private static func isExtreme(_ values: UnsafeBufferPointer<Float>, _ at: Int, _ width: Int) -> Bool {
    let sign: Float = values[at] > 0 ? 1 : -1
    let value = values[at] * sign
    for row in [at - width, at, at + width] {
      for neighbour in row - 1...row + 1 where neighbour != at && values[neighbour] * sign >= value { return false }
    }
    return true
  }

  private func keypoint(_ column: Int, _ row: Int) -> Fingerprint.Keypoint {
    let values = field.values
    let at = row * field.width + column
    // The top of the parabola through three values.
    func offset(_ before: Float, _ here: Float, _ after: Float) -> Float {
      let curvature = before - 2 * here + after
      return curvature == 0 ? 0 : max(-0.5, min(0.5, 0.5 * (before - after) / curvature))
    }
    let x = Float(column) + offset(values[at - 1], values[at], values[at + 1])
    let y = Float(row) + offset(values[at - field.width], values[at], values[at + field.width])
    var descriptor: UInt64 = 0
    values.withUnsafeBufferPointer { values in
      for (bit, pair) in DescriptorPattern.pairs.enumerated() {
        let first = sample(values, x + pair.0, y + pair.1)
        let second = sample(values, x + pair.2, y + pair.3)
        if first < second { descriptor |= 1 << UInt64(bit) }
      }
    }
    return .init(x: x, y: y, descriptor: descriptor)
  }

  private func sample(_ values: UnsafeBufferPointer<Float>, _ x: Float, _ y: Float) -> Float {
    let (column, row) = (Int(x), Int(y))
    let (right, down) = (x - Float(column), y - Float(row))
    let at = row * field.width + column
    let above = values[at] + (values[at + 1] - values[at]) * right
    let below = values[at + field.width] + (values[at + field.width + 1] - values[at + field.width]) * right
    return above + (below - above) * down
  }
}

/// The places that a descriptor compares.
enum DescriptorPattern {
  typealias Pair = (Float, Float, Float, Float)

  /// Drawn once for all from a normal distribution, within ``KeypointSearch/reach``.
  static let pairs: [Pair] = {
    var state: UInt64 = 0x853C_49E6_748F_EA9B
    func uniform() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) * 0x1p-24
    }
    // The sum of four uniform numbers is near enough to normal, and bounded.
    func coordinate() -> Float { (uniform() + uniform() + uniform() + uniform() - 2) * Float(KeypointSearch.reach) / 2 }
    return (0..<64).map { _ in (coordinate(), coordinate(), coordinate(), coordinate()) }
  }()
}
