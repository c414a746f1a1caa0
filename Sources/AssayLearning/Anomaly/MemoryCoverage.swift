public import AssayGraph
import Foundation

/// Extends a memory bank by patches that it does not cover.
public enum MemoryCoverage {
  /// How far apart neighbouring rows of a bank typically are: the median distance of a row to its nearest other one.
  /// - Parameter rows: `[count, dimension]`.
  public static func typicalSpacing(_ rows: [Float], dimension: Int) -> Float {
    let count = rows.count / dimension
    guard count > 1 else { return 0 }
    let table = NearestRows.table(rows, dimension: dimension, count: 2)
    var distances = (0..<count).map { row in
      distance(rows, row, rows, table[row * 2 + 1], dimension)
    }
    distances.sort()
    return distances[count / 2]
  }

  /// Patches of a selection that are farther than `spacing` from the memory and from those chosen before: item by item, in
  /// each the farthest first.
  public static func uncovered(
    _ source: some PatchSource, _ selection: PatchSelection, memory: [Float], spacing: Float
  ) -> [(item: Int, position: Int)] {
    let dimension = source.grid.channels
    var known = memory
    var chosen: [(item: Int, position: Int)] = []
    for (index, item) in selection.items.enumerated() {
      let all = (selection.positions[index] ?? Array(0..<source.grid.positions)).map { (item: item, position: $0) }
      let points = PatchCore.gather(source, all)
      let nearest = NearestRows.distances(points, to: known, dimension: dimension)
      // Most patches of a good part are known; the few others are compared with one another.
      var open = nearest.indices.filter { nearest[$0] > spacing }.map { (point: $0, distance: nearest[$0]) }
      while let farthest = open.max(by: { $0.distance < $1.distance }), farthest.distance > spacing {
        chosen.append(all[farthest.point])
        known += points[farthest.point * dimension..<(farthest.point + 1) * dimension]
        for place in open.indices {
          open[place].distance = min(
            open[place].distance, distance(points, open[place].point, points, farthest.point, dimension))
        }
        open.removeAll { $0.distance <= spacing }
      }
    }
    return chosen
  }

  private static func distance(_ a: [Float], _ i: Int, _ b: [Float], _ j: Int, _ d: Int) -> Float {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sum = SIMD8<Float>(repeating: 0)
        var at = 0
        while at + 8 <= d {
          let difference =
            UnsafeRawPointer(a.baseAddress.unsafelyUnwrapped + i * d + at).loadUnaligned(as: SIMD8<Float>.self)
            - UnsafeRawPointer(b.baseAddress.unsafelyUnwrapped + j * d + at).loadUnaligned(as: SIMD8<Float>.self)
          sum += difference * difference
          at += 8
        }
        var total = sum.sum()
        while at < d {
          let difference = a[i * d + at] - b[j * d + at]
          total += difference * difference
          at += 1
        }
        return total.squareRoot()
      }
    }
  }
}

extension MemoryBank {
  /// A bank of these rows with the table of neighbours that the score is weighted by.
  public init(fitting rows: [Float], dimension: Int, isReweighted: Bool) {
    let count = rows.count / dimension
    let neighbours = min(MemoryBank.defaultNeighbours, count)
    self.init(
      rows: rows, dimension: dimension,
      neighbours: isReweighted ? NearestRows.table(rows, dimension: dimension, count: neighbours) : [],
      neighbourCount: isReweighted ? neighbours : 0)
  }
}
