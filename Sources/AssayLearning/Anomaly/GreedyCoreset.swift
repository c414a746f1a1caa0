import AssayBase
import Foundation
import Synchronization

/// The greedy solution of the k-centre problem (Gonzalez 1985; Sener and Savarese 2018), by which PatchCore (Roth et al.
/// 2022) thins out its memory bank: from a first point on, always the point that is farthest from all points chosen.
///
/// The choice is exact. Each step is one pass over the points that updates their distance to the nearest centre and finds
/// the farthest point at the same time, on all cores. The pass leaves out what cannot change:
/// - A point whose centre is more than twice as far from the new centre as from the point keeps its centre (triangle
///   inequality). Since a new centre is at least the current radius away from all others, whole groups of points within
///   half the radius are passed over without a look.
/// - A sum of squares that has already passed the present distance need not be finished.
///
/// So the selection costs far less than `centres * points * dimensions`, the more so the more the points cluster.
public struct GreedyCoreset: Sendable {
  /// Points in groups of eight, dimension by dimension, so that one vector instruction works on eight points.
  private static let lanes = 8

  public let count: Int
  public let dimension: Int
  private let storage: WorkingMemory

  /// - Parameters:
  ///   - blocks: how many points each block holds; blocks are filled one after another by all cores.
  ///   - dimension: of a point.
  ///   - folder: where a file of working memory is made, so that the system can move points out to disk; nil for memory.
  ///   - fill: writes a block's points, `[blocks[index], dimension]`; called from several threads.
  public init(
    blocks: [Int], dimension: Int, workFolder folder: String? = nil,
    fill: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    count = blocks.reduce(0, +)
    precondition(count > 0 && dimension > 0, "a coreset of [\(count), \(dimension)] points")
    self.dimension = dimension
    let lanes = Self.lanes
    // Every step passes over all points: the pool that is chosen from by default (400,000 of 256 dimensions) stays in memory.
    storage = WorkingMemory(
      count: (count + lanes - 1) / lanes * lanes * dimension, folder: folder, held: 512 << 20)
    var starts = [0]
    for size in blocks { starts.append(starts[starts.count - 1] + size) }
    let (storage, offsets) = (storage, starts)
    DispatchQueue.concurrentPerform(iterations: blocks.count) { block in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: blocks[block] * dimension) { rows in
        fill(block, rows)
        for row in 0..<blocks[block] {
          let index = offsets[block] + row
          let base = (index / lanes * dimension) * lanes + index % lanes
          for d in 0..<dimension { storage.values[base + d * lanes] = rows[row * dimension + d] }
        }
        storage.release(offsets[block] * dimension..<offsets[block + 1] * dimension)
      }
    }
  }

  /// Points that are in memory already.
  public init(_ matrix: FeatureMatrix) {
    self.init(blocks: [matrix.rows], dimension: matrix.columns) { _, out in
      matrix.values.withUnsafeBufferPointer { _ = out.update(fromContentsOf: $0) }
    }
  }

  /// Result of a selection.
  public struct Selection: Sendable, Equatable {
    /// Indices of the points chosen, in the order of choice; the first is the start.
    public let indices: [Int]
    /// Distance of the point that would be chosen next from its nearest centre: every point is this near to a centre.
    public let radius: Float
  }

  /// - Parameters:
  ///   - size: how many points are chosen, at most all.
  ///   - start: the first one.
  ///   - threads: nil for one a core.
  ///   - progress: called now and then with (chosen, size).
  /// - Returns: fewer points than `size` when all others coincide with chosen ones. Of equally far points the first counts.
  public func select(
    _ size: Int, start: Int = 0, threads: Int? = nil, progress: (Int, Int) -> Void = { _, _ in }
  ) -> Selection {
    precondition((0..<count).contains(start), "the start \(start) is not among \(count) points")
    let size = min(max(size, 1), count)
    let workers = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    let pass = SelectionPass(storage, count: count, dimension: dimension, size: size, workers: workers)
    var chosen: [Int] = []
    chosen.reserveCapacity(size)
    var next = (index: start, square: Float.infinity)
    while chosen.count < size, next.square > 0 {
      next = pass.add(next.index, radiusSquare: chosen.isEmpty ? 0 : next.square)
      chosen.append(pass.lastCentre)
      if chosen.count % 64 == 0 { progress(chosen.count, size) }
    }
    progress(chosen.count, size)
    return Selection(indices: chosen, radius: max(0, next.square).squareRoot())
  }
}

/// The state of one selection.
private final class SelectionPass: @unchecked Sendable {
  // Chunks of groups are worked on by one thread each; the steps follow one another.
  private static let lanes = 8
  /// Dimensions between two looks at whether the sum has passed the present distance.
  private static let stretch = 8
  /// Keeps the triangle inequality on the safe side of rounding.
  private static let safety: Float = 1.001

  private let storage: WorkingMemory
  private let count: Int
  private let dimension: Int
  private let groups: Int
  private let workers: Int
  /// Squared distance of each point to its centre, and the centre's number; by group the largest of the former.
  private let squares: UnsafeMutablePointer<SIMD8<Float>>
  private let owners: UnsafeMutablePointer<SIMD8<Int32>>
  private let farthest: UnsafeMutablePointer<Float>
  private let centres: UnsafeMutablePointer<Float>
  /// Squared distance of the newest centre from each older one.
  private let between: UnsafeMutablePointer<Float>
  private let best: UnsafeMutablePointer<(square: Float, group: Int)>
  private let chunk: Int
  private var centreCount = 0
  private(set) var lastCentre = 0

