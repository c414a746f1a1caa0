import AssayBase
public import AssayGraph
import Foundation

/// Fits ``PatchGaussians``: mean and covariance of randomly chosen features at every position.
public struct PaDiM: Sendable {
  public var dimension: Int
  /// Added to the covariance's diagonal (Defard et al. 2021, equation 1).
  public var regularisation: Double
  public var seed: UInt64
  /// Numbers in memory at a time, 256 MiB as a rule; of more, some positions are fitted after others.
  package var heldValues = 64 << 20

  public init(dimension: Int = PatchGaussians.defaultDimension, regularisation: Double = 0.01, seed: UInt64 = 0) {
    self.dimension = dimension
    self.regularisation = regularisation
    self.seed = seed
  }

  /// - Parameter items: of the source; at least two.
  public func fit(_ source: some PatchSource, items: [Int]) -> PatchGaussians {
    precondition(items.count >= 2, "a covariance needs two images")
    let grid = source.grid
    let channels = chosen(of: grid.channels)
    let d = channels.count
    var means = [Float](repeating: 0, count: grid.positions * d)
    var whitening = [Float](repeating: 0, count: grid.positions * d * d)
    // Few images are read once; of many, some positions at a time, so that memory stays bounded.
    let width = max(1, min(grid.positions, heldValues / (items.count * d)))
    var values = [Float](repeating: 0, count: items.count * width * d)
    for first in stride(from: 0, to: grid.positions, by: width) {
      let block = first..<min(grid.positions, first + width)
      Self.gather(source, items, channels, block, into: &values)
      let samples = values
      means.withUnsafeMutableBufferPointer { means in
        whitening.withUnsafeMutableBufferPointer { whitening in
          let (meanTarget, whiteTarget) = (SharedBuffer(means), SharedBuffer(whitening))
          DispatchQueue.concurrentPerform(iterations: block.count) { offset in
            let position = block.lowerBound + offset
            let rows = items.indices.map { image in
              let start = (image * block.count + offset) * d
              return samples[start..<start + d].map(Double.init)
            }
            let (mean, covariance) = Self.moments(rows, regularisation)
            let inverse = Cholesky.inverseFactor(covariance, size: d)
            for place in 0..<d { meanTarget.values[position * d + place] = Float(mean[place]) }
            for place in 0..<d * d { whiteTarget.values[position * d * d + place] = Float(inverse[place]) }
          }
        }
      }
    }
    return PatchGaussians(channels: channels, means: means, whitening: whitening)
  }

  /// Chosen features of all images at some positions, `[image, position, d]`.
  private static func gather(
    _ source: some PatchSource, _ items: [Int], _ channels: [Int], _ block: Range<Int>, into values: inout [Float]
  ) {
    let grid = source.grid
    let d = channels.count
    values.withUnsafeMutableBufferPointer { values in
      let target = SharedBuffer(values)
      DispatchQueue.concurrentPerform(iterations: items.count) { image in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: grid.count) { map in
          source.read(items[image], into: map)
          for position in block {
            let row = (image * block.count + position - block.lowerBound) * d
            for (place, channel) in channels.enumerated() {
              target.values[row + place] = map[channel * grid.positions + position]
            }
          }
        }
      }
    }
  }

  private func chosen(of total: Int) -> [Int] {
    var generator = SplitMix64(seed: seed)
    return Array((0..<total).shuffled(using: &generator).prefix(dimension)).sorted()
  }

  /// Mean and sample covariance with the regularisation added.
  private static func moments(_ rows: [[Double]], _ regularisation: Double) -> ([Double], [Double]) {
    let d = rows[0].count
    var mean = [Double](repeating: 0, count: d)
    for row in rows { for i in 0..<d { mean[i] += row[i] / Double(rows.count) } }
    var covariance = [Double](repeating: 0, count: d * d)
    covariance.withUnsafeMutableBufferPointer { covariance in
      for row in rows {
        let centred = zip(row, mean).map { $0 - $1 }
        for i in 0..<d {
          let factor = centred[i] / Double(rows.count - 1)
          for j in 0...i { covariance[i * d + j] += factor * centred[j] }
        }
      }
      for i in 0..<d {
        covariance[i * d + i] += regularisation
        for j in 0..<i { covariance[j * d + i] = covariance[i * d + j] }
      }
    }
    return (mean, covariance)
  }
}

/// The factor of a positive definite matrix.
enum Cholesky {
  /// L⁻¹ for A = L Lᵀ, lower triangular, row by row.
  static func inverseFactor(_ matrix: [Double], size n: Int) -> [Double] {
    var factor = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = matrix[i * n + j]
        for k in 0..<j { sum -= factor[i * n + k] * factor[j * n + k] }
        factor[i * n + j] = i == j ? max(sum, 1e-12).squareRoot() : sum / factor[j * n + j]
      }
    }
    var inverse = [Double](repeating: 0, count: n * n)
    for column in 0..<n {
      inverse[column * n + column] = 1 / factor[column * n + column]
      for row in column + 1..<max(n, column + 1) {
        var sum = 0.0
        for k in column..<row { sum -= factor[row * n + k] * inverse[k * n + column] }
        inverse[row * n + column] = sum / factor[row * n + row]
      }
    }
    return inverse
  }
}
