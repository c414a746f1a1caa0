/// Regions of a picture as runs of pixels, row by row: 8-neighbourhood, as ``ConnectedComponents``, in memory that grows with the
/// regions' outlines and not with the picture.
public struct RegionRuns: Sendable {
  /// Neighbouring pixels of one row.
  public struct Run: Sendable {
    public let row: Int
    public let columns: Range<Int>
    /// 0..<count, in the order of the regions' first pixels.
    public fileprivate(set) var region: Int
  }

  /// Row by row, from left to right.
  public let runs: [Run]
  public let count: Int

  /// - Parameter isInside: of a pixel, `row * width + column`.
  public init(width: Int, height: Int, isInside: (Int) -> Bool) {
    var found: [(row: Int, columns: Range<Int>)] = []
    for row in 0..<height {
      Self.split(row, 0..<width, { isInside(row * width + $0) }, into: &found)
    }
    self.init(found)
  }

  /// What is left of these regions' pixels.
  /// - Parameter isInside: of a region and a pixel's row and column.
  public func keeping(_ isInside: (Int, Int, Int) -> Bool) -> RegionRuns {
    var found: [(row: Int, columns: Range<Int>)] = []
    for run in runs { Self.split(run.row, run.columns, { isInside(run.region, run.row, $0) }, into: &found) }
    return RegionRuns(found)
  }

  private static func split(
    _ row: Int, _ columns: Range<Int>, _ isInside: (Int) -> Bool, into found: inout [(row: Int, columns: Range<Int>)]
  ) {
    var start: Int?
    for column in columns {
      if isInside(column) {
        start = start ?? column
      } else if let first = start {
        found.append((row, first..<column))
        start = nil
      }
    }
    if let start { found.append((row, start..<columns.upperBound)) }
  }

  private init(_ found: [(row: Int, columns: Range<Int>)]) {
    // Runs that touch are joined, each under the first of its region.
    var parents = Array(found.indices)
    func root(_ run: Int) -> Int {
      var run = run
      while parents[run] != run {
        parents[run] = parents[parents[run]]
        run = parents[run]
      }
      return run
    }
    var above = 0
    for run in found.indices {
      let own = found[run]
      while above < run,
        found[above].row < own.row - 1
          || (found[above].row == own.row - 1 && found[above].columns.upperBound < own.columns.lowerBound)
      {
        above += 1
      }
      var other = above
      while other < run, found[other].row == own.row - 1, found[other].columns.lowerBound <= own.columns.upperBound {
        let (a, b) = (root(run), root(other))
        parents[max(a, b)] = min(a, b)
        other += 1
      }
    }
    var numbers: [Int: Int] = [:]
    runs = found.indices.map { run in
      let first = root(run)
      let number = numbers[first] ?? numbers.count
      numbers[first] = number
      return Run(row: found[run].row, columns: found[run].columns, region: number)
    }
    count = numbers.count
  }
}