  init(_ storage: WorkingMemory, count: Int, dimension: Int, size: Int, workers: Int) {
    self.storage = storage
    self.count = count
    self.dimension = dimension
    self.workers = workers
    groups = (count + Self.lanes - 1) / Self.lanes
    // Several chunks a thread, since some have more to do than others.
    chunk = max(32, (groups + workers * 8 - 1) / (workers * 8))
    squares = .allocate(capacity: groups)
    owners = .allocate(capacity: groups)
    farthest = .allocate(capacity: groups)
    centres = .allocate(capacity: size * dimension)
    between = .allocate(capacity: size)
    best = .allocate(capacity: (groups + chunk - 1) / chunk)
    squares.initialize(repeating: SIMD8(repeating: .infinity), count: groups)
    owners.initialize(repeating: SIMD8(repeating: 0), count: groups)
    farthest.initialize(repeating: .infinity, count: groups)
    centres.initialize(repeating: 0, count: size * dimension)
    between.initialize(repeating: 0, count: size)
    best.initialize(repeating: (0, 0), count: (groups + chunk - 1) / chunk)
    // Lanes beyond the last point are never the farthest.
    for lane in 0..<Self.lanes where (groups - 1) * Self.lanes + lane >= count { squares[groups - 1][lane] = -1 }
  }

  deinit {
    squares.deallocate()
    owners.deallocate()
    farthest.deallocate()
    centres.deallocate()
    between.deallocate()
    best.deallocate()
  }

  /// Makes a point a centre.
  /// - Parameter radiusSquare: its squared distance from the centres so far.
  /// - Returns: the point that is farthest now.
  func add(_ index: Int, radiusSquare: Float) -> (index: Int, square: Float) {
    lastCentre = index
    let own = centreCount
    let centre = centres + own * dimension
    let base = (index / Self.lanes * dimension) * Self.lanes + index % Self.lanes
    for d in 0..<dimension { centre[d] = storage.values[base + d * Self.lanes] }
    for other in 0..<own { between[other] = square(centre, centres + other * dimension) }
    centreCount += 1
    let chunks = (groups + chunk - 1) / chunk
    // A handful of groups is not worth waking a thread for.
    if workers == 1 || chunks == 1 {
      for part in 0..<chunks { update(part, own, radiusSquare) }
    } else {
      DispatchQueue.concurrentPerform(iterations: chunks) { update($0, own, radiusSquare) }
    }
    var found = (square: Float(-1), group: 0)
    for part in 0..<chunks where best[part].square > found.square { found = best[part] }
    let lanes = squares[found.group]
    let lane = (0..<Self.lanes).first { lanes[$0] == found.square } ?? 0
    return (found.group * Self.lanes + lane, found.square)
  }

  private func square(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    var sum = SIMD8<Float>(repeating: 0)
    var d = 0
    while d + 8 <= dimension {
      let difference =
        UnsafeRawPointer(a + d).loadUnaligned(as: SIMD8<Float>.self)
        - UnsafeRawPointer(b + d).loadUnaligned(as: SIMD8<Float>.self)
      sum += difference * difference
      d += 8
    }
    var total = sum.sum()
    while d < dimension {
      total += (a[d] - b[d]) * (a[d] - b[d])
      d += 1
    }
    return total
  }

  private func update(_ part: Int, _ own: Int, _ radiusSquare: Float) {
    let centre = UnsafePointer(centres + own * dimension)
    let range = part * chunk..<min(groups, (part + 1) * chunk)
    let halfRadius = radiusSquare / (4 * Self.safety)
    var top = (square: Float(-1), group: range.lowerBound)
    for group in range {
      var largest = farthest[group]
      if largest > halfRadius, own == 0 || !isKept(group, largest) {
        measure(group, centre, Int32(own))
        largest = squares[group].max()
        farthest[group] = largest
      }
      if largest > top.square { top = (largest, group) }
    }
    storage.release(range.lowerBound * dimension * Self.lanes..<range.upperBound * dimension * Self.lanes)
    best[part] = top
  }

  /// Whether no point of the group can be nearer to the newest centre than to its own.
  private func isKept(_ group: Int, _ largest: Float) -> Bool {
    let owner = owners[group]
    let present = squares[group]
    var isKept = true
    for lane in 0..<Self.lanes {
      isKept = isKept && 4 * Self.safety * present[lane] <= between[Int(owner[lane])]
    }
    return isKept
  }

  private func measure(_ group: Int, _ centre: UnsafePointer<Float>, _ own: Int32) {
    guard let all = storage.values.baseAddress else { return }
    let present = squares[group]
    let points = UnsafeRawPointer(all + group * dimension * Self.lanes)
    var sum = SIMD8<Float>(repeating: 0)
    var d = 0
    while d < dimension {
      let end = min(dimension, d + Self.stretch)
      while d < end {
        let difference =
          points.load(fromByteOffset: d * Self.lanes * 4, as: SIMD8<Float>.self) - SIMD8(repeating: centre[d])
        sum += difference * difference
        d += 1
      }
      // Squares are never negative, so a sum that has passed the present distance stays above it.
      if !any(sum .< present) { return }
    }
    let isNearer = sum .< present
    squares[group] = present.replacing(with: sum, where: isNearer)
    owners[group] = owners[group].replacing(with: SIMD8(repeating: own), where: isNearer)
  }
}
