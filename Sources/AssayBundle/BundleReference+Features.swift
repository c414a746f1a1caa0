package import AssayBase
import AssayGraph
public import Foundation

extension BundleReference {
  /// How far the features of a part lie from those of the training images.
  public struct Features: Codable, Sendable, Equatable {
    /// 32-bit floats, little-endian, `[D]` each.
    public var mean: Data
    public var scale: Data
    /// Distances of parts that their ruler has not seen, sorted. Where ``basis`` is nil, of those that it was made of.
    public var distances: [Double]
    /// How the distances were held out, ``leaveOneOut`` or `held-out test`; nil in bundles of earlier versions, whose
    /// distances are those of the very images that the mean and the scale come from: they are too small, and fresh parts of
    /// the same kind would seem to have drifted.
    public var basis: String?
    /// Distances of other held-out parts, of those that are not good, sorted; nil where there are none.
    public var others: [Double]?

    /// Each part measured by the mean and the scale of the others.
    public static let leaveOneOut = "leave-one-out"

    /// - Parameters:
    ///   - values: `[n, D]`, row by row.
    ///   - dimension: D.
    public init(_ values: [Float], dimension: Int) {
      self.init(rows: Array(0..<values.count / max(1, dimension)), of: FeatureValues(values), dimension: dimension)
    }

    /// A ruler of some rows, and the distance of each of them by the ruler of the others: what a new part of the same kind
    /// would have.
    /// - Parameters:
    ///   - rows: which of the rows.
    ///   - units: for each of them what it belongs to (near copies of one photograph, images of one part): those are left
    ///     out together; nil stands alone. Empty when all do.
    ///   - others: rows that the ruler is not made of, whose distances are kept beside.
    ///   - values: `[n, D]`, row by row.
    ///   - dimension: D.
    package init(
      rows: [Int], units: [String?] = [], others: [Int] = [], of values: FeatureValues, dimension: Int
    ) {
      precondition(units.isEmpty || units.count == rows.count, "a unit for each row")
      var whole = FeatureSums(dimension: dimension)
      for row in rows { values.withRow(row, dimension) { whole.add($0) } }
      let ruler = whole.ruler()
      mean = Self.data(ruler.mean)
      scale = Self.data(ruler.scale)
      basis = Self.leaveOneOut
      distances = Self.groups(rows, units).flatMap { members in
        var rest = whole
        for row in members { values.withRow(row, dimension) { rest.subtract($0) } }
        // Nothing is known of how the others vary when there is one of them at most.
        guard rest.count >= 2 else { return [Double]() }
        let own = rest.ruler()
        return members.map { row in values.withRow(row, dimension) { own.distance($0) } }
      }.sorted()
      let beside = others.map { row in values.withRow(row, dimension) { ruler.distance($0) } }.sorted()
      self.others = beside.isEmpty ? nil : beside
      values.release(0..<values.count)
    }

    /// A ruler of rows that the network has learned from, and the distances of others that it has not.
    /// - Parameters:
    ///   - ruled: `[n, D]`, row by row.
    ///   - heldOut: `[m, D]`; `isGood` says which of them are good.
    ///   - basis: what they were held out for.
    package init(ruled: [[Float]], heldOut: [[Float]], isGood: [Bool], basis: String) {
      var sums = FeatureSums(dimension: ruled.first?.count ?? 0)
      for row in ruled { row.withUnsafeBufferPointer { sums.add($0) } }
      let ruler = sums.ruler()
      mean = Self.data(ruler.mean)
      scale = Self.data(ruler.scale)
      self.basis = basis
      let all = heldOut.map { row in row.withUnsafeBufferPointer { ruler.distance($0) } }
      distances = zip(all, isGood).filter(\.1).map(\.0).sorted()
      let beside = zip(all, isGood).filter { !$0.1 }.map(\.0).sorted()
      others = beside.isEmpty ? nil : beside
    }

    /// nil when the file does not hold what it should.
    public var ruler: FeatureRuler? {
      let (means, scales) = (Self.floats(mean), Self.floats(scale))
      return means.isEmpty || means.count != scales.count ? nil : FeatureRuler(mean: means, scale: scales)
    }

    /// Rows that are left out together, in the order of their first.
    private static func groups(_ rows: [Int], _ units: [String?]) -> [[Int]] {
      guard !units.isEmpty else { return rows.map { [$0] } }
      var groups: [[Int]] = []
      var places: [String: Int] = [:]
      for (row, unit) in zip(rows, units) {
        if let unit, let place = places[unit] {
          groups[place].append(row)
        } else {
          if let unit { places[unit] = groups.count }
          groups.append([row])
        }
      }
      return groups
    }

    private static func data(_ values: [Float]) -> Data { Data(FloatBytes.encode(values)) }
    private static func floats(_ data: Data) -> [Float] { data.withUnsafeBytes(FloatBytes.decode) }
  }
}

/// Sums of features from which mean and deviation come; rows can be taken out again.
private struct FeatureSums {
  private(set) var count = 0
  private var sum: [Double]
  private var square: [Double]

  init(dimension: Int) {
    sum = [Double](repeating: 0, count: dimension)
    square = sum
  }

  mutating func add(_ row: UnsafeBufferPointer<Float>) {
    for d in row.indices {
      let value = Double(row[d])
      sum[d] += value
      square[d] += value * value
    }
    count += 1
  }

  mutating func subtract(_ row: UnsafeBufferPointer<Float>) {
    for d in row.indices {
      let value = Double(row[d])
      sum[d] -= value
      square[d] -= value * value
    }
    count -= 1
  }

  func ruler() -> FeatureRuler {
    let number = Double(max(1, count))
    var (mean, scale) = (sum, sum)
    for d in sum.indices {
      mean[d] /= number
      scale[d] = max(square[d] / number - mean[d] * mean[d], 0).squareRoot()
    }
    // A feature that never varied would weigh without bound.
    let floor = max(scale.reduce(0, +) / Double(max(1, scale.count)) * 1e-3, 1e-12)
    return FeatureRuler(mean: mean.map { Float($0) }, scale: scale.map { Float(max($0, floor)) })
  }
}

extension FeatureValues {
  fileprivate func withRow<Result>(
    _ row: Int, _ dimension: Int, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[row * dimension..<(row + 1) * dimension])) }
  }
}
