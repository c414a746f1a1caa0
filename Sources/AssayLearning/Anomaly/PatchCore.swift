import AssayBase
public import AssayGraph
import Foundation

/// Fits a ``MemoryBank``: patches of good images, thinned out to a coreset.
public struct PatchCore: Sendable {
  /// Share of the patches that is kept; nil for a hundredth, but ``defaultRows``, chosen among ``poolSize`` patches at most.
  public var fraction: Double?
  /// How many rows are kept when no share is asked for.
  public var rows: ClosedRange<Int>
  /// Weight the image's score by its neighbourhood in the bank.
  public var isReweighted: Bool
  public var seed: UInt64
  /// Folder for working memory; nil for the process's own.
  public var workFolder: String?

  /// Fewer rows leave gaps, more make every inspection slower.
  public static let defaultRows = 2_000...4_000
  /// Where nobody asks for a share, the choice is made among so many patches, drawn at random: photographs in tiles have
  /// millions, most of them alike.
  public static let poolSize = 400_000

  public init(
    fraction: Double? = nil, rows: ClosedRange<Int> = PatchCore.defaultRows, isReweighted: Bool = true,
    seed: UInt64 = 0,
    workFolder: String? = nil
  ) {
    self.fraction = fraction
    self.rows = rows
    self.isReweighted = isReweighted
    self.seed = seed
    self.workFolder = workFolder
  }

  /// A bank and where its rows come from.
  public struct Fit: Sendable {
    public let bank: MemoryBank
    /// Item of the source and position in it, of every row.
    public let origins: [(item: Int, position: Int)]
    /// Every patch is this near to a row of the bank, in the projected space; nil when that is not known.
    public let radius: Float?
    /// How many patches there were.
    public let patchCount: Int
  }

  public func rowCount(of patches: Int) -> Int {
    guard let fraction else {
      return min(patches, max(rows.lowerBound, min(rows.upperBound, patches / 100)))
    }
    return min(patches, max(1, Int((min(max(fraction, 0), 1) * Double(patches)).rounded())))
  }

  /// - Parameter progress: called with (rows chosen, rows wanted).
  public func fit(
    _ source: some PatchSource, _ selection: PatchSelection, progress: (Int, Int) -> Void = { _, _ in }
  ) -> Fit {
    let grid = source.grid
    let total = selection.items.indices.reduce(0) { $0 + selection.count($1, of: grid) }
    precondition(total > 0, "there are no patches to learn from")
    let size = rowCount(of: total)
    let selection = pool(selection, grid, total)
    let counts = selection.items.indices.map { selection.count($0, of: grid) }
    let projector = ProjectedPatches(source, selection, seed: seed)
    let coreset = GreedyCoreset(blocks: counts, dimension: projector.dimension, workFolder: workFolder) { block, rows in
      projector.project(source, selection.items[block], positions: selection.positions[block], into: rows)
    }
    let chosen = coreset.select(size, start: Int(seed % UInt64(counts.reduce(0, +))), progress: progress)
    let origins = Self.origins(chosen.indices, counts, selection)
    let rows = Self.gather(source, origins)
    return Fit(
      bank: MemoryBank(fitting: rows, dimension: grid.channels, isReweighted: isReweighted),
      origins: origins, radius: chosen.radius, patchCount: total)
  }

  /// A random part of the patches, the same share of every item, when there are too many.
  private func pool(_ selection: PatchSelection, _ grid: PatchSpecification.Grid, _ total: Int) -> PatchSelection {
    guard fraction == nil, total > Self.poolSize else { return selection }
    let share = Double(Self.poolSize) / Double(total)
    var generator = SplitMix64(seed: seed)
    let positions = selection.positions.map { own -> [Int]? in
      let all = own ?? Array(0..<grid.positions)
      let wanted = Int((Double(all.count) * share).rounded())
      return all.shuffled(using: &generator).prefix(wanted).sorted()
    }
    return PatchSelection(items: selection.items, positions: positions)
  }

