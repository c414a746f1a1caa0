public import AssayGraph
import Foundation
import Synchronization

/// How isolated each image of a training set is: the largest distance of one of its patches from the bank's rows that come
/// from other images (measured in the projected space). A defect that slipped in among the good parts has no like in the
/// others and stands out.
public struct IsolationScores: Sendable {
  /// One for each image, in the order given.
  public let values: [Double]

  /// - Parameters:
  ///   - images: items of the source that make up each image, as indices into the selection.
  public init(
    _ source: some PatchSource, _ selection: PatchSelection, images: [[Int]], fit: PatchCore.Fit, seed: UInt64,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    let projector = ProjectedPatches(source, selection, seed: seed)
    let dimension = projector.dimension
    let bank = Self.projectedBank(source, fit, projector)
    let lengths = fit.origins.indices.map { row in
      (0..<dimension).reduce(Float(0)) { $0 + bank[row * dimension + $1] * bank[row * dimension + $1] }
    }
    var ownRows: [Int: [Int]] = [:]
    for (row, origin) in fit.origins.enumerated() { ownRows[origin.item, default: []].append(row) }
    let rowsOf = ownRows
    let rows = fit.origins.count
    let done = Mutex(0)
    var result = [Double](repeating: 0, count: images.count)
    result.withUnsafeMutableBufferPointer { result in
      let target = SharedBuffer(result)
      DispatchQueue.concurrentPerform(iterations: images.count) { image in
        let own = images[image].flatMap { rowsOf[selection.items[$0]] ?? [] }
        var largest: Float = 0
        for member in images[image] {
          let count = selection.count(member, of: source.grid)
          guard count > 0 else { continue }
          withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (dimension + rows)) { memory in
            guard let points = memory.baseAddress else { return }
            let products = points + count * dimension
            projector.project(
              source, selection.items[member], positions: selection.positions[member],
              into: UnsafeMutableBufferPointer(start: points, count: count * dimension))
            bank.withUnsafeBufferPointer { bank in
              guard let base = bank.baseAddress else { return }
              MatrixProduct.timesTransposed(points, base, into: products, m: count, n: rows, k: dimension)
            }
            for position in 0..<count {
              for row in own { products[position * rows + row] = -.infinity }
              var nearest = Float.infinity
              for row in 0..<rows { nearest = min(nearest, lengths[row] - 2 * products[position * rows + row]) }
              var length: Float = 0
              for d in 0..<dimension { length += points[position * dimension + d] * points[position * dimension + d] }
              if nearest.isFinite { largest = max(largest, nearest + length) }
            }
          }
        }
        target.values[image] = Double(max(0, largest)).squareRoot()
        done.withLock {
          $0 += 1
          progress($0, images.count)
        }
      }
    }
    values = result
  }

  private static func projectedBank(
    _ source: some PatchSource, _ fit: PatchCore.Fit, _ projector: ProjectedPatches
  ) -> [Float] {
    let dimension = projector.dimension
    var bank = [Float](repeating: 0, count: fit.origins.count * dimension)
    for (item, rows) in Dictionary(grouping: fit.origins.indices, by: { fit.origins[$0].item }) {
      let positions = rows.map { fit.origins[$0].position }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: positions.count * dimension) { values in
        projector.project(source, item, positions: positions, into: values)
        for (place, row) in rows.enumerated() {
          for d in 0..<dimension { bank[row * dimension + d] = values[place * dimension + d] }
        }
      }
    }
    return bank
  }

  /// Images that stand out: on a logarithmic scale (largest distances have a long upper tail), more than `factor` times the
  /// robust spread (median absolute deviation, scaled to a normal distribution's deviation) above the median.
  /// - Returns: indices, the most isolated first.
  public func outliers(factor: Double = 5) -> [Int] {
    guard values.count >= 5 else { return [] }
    let logarithms = values.map { log(max($0, 1e-12)) }
    let median = Self.median(logarithms)
    let spread = 1.4826 * Self.median(logarithms.map { abs($0 - median) })
    let limit = median + factor * max(spread, 1e-9)
    return values.indices.filter { logarithms[$0] > limit }.sorted { values[$0] > values[$1] }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
