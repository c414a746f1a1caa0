package import AssayImage

/// The picture a person looks at: the photograph, what is unlike good parts in colour, its outline.
///
/// Colour stands for distance relative to the threshold and means the same on every image: below three quarters of the
/// threshold nothing is coloured, twice the threshold is the hottest colour. So a good part stays as it is.
package enum AnomalyOverlay {
  private static let outlineColour = Colour.white

  /// - Parameters:
  ///   - threshold: of the map; nil for the photograph alone.
  ///   - isOutlined: draw the outlines of what is above it; not on parts that pass.
  package static func draw(
    _ image: Image, _ reading: AnomalyReading, threshold: Double?, isOutlined: Bool, maximumSide: Int
  ) -> Canvas {
    let photograph = Canvas(image)
    let longest = max(photograph.width, photograph.height)
    let factor = longest < 256 ? (256 + longest - 1) / longest : 1
    var canvas =
      factor > 1
      ? photograph.resized(width: photograph.width * factor, height: photograph.height * factor)
      : photograph.thumbnail(maxSide: maximumSide)
    guard let threshold, threshold > 0 else { return canvas }
    let map = reading.map.reduced(maximumSide: 256)
    let heat = map.values.map { max(0, $0 / Float(threshold) - 0.75) / 1.25 }
    canvas.blend(
      HeatGrid(width: map.width, height: map.height, values: heat), placement: reading.map.placement,
      network: (reading.map.width, reading.map.height))
    guard isOutlined else { return canvas }
    let placement = reading.map.placement
    let (sx, sy) = (
      Double(canvas.width) / Double(placement.sourceWidth), Double(canvas.height) / Double(placement.sourceHeight)
    )
    for region in reading.map.regions(above: threshold, count: 8) {
      let corners = region.contour.map { PixelPoint(x: $0.x * sx, y: $0.y * sy) }
      canvas.outline(corners, outlineColour, thickness: max(1, canvas.width / 256))
    }
    return canvas
  }
}

extension AnomalyMap {
  /// The map on a coarser grid, the largest value of each cell.
  func reduced(maximumSide: Int) -> (width: Int, height: Int, values: [Float]) {
    let factor = (max(width, height) + maximumSide - 1) / maximumSide
    guard factor > 1 else { return (width, height, values) }
    let (w, h) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    var result = [Float](repeating: 0, count: w * h)
    for y in 0..<height {
      for x in 0..<width {
        let at = y / factor * w + x / factor
        result[at] = max(result[at], values[y * width + x])
      }
    }
    return (w, h, result)
  }
}
