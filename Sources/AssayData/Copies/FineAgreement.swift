/// How well two aligned pictures agree in what only one exposure of one part has: its finest structure.
struct FineAgreement: Sendable, Equatable {
  /// Share of the smaller picture that the other one shows too.
  private(set) var overlap: Float = 0
  /// Blocks of the overlap that were looked at.
  private(set) var blocks = 0
  /// Blocks whose structure is strong enough, in both pictures, to say something in spite of rounding.
  private(set) var telling = 0
  /// Sum of the correlations of the telling blocks over the sum that copies would have.
  private(set) var agreement: Float = 0
  /// The tenth of the telling blocks that agree least do so no better than this.
  private(set) var least: Float = 0
  /// Blocks with strong structure in one picture that is not in the other: something was added or taken away.
  private(set) var contradictions = 0

  /// One photograph, and not two of parts that look alike.
  var isCopy: Bool {
    overlap >= Self.leastOverlap && telling >= max(4, min(24, blocks / 8)) && agreement >= Self.leastAgreement
      && least >= Self.leastOfBlocks && contradictions <= max(1, blocks / 60)
  }

  static let leastOverlap: Float = 0.7
  private static let leastAgreement: Float = 0.97
  private static let leastOfBlocks: Float = 0.85
  /// Pixels a side.
  private static let side = 16
  private static let margin = 4
  /// A block tells something when copies would correlate at least so well in it.
  private static let leastExpected: Float = 0.7
  /// After so many blocks it is clear when pictures do not agree at all.
  private static let glance = 24

  /// - Parameter map: from pixels of `a` to those of `b`.
  init(_ a: FinePicture, _ b: FinePicture, _ map: PixelMap) {
    overlap = Self.overlap(a, b, map)
    let warp = Warp(b, map)
    var ratios: [Float] = []
    var (sum, expectedSum): (Float, Float) = (0, 0)
    let columns = max(0, (a.width - 2 * Self.margin) / Self.side)
    let rows = max(0, (a.height - 2 * Self.margin) / Self.side)
    var buffer = [Float](repeating: 0, count: Self.side * Self.side)
    // Scattered over the picture by a step that has no divisor in common with their number.
    let count = columns * rows
    let step = [61, 67, 71, 73].first { count % $0 != 0 } ?? 1
    for index in 0..<count {
      let place = index * step % count
      let (left, top) = (Self.margin + place % columns * Self.side, Self.margin + place / columns * Self.side)
      guard warp.block(left, top, Self.side, into: &buffer) else { continue }
      blocks += 1
      let block = Self.compared(a.fine, top * a.width + left, a.width, buffer)
      let expected = (Self.reliability(block.a, a.error) * Self.reliability(block.b, b.error)).squareRoot()
      if expected >= Self.leastExpected {
        telling += 1
        ratios.append(block.correlation / expected)
        sum += block.correlation
        expectedSum += expected
      }
      if max(block.a - 8 * a.error, block.b - 8 * b.error) > 2, block.correlation < 0.5 { contradictions += 1 }
      if telling == Self.glance, sum < 0.85 * expectedSum { break }
    }
    ratios.sort()
    agreement = expectedSum > 0 ? sum / expectedSum : 0
    least = ratios.isEmpty ? 0 : ratios[ratios.count / 10]
  }

  /// What part of a variance is the picture's own.
  private static func reliability(_ deviation: Float, _ error: Float) -> Float {
    max(0, 1 - error * error / max(1e-6, deviation * deviation))
  }

  private static func overlap(_ a: FinePicture, _ b: FinePicture, _ map: PixelMap) -> Float {
    let (first, size) = (map.inverse.offset, SIMD2(Float(b.width - 1), Float(b.height - 1)) * map.inverse.scale)
    let low = first.clamped(lowerBound: .zero, upperBound: .init(repeating: .greatestFiniteMagnitude))
    let end = SIMD2(Float(a.width - 1), Float(a.height - 1))
    let high = (first + size).clamped(lowerBound: .init(repeating: -.greatestFiniteMagnitude), upperBound: end)
    let shared = high - low
    guard shared.x > 0, shared.y > 0 else { return 0 }
    return shared.x * shared.y / max(1, min(end.x * end.y, size.x * size.y))
  }

  /// Correlation and deviations of a block.
  private static func compared(
    _ a: [Float], _ start: Int, _ width: Int, _ b: [Float]
  ) -> (correlation: Float, a: Float, b: Float) {
    var (sa, sb, aa, bb, ab): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for y in 0..<side {
          for x in 0..<side {
            let (u, v) = (a[start + y * width + x], b[y * side + x])
            sa += u
            sb += v
            aa += u * u
            bb += v * v
            ab += u * v
          }
        }
      }
    }
    let n = Float(side * side)
    let (va, vb) = (max(0, aa / n - sa / n * (sa / n)), max(0, bb / n - sb / n * (sb / n)))
    let product = (va * vb).squareRoot()
    return (product > 0 ? (ab / n - sa / n * (sb / n)) / product : 0, va.squareRoot(), vb.squareRoot())
  }
}

/// A picture's fine structure as it lies in another picture, by cubic interpolation (Catmull and Rom 1974).
struct Warp {
  private let picture: FinePicture
  private let map: PixelMap

  init(_ picture: FinePicture, _ map: PixelMap) { (self.picture, self.map) = (picture, map) }

  /// - Returns: false when the block is not wholly inside.
  func block(_ left: Int, _ top: Int, _ side: Int, into result: inout [Float]) -> Bool {
    let first = SIMD2(Float(left), Float(top)) * map.scale + map.offset
    let last = SIMD2(Float(left + side - 1), Float(top + side - 1)) * map.scale + map.offset
    guard first.x >= 1, first.y >= 1, last.x < Float(picture.width - 2), last.y < Float(picture.height - 2) else {
      return false
    }
    picture.fine.withUnsafeBufferPointer { values in
      for y in 0..<side {
        let v = Float(top + y) * map.scale.y + map.offset.y
        let row = Int(v)
        let down = Self.weights(v - Float(row))
        for x in 0..<side {
          let u = Float(left + x) * map.scale.x + map.offset.x
          let column = Int(u)
          let right = Self.weights(u - Float(column))
          var sum = SIMD4<Float>.zero
          for k in 0..<4 {
            let at = (row - 1 + k) * picture.width + column - 1
            sum += SIMD4(values[at], values[at + 1], values[at + 2], values[at + 3]) * down[k]
          }
          result[y * side + x] = (sum * right).sum()
        }
      }
    }
    return true
  }

  private static func weights(_ t: Float) -> SIMD4<Float> {
    let (t2, t3) = (t * t, t * t * t)
    return SIMD4(-t3 + 2 * t2 - t, 3 * t3 - 5 * t2 + 2, -3 * t3 + 4 * t2 + t, t3 - t2) / 2
  }
}
