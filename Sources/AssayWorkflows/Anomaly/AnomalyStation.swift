import AssayImage
import AssayModel
import AssayRuntime
import Foundation
import Synchronization

/// What the graph says of one image.
public struct AnomalyReading: Sendable {
  public let score: Double
  public let map: AnomalyMap
}

/// How an anomaly bundle looks at photographs: shared by its stations.
struct AnomalyView: Sendable {
  let input: PatchInput
  let grid: PatchSpecification.Grid
  let region: RegionLookup?

  init(_ manifest: Manifest, _ model: AnomalyModel) {
    input = PatchInput(preprocessing: manifest.preprocessing, tiling: model.tiling)
    grid = model.grid
    region = RegionLookup(model.region)
  }

  init(input: PatchInput, grid: PatchSpecification.Grid, region: RegionLookup?) {
    self.input = input
    self.grid = grid
    self.region = region
  }

  /// Positions of an item that count: those judged and, in a tile, those for which no other tile shows more; nil for all.
  func positions(tile: Tiling.Tile?, width: Int, height: Int) -> [Int]? {
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
  var graphRegion: [Float]? { input.tiling == nil ? region?.grid(grid, input.preprocessing) : nil }
}

/// Puts the maps of tiles together.
struct TileStitcher {
  private let view: AnomalyView
  private let tiling: Tiling
  private let ramp: [Float]
  private let width: Int
  private let height: Int
  private var sum: [Float]
  private var weight: [Float]
  private(set) var score = 0.0

  init(_ view: AnomalyView, _ tiling: Tiling, width: Int, height: Int) {
    self.view = view
    self.tiling = tiling
    self.width = width
    self.height = height
    ramp = tiling.ramp()
    sum = [Float](repeating: 0, count: width * height)
    weight = sum
  }

  /// - Parameters:
  ///   - distances: `[h, w]` of the tile's patches.
  ///   - map: `[size, size]`.
  mutating func add(_ tile: Tiling.Tile, distances: UnsafeBufferPointer<Float>, map: UnsafeBufferPointer<Float>) {
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

  func finished() -> AnomalyReading {
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

/// One thread's way of reading images one after another.
final class AnomalyStation {
  private let request: InferenceRequest
  private let view: AnomalyView
  private let resampler = Resampler()

  init(_ request: InferenceRequest, _ view: AnomalyView) {
    self.request = request
    self.view = view
  }

  func read(_ image: Image) throws(RuntimeError) -> AnomalyReading {
    guard let tiling = view.input.tiling else {
      let rule = view.input.preprocessing
      request.withInput { rule.apply(to: image, into: $0, using: resampler) }
      try request.run()
      return try Self.whole(request, view, placement: rule.plan(for: image))
    }
    var stitcher = TileStitcher(view, tiling, width: image.width, height: image.height)
    for tile in tiling.tiles(width: image.width, height: image.height) {
      request.withInput { tiling.cut(tile, of: image, into: $0) }
      try request.run()
      try Self.add(tile, request, &stitcher)
    }
    return stitcher.finished()
  }

  /// The reading of a whole photograph from a request that has run.
  static func whole(
    _ request: InferenceRequest, _ view: AnomalyView, placement: Placement
  ) throws(RuntimeError) -> AnomalyReading {
    let score = try request.withOutput("score") { Double($0[0]) }
    let values = try request.withOutput("map") { Array($0) }
    let rule = view.input.preprocessing
    return AnomalyReading(
      score: score, map: AnomalyMap(width: rule.width, height: rule.height, values: values, placement: placement))
  }

  static func add(
    _ tile: Tiling.Tile, _ request: InferenceRequest, _ stitcher: inout TileStitcher
  ) throws(RuntimeError) {
    let distances = try request.withOutput("distances") { Array($0) }
    let map = try request.withOutput("map") { Array($0) }
    distances.withUnsafeBufferPointer { distances in
      map.withUnsafeBufferPointer { stitcher.add(tile, distances: distances, map: $0) }
    }
  }
}

/// Reads many images on all cores.
struct AnomalyReader: Sendable {
  let network: Network
  let view: AnomalyView
  let maximumPixels: Int

  /// - Parameter receive: called on worker threads, in any order, with the reading and the decoded photograph.
  func read(
    _ paths: [String],
    receive:
      @escaping @Sendable (Int, Result<(reading: AnomalyReading, image: Image, started: Double), ImageError>) -> Void
  ) throws(RuntimeError) {
    let next = Atomic<Int>(0)
    let failure = Mutex<RuntimeError?>(nil)
    let options = view.input.decodingOptions(maximumPixels: maximumPixels)
    WorkerThreads.run(count: min(network.parallelRequests + 1, max(1, paths.count))) {
      do throws(RuntimeError) {
        let station = AnomalyStation(try network.makeRequest(), view)
        while failure.withLock({ $0 == nil }) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < paths.count else { return }
          let started = Clock.milliseconds
          let image: Image
          do throws(ImageError) { image = try ImageFile.read(path: paths[index], options: options) } catch {
            receive(index, .failure(error))
            continue
          }
          receive(index, .success((try station.read(image), image, started)))
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
