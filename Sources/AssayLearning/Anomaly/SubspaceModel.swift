import AssayBase
public import AssayGraph
import Foundation

/// Fits a ``PatchSubspace``: principal components of all patches, as many as explain the share of variance wanted.
///
/// Components come from orthogonal iteration on the covariance with a Rayleigh-Ritz step (Golub and Van Loan 2013, section
/// 8.2), all by matrix products; at most ``maximumComponents`` of them.
public struct SubspaceModel: Sendable {
  public var variance: Double
  public var seed: UInt64

  public static let maximumComponents = 512
  private static let iterations = 12

  public init(variance: Double = PatchSubspace.defaultVariance, seed: UInt64 = 0) {
    self.variance = variance
    self.seed = seed
  }

  /// - Returns: the subspace and the share of variance that it explains.
  public func fit(_ source: some PatchSource, _ selection: PatchSelection) -> (model: PatchSubspace, explained: Double)
  {
    let grid = source.grid
    let d = grid.channels
    let (mean, covariance, count) = moments(source, selection)
    let trace = (0..<d).reduce(0.0) { $0 + Double(covariance[$1 * d + $1]) }
    let k = min(d, count - 1, Self.maximumComponents)
    guard k > 0, trace > 0 else { return (PatchSubspace(mean: mean, components: []), 1) }
    let (values, vectors) = leading(covariance, d, k)
    var kept = 0
    var sum = 0.0
    while kept < k, sum < variance * trace {
      sum += max(0, values[kept])
      kept += 1
    }
    return (PatchSubspace(mean: mean, components: Array(vectors.prefix(kept * d))), min(1, sum / trace))
  }

  /// Mean `[D]`, covariance `[D, D]` and number of the patches; block by block.
  private func moments(
    _ source: some PatchSource, _ selection: PatchSelection
  ) -> (mean: [Float], covariance: [Float], count: Int) {
    let grid = source.grid
    let d = grid.channels
    var sum = [Double](repeating: 0, count: d)
    var total = 0
    func eachItem(_ body: (UnsafeMutableBufferPointer<Float>, [Int]) -> Void) {
      withUnsafeTemporaryAllocation(of: Float.self, capacity: grid.count) { map in
        for (index, item) in selection.items.enumerated() {
          source.read(item, into: map)
          body(map, selection.positions[index] ?? Array(0..<grid.positions))
        }
      }
    }
    eachItem { map, positions in
      for channel in 0..<d {
        for position in positions { sum[channel] += Double(map[channel * grid.positions + position]) }
      }
      total += positions.count
    }
    let mean = sum.map { Float($0 / Double(max(1, total))) }
    var scatter = [Float](repeating: 0, count: d * d)
    eachItem { map, positions in
      // Centred rows `[positions, D]`; their scatter is one matrix product.
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, positions.count * d)) { rows in
        for (row, position) in positions.enumerated() {
          for channel in 0..<d { rows[row * d + channel] = map[channel * grid.positions + position] - mean[channel] }
        }
        guard let base = rows.baseAddress else { return }
        scatter.withUnsafeMutableBufferPointer { scatter in
          guard let target = scatter.baseAddress else { return }
          MatrixProduct.addTransposedTimes(base, base, to: target, m: d, n: d, k: positions.count)
        }
      }
    }
    let factor = 1 / Float(max(1, total))
    return (mean, scatter.map { $0 * factor }, total)
  }

  /// The k largest eigenvalues, descending, and their vectors `[k, d]`.
  private func leading(_ covariance: [Float], _ d: Int, _ k: Int) -> (values: [Double], vectors: [Float]) {
    var generator = SplitMix64(seed: seed ^ 0x5375_6273)
    var basis = (0..<k * d).map { _ in Float.random(in: -1...1, using: &generator) }
    Self.orthonormalise(&basis, k, d)
    var image = [Float](repeating: 0, count: k * d)
    for _ in 0..<Self.iterations {
      Self.multiply(basis, covariance, into: &image, k, d)
      basis = image
      Self.orthonormalise(&basis, k, d)
    }
    Self.multiply(basis, covariance, into: &image, k, d)
    var small = [Float](repeating: 0, count: k * k)
    basis.withUnsafeBufferPointer { basis in
      image.withUnsafeBufferPointer { image in
        small.withUnsafeMutableBufferPointer { small in
          guard let a = basis.baseAddress, let b = image.baseAddress, let c = small.baseAddress else { return }
          MatrixProduct.timesTransposed(a, b, into: c, m: k, n: k, k: d)
        }
      }
    }
    let ritz = SymmetricEigen(small.map(Double.init), size: k)
    // Vectors of the small problem, turned back: row i is the sum over j of v[j, i] * basis[j].
    var vectors = [Float](repeating: 0, count: k * d)
    let turn = ritz.vectors.map { Float($0) }
    turn.withUnsafeBufferPointer { turn in
      basis.withUnsafeBufferPointer { basis in
        vectors.withUnsafeMutableBufferPointer { vectors in
          guard let a = turn.baseAddress, let b = basis.baseAddress, let c = vectors.baseAddress else { return }
          MatrixProduct.addTransposedTimes(a, b, to: c, m: k, n: d, k: k)
        }
      }
    }
    return (ritz.values, vectors)
  }

  private static func multiply(_ basis: [Float], _ covariance: [Float], into image: inout [Float], _ k: Int, _ d: Int) {
    basis.withUnsafeBufferPointer { basis in
      covariance.withUnsafeBufferPointer { covariance in
        image.withUnsafeMutableBufferPointer { image in
          guard let a = basis.baseAddress, let b = covariance.baseAddress, let c = image.baseAddress else { return }
          // The covariance is its own transpose.
          MatrixProduct.timesTransposed(a, b, into: c, m: k, n: d, k: d)
        }
      }
    }
  }

  /// Modified Gram-Schmidt, twice.
  private static func orthonormalise(_ rows: inout [Float], _ k: Int, _ d: Int) {
    rows.withUnsafeMutableBufferPointer { rows in
      for i in 0..<k {
        let own = UnsafeMutableBufferPointer(rebasing: rows[i * d..<(i + 1) * d])
        for _ in 0..<2 {
          for j in 0..<i {
            let other = UnsafeBufferPointer(rebasing: rows[j * d..<(j + 1) * d])
            VectorOperations.add(Float(-VectorOperations.dot(UnsafeBufferPointer(own), other)), other, to: own)
          }
        }
        let length = VectorOperations.dot(UnsafeBufferPointer(own), UnsafeBufferPointer(own)).squareRoot()
        let factor = length > 1e-20 ? Float(1 / length) : 0
        for index in own.indices { own[index] *= factor }
      }
    }
  }
}

