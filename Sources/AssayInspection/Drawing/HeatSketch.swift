package import AssayBundle
package import AssayImage

/// A finding's heat as a few bytes that cover the photograph: small enough to be kept for every part, and drawn when it is
/// asked for.
package struct HeatSketch: Sendable, Equatable {
  /// At most 48.
  package let width: Int
  package let height: Int
  /// `[height, width]`; 0 is cold, 255 the hottest colour of the scale fixed at training.
  package let values: [UInt8]

  package init(width: Int, height: Int, values: [UInt8]) {
    precondition(width > 0 && height > 0 && values.count == width * height, "\(width) x \(height) values are expected")
    self.width = width
    self.height = height
    self.values = values
  }

  /// nil when the graph has no map.
  package init?(_ finding: Finding, _ manifest: Manifest) {
    let scale = manifest.network.mapScale
    guard scale > 0 else { return nil }
    let grid: HeatGrid
    let placement: Placement
    let network: (width: Int, height: Int)
    switch finding.heat {
    case .anomaly(let reading)?:
      let map = reading.map.reduced(maximumSide: 96)
      grid = HeatGrid(
        width: map.width, height: map.height, values: map.values.map { max(0, $0 / Float(scale) - 0.75) / 1.25 })
      placement = reading.map.placement
      network = (reading.map.width, reading.map.height)
    case .evidence(let evidence)?:
      grid = HeatGrid(
        width: evidence.columns, height: evidence.rows,
        values: evidence.values.map { max(0, $0 / Float(scale) - 0.25) / 0.75 })
      placement = manifest.preprocessing.plan(for: finding.image)
      network = (manifest.preprocessing.width, manifest.preprocessing.height)
    case nil: return nil
    }
    let longest = Double(max(placement.sourceWidth, placement.sourceHeight))
    width = max(1, Int(clamping: (48 * Double(placement.sourceWidth) / longest).rounded()))
    height = max(1, Int(clamping: (48 * Double(placement.sourceHeight) / longest).rounded()))
    values = grid.stretched(width: width, height: height, placement: placement, network: network).map {
      UInt8(clamping: $0 * 255 + 0.5)
    }
  }

  /// A PNG with transparency to lay over the photograph: what is cold is clear.
  package func png() throws(ImageError) -> [UInt8] {
    let factor = 4
    let (w, h) = (width * factor, height * factor)
    let grid = HeatGrid(width: width, height: height, values: values.map { Float($0) / 255 })
    var pixels: [UInt8] = []
    pixels.reserveCapacity(4 * w * h)
    for value in grid.stretched(width: w, height: h) {
      let colour = HeatColours.colour(for: value)
      pixels.append(colour.red)
      pixels.append(colour.green)
      pixels.append(colour.blue)
      pixels.append(UInt8(clamping: (value * 255).rounded()))
    }
    return try ImageEncoder.png(width: w, height: h, channels: 4, pixels: pixels)
  }
}
