import AssayData
package import AssayImage

/// How much of each position of a grid is marked.
package struct PatchTruth {
  /// `[positions]`, 0...1; below 0 where a position shows nothing of the photograph.
  package let shares: [Float]

  /// - Parameter marked: `[height, width]` of the photograph.
  package init(_ marked: [Bool], placement: Placement, rule: Preprocessing, rows: Int, columns: Int) {
    let (width, height) = (placement.sourceWidth, placement.sourceHeight)
    var integral = [Int32](repeating: 0, count: (width + 1) * (height + 1))
    for y in 0..<height {
      var row: Int32 = 0
      for x in 0..<width {
        row += marked[y * width + x] ? 1 : 0
        integral[(y + 1) * (width + 1) + x + 1] = integral[y * (width + 1) + x + 1] + row
      }
    }
    let (cellWidth, cellHeight) = (Double(rule.width) / Double(columns), Double(rule.height) / Double(rows))
    shares = (0..<rows * columns).map { position in
      let cell = PixelRectangle(
        x: Double(position % columns) * cellWidth, y: Double(position / columns) * cellHeight, width: cellWidth,
        height: cellHeight)
      let seen = placement.toSource(cell)
      func edge(_ place: Double, _ limit: Int) -> Int { min(max(Int(clamping: place.rounded()), 0), limit) }
      let (left, right) = (edge(seen.x, width), edge(seen.x + seen.width, width))
      let (top, bottom) = (edge(seen.y, height), edge(seen.y + seen.height, height))
      let area = (right - left) * (bottom - top)
      guard area > 0 else { return -1 }
      func corner(_ y: Int, _ x: Int) -> Int32 { integral[y * (width + 1) + x] }
      let sum = corner(bottom, right) - corner(top, right) - corner(bottom, left) + corner(top, left)
      return Float(sum) / Float(area)
    }
  }

  /// Whether positions show the class: true from half of the largest share on (a hair crack fills no position), false
  /// where nothing is marked, nil between.
  package var labels: [Bool?] {
    let limit = min(0.5, (shares.max() ?? 0) / 2)
    return shares.map { share in
      if share < 0 { return nil }
      if share == 0 { return false }
      return share >= limit ? true : nil
    }
  }
}
