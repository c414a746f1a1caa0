import AssayImage
import AssayMetrics

/// Distances of an image from what is normal, on the grid of the network's input or, for tiles, of the photograph.
public struct AnomalyMap: Sendable {
  public let width: Int
  public let height: Int
  /// `[height, width]`, not negative.
  public let values: [Float]
  /// Where the photograph lies in the grid.
  package let placement: Placement

  package init(width: Int, height: Int, values: [Float], placement: Placement) {
    self.width = width
    self.height = height
    self.values = values
    self.placement = placement
  }

  public var peak: Float { values.max() ?? 0 }

  /// Values at every pixel of the photograph, interpolated linearly, `[sourceHeight, sourceWidth]`. What the network does
  /// not see is 0.
  public func atFullResolution() -> [Float] {
    let (sourceWidth, sourceHeight) = (placement.sourceWidth, placement.sourceHeight)
    if width == sourceWidth, height == sourceHeight { return values }
    func axis(_ count: Int, _ limit: Int, _ toGrid: (Double) -> Double) -> [(low: Int, high: Int, share: Float)?] {
      (0..<count).map { index in
        let place = toGrid(Double(index) + 0.5)
        guard place >= 0, place <= Double(limit) else { return nil }
        let clamped = min(max(place - 0.5, 0), Double(limit - 1))
        let low = Int(clamped)
        return (low, min(low + 1, limit - 1), Float(clamped - Double(low)))
      }
    }
    let columns = axis(sourceWidth, width) { placement.toNetwork(PixelPoint(x: $0, y: 0)).x }
    let rows = axis(sourceHeight, height) { placement.toNetwork(PixelPoint(x: 0, y: $0)).y }
    var result = [Float](repeating: 0, count: sourceWidth * sourceHeight)
    values.withUnsafeBufferPointer { values in
      for (y, row) in rows.enumerated() {
        guard let row else { continue }
        for (x, column) in columns.enumerated() {
          guard let column else { continue }
          let (top, bottom) = (row.low * width, row.high * width)
          let upper = values[top + column.low] * (1 - column.share) + values[top + column.high] * column.share
          let lower = values[bottom + column.low] * (1 - column.share) + values[bottom + column.high] * column.share
          result[y * sourceWidth + x] = upper * (1 - row.share) + lower * row.share
        }
      }
    }
    return result
  }
}

/// A part of a photograph that is unlike good parts.
public struct AnomalousRegion: Sendable, Codable, Equatable {
  /// In pixels of the photograph.
  public let box: PixelRectangle
  /// Square pixels of the photograph.
  public let area: Double
  /// Largest value of the map in it, as a multiple of the map's threshold.
  public let score: Double
  /// Corners of its outline in pixels of the photograph, clockwise, without the first one repeated.
  public let contour: [PixelPoint]
}

extension AnomalyMap {
  /// Connected areas (8-neighbourhood) where the map is at or above a limit, the strongest first.
  ///
  /// What the network sees of a place reaches beyond it, the farther the stronger a defect is. So of each area only what
  /// has at least half of its largest value is kept.
  /// - Parameter count: at most so many.
  func regions(above limit: Double, count: Int = 32) -> [AnomalousRegion] {
    guard limit > 0 else { return [] }
    let bound = Float(limit)
    let areas = ConnectedComponents(mask: values.map { $0 >= bound }, width: width, height: height)
    guard areas.count > 0 else { return [] }
    var peaks = [Float](repeating: 0, count: areas.count + 1)
    for (position, label) in areas.labels.enumerated() {
      peaks[Int(label)] = max(peaks[Int(label)], values[position])
    }
    let components = ConnectedComponents(
      mask: values.indices.map { areas.labels[$0] > 0 && values[$0] >= max(bound, peaks[Int(areas.labels[$0])] / 2) },
      width: width, height: height)
    var boxes = [(left: Int, top: Int, right: Int, bottom: Int, first: Int, peak: Float)?](
      repeating: nil, count: components.count)
    for (position, label) in components.labels.enumerated() where label > 0 {
      let (x, y) = (position % width, position / width)
      let index = Int(label) - 1
      if var box = boxes[index] {
        box = (min(box.left, x), box.top, max(box.right, x), y, box.first, max(box.peak, values[position]))
        boxes[index] = box
      } else {
        boxes[index] = (x, y, x, y, position, values[position])
      }
    }
    let area = (placement.crop.width / Double(placement.width)) * (placement.crop.height / Double(placement.height))
    let found = boxes.enumerated().compactMap { index, box in box.map { (index, $0) } }
      .sorted { $0.1.peak > $1.1.peak }.prefix(count)
    return found.map { index, box in
      let cell = PixelRectangle(
        x: Double(box.left), y: Double(box.top), width: Double(box.right - box.left + 1),
        height: Double(box.bottom - box.top + 1))
      let outline = Contour.trace(components, label: Int32(index + 1), start: box.first)
      return AnomalousRegion(
        box: placement.toSource(cell), area: Double(components.areas[index]) * area, score: Double(box.peak) / limit,
        contour: outline.map { point in
          let place = placement.toSource(point)
          return PixelPoint(
            x: min(max(place.x, 0), Double(placement.sourceWidth)),
            y: min(max(place.y, 0), Double(placement.sourceHeight)))
        })
    }
  }
}
