package import AssayImage

/// Where in the network's input the evidence for a finding lies.
///
/// At each position: the class activation map of the class found minus that of the class it is compared with (the good
/// class, or the mean of the others). In units of logits; 0 speaks neither for nor against.
package struct EvidenceMap: Sendable {
  package let columns: Int
  package let rows: Int
  /// `[rows, columns]`
  package let values: [Float]

  /// - Parameters:
  ///   - map: `[K, rows, columns]`.
  ///   - reference: the good class; nil to compare with the mean of all others.
  ///   - baseline: `[K, rows, columns]` to take away first; empty when the graph has done so.
  package init(
    map: UnsafeBufferPointer<Float>, classCount: Int, rows: Int, columns: Int, found: Int, reference: Int?,
    baseline: [Float] = []
  ) {
    self.columns = columns
    self.rows = rows
    let plane = rows * columns
    func share(_ k: Int, _ position: Int) -> Float {
      let at = k * plane + position
      return baseline.isEmpty ? map[at] : map[at] - baseline[at]
    }
    values = (0..<plane).map { position in
      let own = share(found, position)
      if let reference { return own - share(reference, position) }
      var others: Float = 0
      for k in 0..<classCount where k != found { others += share(k, position) }
      return own - others / Float(max(1, classCount - 1))
    }
  }

  /// Of values that are known otherwise, `[rows, columns]`.
  package init(values: [Float], rows: Int, columns: Int) {
    self.values = values
    self.rows = rows
    self.columns = columns
  }

  package var peak: Float { values.max() ?? 0 }

  /// The hottest area: all positions connected to the hottest one that have at least half its evidence, as a rectangle in
  /// pixels of the photograph; nil when nothing speaks for the finding.
  package func region(placement: Placement, width: Int, height: Int) -> PixelRectangle? {
    guard let hottest = values.indices.max(by: { values[$0] < values[$1] }), values[hottest] > 0 else { return nil }
    let limit = values[hottest] / 2
    var seen = [Bool](repeating: false, count: values.count)
    var open = [hottest]
    seen[hottest] = true
    var (left, right, top, bottom) = (columns, 0, rows, 0)
    while let position = open.popLast() {
      let (y, x) = (position / columns, position % columns)
      (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
      for ny in max(0, y - 1)...min(rows - 1, y + 1) {
        for nx in max(0, x - 1)...min(columns - 1, x + 1) {
          let next = ny * columns + nx
          if !seen[next], values[next] >= limit {
            seen[next] = true
            open.append(next)
          }
        }
      }
    }
    let (cellWidth, cellHeight) = (Double(width) / Double(columns), Double(height) / Double(rows))
    let cell = PixelRectangle(
      x: Double(left) * cellWidth, y: Double(top) * cellHeight, width: Double(right - left + 1) * cellWidth,
      height: Double(bottom - top + 1) * cellHeight)
    return placement.toSource(cell).clamped(
      width: Double(placement.sourceWidth), height: Double(placement.sourceHeight))
  }
}
