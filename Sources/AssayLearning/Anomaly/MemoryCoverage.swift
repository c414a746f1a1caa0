import AssayModel
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

  /// Greedy choice among the patches of a selection, each farther than `spacing` from the memory and from those chosen
  /// before, the farthest first.
  public static func uncovered(
    _ source: some PatchSource, _ selection: PatchSelection, memory: [Float], spacing: Float
  ) -> [(item: Int, position: Int)] {
    let dimension = source.grid.channels
    let count = memory.count / dimension
    var candidates: [(item: Int, position: Int)] = []
    for (index, item) in selection.items.enumerated() {
      candidates += (selection.positions[index] ?? Array(0..<source.grid.positions)).map { (item, $0) }
    }
    guard !candidates.isEmpty else { return [] }
    let points = PatchCore.gather(source, candidates)
    var nearest = [Float](repeating: .infinity, count: candidates.count)
    for point in candidates.indices {
      for row in 0..<count { nearest[point] = min(nearest[point], distance(points, point, memory, row, dimension)) }
    }
    var chosen: [(item: Int, position: Int)] = []
    while let farthest = nearest.indices.max(by: { nearest[$0] < nearest[$1] }), nearest[farthest] > spacing {
      chosen.append(candidates[farthest])
      for point in candidates.indices {
        nearest[point] = min(nearest[point], distance(points, point, points, farthest, dimension))
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
