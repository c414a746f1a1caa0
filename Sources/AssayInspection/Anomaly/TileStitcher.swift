import AssayImage
import AssayModel
import AssayRuntime

/// Puts the maps of tiles together.
package struct TileStitcher {
  private let view: AnomalyView
  private let tiling: Tiling
  private let ramp: [Float]
  private let width: Int
  private let height: Int
  private var sum: [Float]
  private var weight: [Float]
  private var score = 0.0

  package init(_ view: AnomalyView, _ tiling: Tiling, width: Int, height: Int) {
    self.view = view
    self.tiling = tiling
    self.width = width
    self.height = height
    ramp = tiling.ramp()
    sum = [Float](repeating: 0, count: width * height)
    weight = sum
  }

  /// Takes what a graph answered for a tile.
  /// - Throws: ``InspectionError`` when it is no number: among others it would be lost.
  package mutating func add(_ tile: Tiling.Tile, _ outputs: some NetworkOutputs, name: String) throws {
    let distances = try outputs.withFinite("distances", of: name) { Array($0) }
    let map = try outputs.withFinite("map", of: name) { Array($0) }
    distances.withUnsafeBufferPointer { distances in
      map.withUnsafeBufferPointer { add(tile, distances: distances, map: $0) }
    }
  }

  /// - Parameters:
  ///   - distances: `[h, w]` of the tile's patches.
  ///   - map: `[size, size]`.
  private mutating func add(_ tile: Tiling.Tile, distances: UnsafeBufferPointer<Float>, map: UnsafeBufferPointer<Float>)
  {
    for position in view.positions(tile: tile, width: width, height: height) ?? [] {
      score = max(score, Double(distances[position]))
    }
    let size = tiling.size
    for y in 0..<min(size, height - tile.y) {
      // At the photograph's own edge there is no neighbour to pass into.
      let row = edgeWeight(y, tile.y, height)
      for x in 0..<min(size, width - tile.x) {
        let share = row * edgeWeight(x, tile.x, width)
        let at = (tile.y + y) * width + tile.x + x
        sum[at] += share * map[y * size + x]
        weight[at] += share
      }
    }
  }

  private func edgeWeight(_ offset: Int, _ start: Int, _ length: Int) -> Float {
    if start == 0, offset < tiling.size / 2 { return 1 }
    if start + tiling.size >= length, offset >= tiling.size / 2 { return 1 }
    return ramp[offset]
  }

  package func finished() -> AnomalyReading {
    var values = sum
    for index in values.indices where weight[index] > 0 { values[index] /= weight[index] }
    if let region = view.region {
      let inside = region.pixels(width: width, height: height)
      for index in values.indices where !inside[index] { values[index] = 0 }
    }
    let whole = Preprocessing(width: width, height: height).plan(sourceWidth: width, sourceHeight: height)
    return AnomalyReading(score: score, map: AnomalyMap(width: width, height: height, values: values, placement: whole))
  }
}
