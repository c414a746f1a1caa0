import AssayImage

/// Fills polygons: a pixel is inside when its centre is, by the even-odd rule.
enum PolygonFill {
  /// - Parameter mask: `[height, width]`, row by row; inside pixels become true.
  static func fill(_ corners: [PixelPoint], into mask: inout [Bool], width: Int, height: Int) {
    guard corners.count >= 3 else { return }
    var crossings = [[Double]](repeating: [], count: height)
    for (index, a) in corners.enumerated() {
      let b = corners[(index + 1) % corners.count]
      let (upper, lower) = a.y <= b.y ? (a, b) : (b, a)
      let rows = span(upper.y, lower.y, limit: height)
      for row in rows {
        let share = (Double(row) + 0.5 - upper.y) / (lower.y - upper.y)
        crossings[row].append(upper.x + share * (lower.x - upper.x))
      }
    }
    for (row, found) in crossings.enumerated() where found.count > 1 {
      let sorted = found.sorted()
      for pair in stride(from: 0, to: sorted.count - 1, by: 2) {
        for column in span(sorted[pair], sorted[pair + 1], limit: width) { mask[row * width + column] = true }
      }
    }
  }

  /// The pixels whose centres lie in `low..<high`.
  static func span(_ low: Double, _ high: Double, limit: Int) -> Range<Int> {
    func edge(_ value: Double) -> Int { Int(min(max((value - 0.5).rounded(.up), 0), Double(limit))) }
    return edge(low)..<max(edge(low), edge(high))
  }
}