  private static func origins(
    _ indices: [Int], _ counts: [Int], _ selection: PatchSelection
  ) -> [(item: Int, position: Int)] {
    var starts = [0]
    for count in counts { starts.append(starts[starts.count - 1] + count) }
    return indices.map { index in
      // The last block that begins at or before the index.
      var (low, high) = (0, counts.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if starts[middle] <= index { low = middle } else { high = middle - 1 }
      }
      let row = index - starts[low]
      return (selection.items[low], selection.positions[low]?[row] ?? row)
    }
  }

  /// Full features of some patches, `[count, D]`; each item is read once.
  public static func gather(_ source: some PatchSource, _ origins: [(item: Int, position: Int)]) -> [Float] {
    let grid = source.grid
    let byItem = Dictionary(grouping: origins.indices) { origins[$0].item }.sorted { $0.key < $1.key }
    var rows = [Float](repeating: 0, count: origins.count * grid.channels)
    rows.withUnsafeMutableBufferPointer { rows in
      let target = SharedBuffer(rows)
      DispatchQueue.concurrentPerform(iterations: byItem.count) { index in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: grid.count) { map in
          source.read(byItem[index].key, into: map)
          for row in byItem[index].value {
            let position = origins[row].position
            for d in 0..<grid.channels {
              target.values[row * grid.channels + d] = map[d * grid.positions + position]
            }
          }
        }
      }
    }
    return rows
  }
}

/// A buffer of which several threads write different parts.
struct SharedBuffer<Element>: @unchecked Sendable {
  // Only used inside `concurrentPerform`, each iteration in its own part.
  let values: UnsafeMutableBufferPointer<Element>

  init(_ values: UnsafeMutableBufferPointer<Element>) { self.values = values }
}

/// Patches brought to few dimensions, in which the coreset is chosen and isolation is measured.
struct ProjectedPatches: Sendable {
  private let grid: PatchSpecification.Grid
  private let projection: RandomProjection?

  /// Patches of fewer features are left as they are.
  ///
  /// The axes are turned so that the first ones carry most of the variance: that changes no distance, and lets a sum of
  /// squares that is compared with another one stop early.
  init(_ source: some PatchSource, _ selection: PatchSelection, seed: UInt64) {
    grid = source.grid
    guard source.grid.channels > RandomProjection.defaultDimension else {
      projection = nil
      return
    }
    let random = RandomProjection(inputs: source.grid.channels, seed: seed)
    projection = random.turned(toAxesOf: Self.sample(source, selection, ProjectedPatches(source.grid, random)))
  }

  private init(_ grid: PatchSpecification.Grid, _ projection: RandomProjection) {
    self.grid = grid
    self.projection = projection
  }

  /// Projected patches of a few items, `[count, dimension]`.
  private static func sample(
    _ source: some PatchSource, _ selection: PatchSelection, _ projector: ProjectedPatches
  ) -> FeatureMatrix {
    let items = selection.items.count
    let chosen = stride(from: 0, to: items, by: max(1, items / 16)).prefix(16)
    var values: [Float] = []
    for index in chosen {
      let count = selection.count(index, of: source.grid)
      guard count > 0 else { continue }
      values += [Float](unsafeUninitializedCapacity: count * projector.dimension) { rows, filled in
        filled = count * projector.dimension
        projector.project(source, selection.items[index], positions: selection.positions[index], into: rows)
      }
    }
    return FeatureMatrix(rows: values.count / projector.dimension, columns: projector.dimension, values: values)
  }

  var dimension: Int { projection?.outputs ?? grid.channels }

  /// - Parameter rows: `[positions, dimension]`.
  func project(
    _ source: some PatchSource, _ item: Int, positions: [Int]?, into rows: UnsafeMutableBufferPointer<Float>
  ) {
    guard let target = rows.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: grid.count) { map in
      source.read(item, into: map)
      guard let source = map.baseAddress else { return }
      guard let positions else { return projectAll(source, into: target) }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: grid.positions * dimension) { all in
        guard let base = all.baseAddress else { return }
        projectAll(source, into: base)
        for (row, position) in positions.enumerated() {
          (target + row * dimension).update(from: base + position * dimension, count: dimension)
        }
      }
    }
  }

  private func projectAll(_ map: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    if let projection { return projection.apply(map, positions: grid.positions, into: target) }
    for d in 0..<grid.channels {
      for position in 0..<grid.positions { target[position * grid.channels + d] = map[d * grid.positions + position] }
    }
  }
}

