public import AssayImage
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
    let areas = RegionRuns(width: width, height: height) { values[$0] >= bound }
    guard areas.count > 0 else { return [] }
    var peaks = [Float](repeating: 0, count: areas.count)
    for run in areas.runs {
      for column in run.columns { peaks[run.region] = max(peaks[run.region], values[run.row * width + column]) }
    }
    let components = areas.keeping { region, row, column in
      values[row * width + column] >= max(bound, peaks[region] / 2)
    }
    var boxes = [RegionBox?](repeating: nil, count: components.count)
    for (index, run) in components.runs.enumerated() {
      let peak = run.columns.reduce(Float(0)) { max($0, values[run.row * width + $1]) }
      if boxes[run.region] == nil { boxes[run.region] = RegionBox(run) }
      boxes[run.region]?.add(index, run, peak)
    }
    let area = (placement.crop.width / Double(placement.width)) * (placement.crop.height / Double(placement.height))
    return boxes.compactMap { $0 }.sorted { $0.peak > $1.peak }.prefix(count).map { box in
      let cell = PixelRectangle(
        x: Double(box.left), y: Double(box.top), width: Double(box.right - box.left + 1),
        height: Double(box.bottom - box.top + 1))
      let outline = Contour.trace(from: (box.first, box.top)) { box.contains($0, $1, components) }
      return AnomalousRegion(
        box: placement.toSource(cell), area: Double(box.pixels) * area, score: Double(box.peak) / limit,
        contour: outline.map { point in
          let place = placement.toSource(point)
          return PixelPoint(
            x: min(max(place.x, 0), Double(placement.sourceWidth)),
            y: min(max(place.y, 0), Double(placement.sourceHeight)))
        })
    }
  }
}

/// A region while it is being measured.
private struct RegionBox {
  /// Column of its first pixel in reading order.
  let first: Int
  let top: Int
  private(set) var left: Int
  private(set) var right: Int
  private(set) var bottom: Int
  private(set) var pixels = 0
  private(set) var peak: Float = 0
  /// Its runs in each row, from `top` on, as indices.
  private var rows: [[Int]] = []

  init(_ run: RegionRuns.Run) {
    (first, top, bottom) = (run.columns.lowerBound, run.row, run.row)
    (left, right) = (run.columns.lowerBound, run.columns.upperBound - 1)
  }

  mutating func add(_ index: Int, _ run: RegionRuns.Run, _ peak: Float) {
    left = min(left, run.columns.lowerBound)
    right = max(right, run.columns.upperBound - 1)
    bottom = run.row
    pixels += run.columns.count
    self.peak = max(self.peak, peak)
    while rows.count <= run.row - top { rows.append([]) }
    rows[run.row - top].append(index)
  }

  func contains(_ x: Int, _ y: Int, _ regions: RegionRuns) -> Bool {
    (top...bottom).contains(y) && rows[y - top].contains { regions.runs[$0].columns.contains(x) }
  }
}