/// Eigenvalues and vectors of a symmetric matrix by Jacobi's rotations (Golub and Van Loan 2013, section 8.5).
struct SymmetricEigen {
  /// Descending.
  private(set) var values: [Double]
  /// Column i belongs to value i; `[size, size]`, row by row.
  private(set) var vectors: [Double]

  init(_ matrix: [Double], size n: Int) {
    var a = matrix
    // Rows of `v` are the vectors while they are made: rotations then work on neighbouring numbers.
    var v = [Double](repeating: 0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    let scale = (0..<n).reduce(0.0) { max($0, abs(a[$1 * n + $1])) }
    a.withUnsafeMutableBufferPointer { a in
      v.withUnsafeMutableBufferPointer { v in
        for _ in 0..<30 {
          var largest = 0.0
          for p in 0..<n {
            for q in p + 1..<max(n, p + 1) {
              let off = a[p * n + q]
              largest = max(largest, abs(off))
              // Rotations that would not show are left out.
              guard abs(off) > 1e-9 * scale else { continue }
              let theta = (a[q * n + q] - a[p * n + p]) / (2 * off)
              let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
              let c = 1 / (t * t + 1).squareRoot()
              Self.rotate(a, n, p, q, c, t * c)
              for i in 0..<n {
                let (x, y) = (v[p * n + i], v[q * n + i])
                v[p * n + i] = c * x - t * c * y
                v[q * n + i] = t * c * x + c * y
              }
            }
          }
          if largest <= 1e-9 * scale { break }
        }
      }
    }
    let order = (0..<n).sorted { a[$0 * n + $0] > a[$1 * n + $1] }
    values = order.map { a[$0 * n + $0] }
    vectors = [Double](repeating: 0, count: n * n)
    for (column, source) in order.enumerated() {
      for i in 0..<n { vectors[i * n + column] = v[source * n + i] }
    }
  }

  private static func rotate(
    _ a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ p: Int, _ q: Int, _ c: Double, _ s: Double
  ) {
    for i in 0..<n {
      let (x, y) = (a[p * n + i], a[q * n + i])
      a[p * n + i] = c * x - s * y
      a[q * n + i] = s * x + c * y
    }
    for i in 0..<n {
      let (x, y) = (a[i * n + p], a[i * n + q])
      a[i * n + p] = c * x - s * y
      a[i * n + q] = s * x + c * y
    }
  }
}
