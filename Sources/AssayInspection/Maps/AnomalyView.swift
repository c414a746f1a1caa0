package import AssayBundle
package import AssayGraph
package import AssayImage
package import AssayRuntime

/// How an anomaly bundle looks at photographs: shared by its sessions.
package struct AnomalyView: Sendable {
  package let input: PatchInput
  package let grid: PatchSpecification.Grid
  package let region: RegionLookup?

  package init(_ preprocessing: Preprocessing, _ model: AnomalyModel) {
    input = PatchInput(preprocessing: preprocessing, tiling: model.tiling)
    grid = model.grid
    region = RegionLookup(model.region)
  }

  package init(input: PatchInput, grid: PatchSpecification.Grid, region: RegionLookup?) {
    self.input = input
    self.grid = grid
    self.region = region
  }

  /// Positions of an item that count: those judged and, in a tile, those for which no other tile shows more; nil for all.
  package func positions(tile: Tiling.Tile?, width: Int, height: Int) -> [Int]? {
    guard let tile, let tiling = input.tiling else {
      guard let region else { return nil }
      let inside = region.grid(grid, input.preprocessing)
      return inside.indices.filter { inside[$0] > 0 }
    }
    let (cellWidth, cellHeight) = (
      Double(tiling.size) / Double(grid.width), Double(tiling.size) / Double(grid.height)
    )
    let owned = tile.owned
    return (0..<grid.positions).filter { position in
      let x = Double(tile.x) + (Double(position % grid.width) + 0.5) * cellWidth
      let y = Double(tile.y) + (Double(position / grid.width) + 0.5) * cellHeight
      guard x >= owned.x, y >= owned.y, x < owned.x + owned.width, y < owned.y + owned.height else { return false }
      return region?.contains(x / Double(width), y / Double(height)) ?? true
    }
  }

  /// The region of interest for the graph, when whole photographs are looked at.
  package var graphRegion: [Float]? { input.tiling == nil ? region?.grid(grid, input.preprocessing) : nil }
}
