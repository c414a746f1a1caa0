package import AssayImage
import AssayRuntime

/// Puts the maps of tiles together.
package struct TileStitcher {
  private let view: AnomalyView
  private let tiling: Tiling
  private let ramp: [Float]
  private let width: Int
  private let height: Int
  /// Sums of weighted maps; in the end the map. The one thing here that is as large as the photograph.
  private var sum: [Float]
  /// Sums of the weights along each axis. A pixel's is their product, since tiles stand in rows and columns.
  private let columnWeights: [Float]
  private let rowWeights: [Float]
  private var score = 0.0

  package init(_ view: AnomalyView, _ tiling: Tiling, width: Int, height: Int) {
    self.view = view
    self.tiling = tiling
    self.width = width
    self.height = height
    let ramp = tiling.ramp()
    self.ramp = ramp
    sum = [Float](repeating: 0, count: width * height)
    func weights(_ starts: Set<Int>, _ length: Int) -> [Float] {
      var total = [Float](repeating: 0, count: length)
      for start in starts.sorted() {
        for offset in 0..<min(tiling.size, length - start) {
          total[start + offset] += Self.edgeWeight(offset, start, length, tiling, ramp)
        }
      }
      return total
    }
    let tiles = tiling.tiles(width: width, height: height)
    columnWeights = weights(Set(tiles.map(\.x)), width)
    rowWeights = weights(Set(tiles.map(\.y)), height)
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
      let row = Self.edgeWeight(y, tile.y, height, tiling, ramp)
      for x in 0..<min(size, width - tile.x) {
        let share = row * Self.edgeWeight(x, tile.x, width, tiling, ramp)
        sum[(tile.y + y) * width + tile.x + x] += share * map[y * size + x]
      }
    }
  }

  private static func edgeWeight(_ offset: Int, _ start: Int, _ length: Int, _ tiling: Tiling, _ ramp: [Float]) -> Float
  {
    if start == 0, offset < tiling.size / 2 { return 1 }
    if start + tiling.size >= length, offset >= tiling.size / 2 { return 1 }
    return ramp[offset]
  }

  /// The photograph's reading, when all tiles were added.
  package mutating func finished() -> AnomalyReading {
    for y in 0..<height {
      for x in 0..<width {
        let weight = rowWeights[y] * columnWeights[x]
        if weight > 0 { sum[y * width + x] /= weight }
      }
    }
    if let region = view.region {
      for y in 0..<height {
        let v = (Double(y) + 0.5) / Double(height)
        for x in 0..<width where !region.contains((Double(x) + 0.5) / Double(width), v) { sum[y * width + x] = 0 }
      }
    }
    let whole = Preprocessing(width: width, height: height).plan(sourceWidth: width, sourceHeight: height)
    let values = sum
    sum = []
    return AnomalyReading(score: score, map: AnomalyMap(width: width, height: height, values: values, placement: whole))
  }
}