/// Nearest rows among the rows of a matrix.
enum NearestRows {
  /// - Returns: for each row itself and then the nearest others, `[rows, count]`; of equally near ones the first.
  static func table(_ rows: [Float], dimension: Int, count: Int) -> [Int] {
    let total = rows.count / dimension
    let centred = centred(rows, dimension)
    let lengths = lengths(centred, 0..<total, dimension)
    var result = [Int](repeating: 0, count: total * count)
    result.withUnsafeMutableBufferPointer { result in
      let target = SharedBuffer(result)
      forEachRow(0..<total, of: centred, rows: total, dimension: dimension) { row, products in
        var best = [(square: Float, row: Int)]()
        for other in 0..<total where other != row {
          let square = lengths[other] - 2 * products[other]
          if best.count == count - 1, let last = best.last, square >= last.square { continue }
          let place = best.firstIndex { square < $0.square } ?? best.count
          best.insert((square, other), at: place)
          if best.count > count - 1 { best.removeLast() }
        }
        target.values[row * count] = row
        for (place, entry) in best.enumerated() { target.values[row * count + 1 + place] = entry.row }
      }
    }
    return result
  }

  /// Distance of each point from the nearest row.
  /// - Parameters:
  ///   - points, rows: `[n, dimension]`.
  static func distances(_ points: [Float], to rows: [Float], dimension: Int) -> [Float] {
    let (count, total) = (points.count / dimension, rows.count / dimension)
    guard count > 0, total > 0 else { return [Float](repeating: .infinity, count: count) }
    // One origin for both: the product is then of small numbers.
    let joined = centred(rows + points, dimension)
    let lengths = lengths(joined, 0..<total + count, dimension)
    var result = [Float](repeating: 0, count: count)
    result.withUnsafeMutableBufferPointer { result in
      let target = SharedBuffer(result)
      forEachRow(total..<total + count, of: joined, rows: total, dimension: dimension) { point, products in
        var nearest = Float.infinity
        for row in 0..<total { nearest = min(nearest, lengths[row] - 2 * products[row]) }
        target.values[point - total] = max(0, nearest + lengths[point]).squareRoot()
      }
    }
    return result
  }

  /// Squared lengths of some rows.
  private static func lengths(_ values: [Float], _ rows: Range<Int>, _ dimension: Int) -> [Float] {
    rows.map { row in
      (0..<dimension).reduce(Float(0)) { $0 + values[row * dimension + $1] * values[row * dimension + $1] }
    }
  }

  /// Calls `body` for each row of a range with its products with the first `rows` rows, block by block on all cores.
  private static func forEachRow(
    _ range: Range<Int>, of values: [Float], rows total: Int, dimension: Int,
    _ body: @Sendable (Int, UnsafePointer<Float>) -> Void
  ) {
    let size = 256
    DispatchQueue.concurrentPerform(iterations: (range.count + size - 1) / size) { part in
      let start = range.lowerBound + part * size
      let block = start..<min(range.upperBound, start + size)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: block.count * total) { products in
        values.withUnsafeBufferPointer { values in
          guard let base = values.baseAddress, let out = products.baseAddress else { return }
          MatrixProduct.timesTransposed(
            base + block.lowerBound * dimension, base, into: out, m: block.count, n: total, k: dimension)
          for row in block { body(row, out + (row - block.lowerBound) * total) }
        }
      }
    }
  }

  /// Differences do not depend on the origin, but rounding does.
  private static func centred(_ rows: [Float], _ dimension: Int) -> [Float] {
    let total = rows.count / dimension
    var mean = [Double](repeating: 0, count: dimension)
    for (index, value) in rows.enumerated() { mean[index % dimension] += Double(value) / Double(total) }
    let centre = mean.map { Float($0) }
    var result = rows
    for row in 0..<total { for d in 0..<dimension { result[row * dimension + d] -= centre[d] } }
    return result
  }
}
