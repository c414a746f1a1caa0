package import AssayBundle
package import AssayGraph
package import AssayImage

/// A region of interest made ready for looking places up.
package struct RegionLookup: Sendable {
  private let mask: [Bool]
  private let width: Int
  private let height: Int

  package init?(_ region: RegionOfInterest?) {
    guard let region else { return nil }
    mask = region.mask()
    width = region.width
    height = region.height
  }

  /// Whether a place, as shares 0...1 of the photograph's width and height, is judged.
  package func contains(_ u: Double, _ v: Double) -> Bool {
    guard u >= 0, v >= 0, u < 1, v < 1 else { return false }
    return mask[min(height - 1, Int(v * Double(height))) * width + min(width - 1, Int(u * Double(width)))]
  }

  /// 1 where the middle of a patch is judged, 0 elsewhere, `[h, w]`, for whole photographs.
  package func grid(_ grid: PatchSpecification.Grid, _ rule: Preprocessing) -> [Float] {
    let placement = rule.plan(sourceWidth: width, sourceHeight: height)
    return (0..<grid.positions).map { position in
      let point = placement.toSource(
        PixelPoint(
          x: (Double(position % grid.width) + 0.5) * Double(rule.width) / Double(grid.width),
          y: (Double(position / grid.width) + 0.5) * Double(rule.height) / Double(grid.height)))
      return contains(point.x / Double(width), point.y / Double(height)) ? 1 : 0
    }
  }

  /// The mask at a photograph's own size.
  package func pixels(width: Int, height: Int) -> [Bool] {
    (0..<width * height).map {
      contains((Double($0 % width) + 0.5) / Double(width), (Double($0 / width) + 0.5) / Double(height))
    }
  }
}
