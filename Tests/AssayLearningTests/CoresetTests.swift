import AssayBase
import AssayLearning
import Synchronization
import Testing

@Suite struct GreedyCoresetTests {
  /// The definition, written plainly: nothing left out, sums in the order of the dimensions.
  private static func reference(_ points: [[Float]], _ size: Int, start: Int) -> [Int] {
    var nearest = [Float](repeating: .infinity, count: points.count)
    var chosen: [Int] = []
    var next = start
    while chosen.count < size {
      chosen.append(next)
      for (index, point) in points.enumerated() {
        var square: Float = 0
        for d in point.indices { square += (point[d] - points[next][d]) * (point[d] - points[next][d]) }
        nearest[index] = min(nearest[index], square)
      }
      var best = 0
      for index in points.indices where nearest[index] > nearest[best] { best = index }
      guard nearest[best] > 0 else { break }
      next = best
    }
    return chosen
  }

  private static func points(_ count: Int, _ dimension: Int, clusters: Int, seed: UInt64) -> [[Float]] {
    var generator = SplitMix64(seed: seed)
    let centres = (0..<clusters).map { _ in (0..<dimension).map { _ in Float.random(in: -4...4, using: &generator) } }
    return (0..<count).map { index in
      centres[index % clusters].map { $0 + Float.random(in: -0.5...0.5, using: &generator) }
    }
  }

  private static func coreset(_ points: [[Float]]) -> GreedyCoreset {
    GreedyCoreset(FeatureMatrix(rows: points.count, columns: points[0].count, values: points.flatMap { $0 }))
  }

  /// Every count around the width of a vector, odd dimensions, one and several threads.
  @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17, 100, 1001], [1, 3, 8, 16, 17, 40])
  func choosesAsThePlainLoop(count: Int, dimension: Int) {
    let points = Self.points(count, dimension, clusters: 1 + count / 9, seed: UInt64(count * 100 + dimension))
    let coreset = Self.coreset(points)
    let size = min(count, 60)
    for start in [0, count / 2, count - 1] {
      let expected = Self.reference(points, size, start: start)
      for threads in [1, 2, 3] {
        #expect(coreset.select(size, start: start, threads: threads).indices == expected)
      }
    }
  }

  /// Far more groups than a chunk holds, so that several threads share a pass.
  @Test func manyPoints() {
    let points = Self.points(6_000, 12, clusters: 40, seed: 5)
    #expect(Self.coreset(points).select(150).indices == Self.reference(points, 150, start: 0))
  }

  /// On a grid of integers many distances are equal: the first point counts.
  @Test func tiesGoToTheFirst() {
    let points = (0..<81).map { [Float($0 % 9), Float($0 / 9)] }
    let chosen = Self.coreset(points).select(20, start: 40).indices
    #expect(chosen == Self.reference(points, 20, start: 40))
    #expect(Array(chosen.prefix(5)) == [40, 0, 8, 72, 80], "the corners, in order")
  }

  @Test func coincidingPointsAreChosenOnce() {
    let points = (0..<30).map { [Float($0 % 3)] }
    let selection = Self.coreset(points).select(10)
    #expect(selection.indices == [0, 2, 1] && selection.radius == 0)
  }

  @Test func radiusCoversAllPoints() {
    let points = Self.points(500, 6, clusters: 11, seed: 3)
    let selection = Self.coreset(points).select(25)
    var farthest: Float = 0
    for point in points {
      var nearest = Float.infinity
      for index in selection.indices {
        var square: Float = 0
        for d in point.indices { square += (point[d] - points[index][d]) * (point[d] - points[index][d]) }
        nearest = min(nearest, square.squareRoot())
      }
      farthest = max(farthest, nearest)
    }
    #expect(abs(farthest - selection.radius) < 1e-4)
  }

  @Test func blocksAreFilledInTheirOrder() {
    let points = Self.points(77, 5, clusters: 4, seed: 9)
    let sizes = [30, 1, 0, 46]
    let coreset = GreedyCoreset(blocks: sizes, dimension: 5) { block, rows in
      let start = sizes[..<block].reduce(0, +)
      for row in 0..<sizes[block] { for d in 0..<5 { rows[row * 5 + d] = points[start + row][d] } }
    }
    #expect(coreset.select(12).indices == Self.reference(points, 12, start: 0))
  }

  @Test func progressEndsAtTheSize() {
    let reports = Mutex<[Int]>([])
    _ = Self.coreset(Self.points(300, 4, clusters: 3, seed: 1)).select(150) { done, _ in
      reports.withLock { $0.append(done) }
    }
    #expect(reports.withLock { $0 } == [64, 128, 150])
  }
}
