package import AssayImage
import Foundation

/// The probability of one class at every position of an image, from the graph's output `segmentation`.
package struct SegmentationMap: Sendable {
  package let rows: Int
  package let columns: Int
  /// `[rows, columns]`, 0...1.
  package let values: [Float]

  /// - Returns: nil when the graph has no such output.
  /// - Throws: ``InspectionError`` when one of its values is no number.
  package init?(_ outputs: some NetworkOutputs, class k: Int, name: String) throws {
    guard let shape = outputs.shape(PixelMarkReader.output), shape.count == 4, k < shape[1] else { return nil }
    rows = shape[2]
    columns = shape[3]
    let plane = rows * columns
    values = try outputs.withFinite(PixelMarkReader.output, of: name) { map in
      (0..<plane).map { 1 / (1 + exp(-map[k * plane + $0])) }
    }
  }

  /// The same at the photograph's own resolution, `[height, width]`, between the middles of positions linearly. What the
  /// network does not see is 0.
  package func atFullResolution(_ placement: Placement, _ rule: Preprocessing) -> [Float] {
    let xs = axis(placement.sourceWidth, columns) { index in
      placement.toNetwork(PixelPoint(x: Double(index) + 0.5, y: 0)).x / Double(rule.width)
    }
    let ys = axis(placement.sourceHeight, rows) { index in
      placement.toNetwork(PixelPoint(x: 0, y: Double(index) + 0.5)).y / Double(rule.height)
    }
    var result = [Float](repeating: 0, count: xs.count * ys.count)
    for (y, row) in ys.enumerated() {
      guard let row else { continue }
      for (x, column) in xs.enumerated() {
        guard let column else { continue }
        func value(_ r: Int, _ c: Int) -> Float { values[r * columns + c] }
        let upper = value(row.low, column.low) * (1 - column.share) + value(row.low, column.high) * column.share
        let lower = value(row.high, column.low) * (1 - column.share) + value(row.high, column.high) * column.share
        result[y * xs.count + x] = upper * (1 - row.share) + lower * row.share
      }
    }
    return result
  }

  private func axis(
    _ length: Int, _ count: Int, _ place: (Int) -> Double
  ) -> [(low: Int, high: Int, share: Float)?] {
    (0..<length).map { index in
      let share = place(index)
      guard (0..<1).contains(share) else { return nil }
      let position = min(max(share * Double(count) - 0.5, 0), Double(count - 1))
      let low = Int(clamping: position)
      return (low, min(low + 1, count - 1), Float(position - Double(low)))
    }
  }
}
