/// Brings two pictures together to a fraction of a pixel: magnification and shift of each axis (Lucas and Kanade 1981).
enum FineAlignment {
  /// Every how manieth pixel is looked at.
  private static let step = 2
  /// At the border, blurs see less: what they make there moves with the frame and not with the picture.
  private static let margin = 10

  /// - Returns: nil when they do not come together.
  static func refined(_ start: PixelMap, of b: FinePicture, onto a: FinePicture) -> PixelMap? {
    var map = start
    for (bandA, bandB, rounds) in [(a.coarse, b.coarse, 4), (a.fine, b.fine, 4)] {
      for _ in 0..<rounds {
        guard let next = improved(map, bandB, b.width, b.height, onto: bandA, a.width, a.height) else { return nil }
        map = next
      }
    }
    return map
  }

  /// One step of Gauss and Newton for `a(x) = gain * b(map(x))`.
  private static func improved(
    _ map: PixelMap, _ b: [Float], _ widthB: Int, _ heightB: Int, onto a: [Float], _ widthA: Int, _ heightA: Int
  ) -> PixelMap? {
    let centre = SIMD2(Float(widthA), Float(heightA)) / 2
    // Sums of products of [gx x, gx, gy y, gy, v, u]: the gain follows from these, so one pass is enough.
    var sums = [SIMD8<Float>](repeating: .zero, count: 6)
    var count = 0
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for y in stride(from: margin, to: heightA - margin, by: step) {
          let row = Float(y) * map.scale.y + map.offset.y
          guard row >= Float(margin), row < Float(heightB - margin) else { continue }
          let down = row - row.rounded(.down)
          var line = sums
          for x in stride(from: margin, to: widthA - margin, by: step) {
            let column = Float(x) * map.scale.x + map.offset.x
            guard column >= Float(margin), column < Float(widthB - margin) else { continue }
            let right = column - column.rounded(.down)
            let at = Int(row) * widthB + Int(column)
            let (p, q, s, t) = (b[at], b[at + 1], b[at + widthB], b[at + widthB + 1])
            let (above, below) = (p + (q - p) * right, s + (t - s) * right)
            let gx = (q - p) * (1 - down) + (t - s) * down
            let gy = below - above
            let entries = SIMD8(
              gx * (Float(x) - centre.x), gx, gy * (Float(y) - centre.y), gy, above + gy * down, a[y * widthA + x], 0, 0
            )
            for k in 0..<6 { line[k] += entries * entries[k] }
            count += 1
          }
          sums = line
        }
      }
    }
    let (uv, vv) = (sums[5][4], sums[4][4])
    guard count > 100, vv > 0, uv > 0 else { return nil }
    let gain = uv / vv
    var system = (0..<5).map { i in (0..<6).map { Double(sums[i][$0]) } }
    for i in 0..<5 {
      for j in 0..<5 where (i < 4) != (j < 4) { system[i][j] *= Double(gain) }
      for j in 0..<4 where i < 4 { system[i][j] *= Double(gain * gain) }
      let residual = Double(sums[i][5] - gain * sums[i][4])
      system[i][5] = i < 4 ? Double(gain) * residual : residual
      system[i][i] *= 1.0001
    }
    guard let change = solved(system), abs(change[1]) < 5, abs(change[3]) < 5, abs(change[0]) < 0.05,
      abs(change[2]) < 0.05
    else { return nil }
    let scale = SIMD2(Float(change[0]), Float(change[2]))
    let shift = SIMD2(Float(change[1]), Float(change[3])) - scale * centre
    return PixelMap(scale: map.scale + scale, offset: map.offset + shift)
  }

  /// Gauss-Jordan elimination with pivots.
  private static func solved(_ system: [[Double]]) -> [Double]? {
    var rows = system
    let count = rows.count
    for column in 0..<count {
      guard let pivot = (column..<count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
        abs(rows[pivot][column]) > 1e-9
      else { return nil }
      rows.swapAt(column, pivot)
      for row in 0..<count where row != column {
        let factor = rows[row][column] / rows[column][column]
        for entry in column...count { rows[row][entry] -= factor * rows[column][entry] }
      }
    }
    return (0..<count).map { rows[$0][count] / rows[$0][$0] }
  }
}
