public import AssayGraph
public import AssayImage

/// The part of a manifest that belongs to anomaly detection.
public struct AnomalyModel: Codable, Sendable, Equatable {
  /// Scores of parts that the model had not seen, from which thresholds are set.
  public struct Calibration: Codable, Sendable, Equatable {
    /// Of each part.
    public var scores: [Double]
    /// Largest value of each part's map.
    public var peaks: [Double]
    public var isDefect: [Bool]
    /// How many models the scores come from: 1 for parts set aside, more for cross-fitting.
    public var folds: Int

    public init(scores: [Double], peaks: [Double], isDefect: [Bool], folds: Int) {
      self.scores = scores
      self.peaks = peaks
      self.isDefect = isDefect
      self.folds = folds
    }

    public var goodScores: [Double] { zip(scores, isDefect).filter { !$0.1 }.map(\.0) }
    public var goodPeaks: [Double] { zip(peaks, isDefect).filter { !$0.1 }.map(\.0) }
  }

  /// Scores of parts that took no part in training, nor in setting the threshold.
  public struct Tested: Codable, Sendable, Equatable {
    /// Of each part.
    public var scores: [Double]
    public var isDefect: [Bool]

    public init(scores: [Double], isDefect: [Bool]) {
      self.scores = scores
      self.isDefect = isDefect
    }
  }

  /// An image of the training set that is unlike the others.
  public struct Isolated: Codable, Sendable, Equatable {
    public var name: String
    /// Largest distance of one of its patches from those of the other images.
    public var isolation: Double
    /// Whether it was left out of training.
    public var isDropped: Bool

    public init(name: String, isolation: Double, isDropped: Bool) {
      self.name = name
      self.isolation = isolation
      self.isDropped = isDropped
    }
  }

  /// `patchcore`, `padim` or `subspace`.
  public var method: String
  public var patches: PatchSpecification
  public var grid: PatchSpecification.Grid
  public var tiling: Tiling?
  /// Standard deviation of the map's smoothing in pixels of the input.
  public var smoothing: Double
  /// The score is the mean of this share of the largest distances; nil for the method's own.
  public var scoreShare: Double?
  public var region: RegionOfInterest?
  /// Rows of the memory bank, and patches of which they were chosen.
  public var memoryRows: Int?
  public var patchCount: Int
  /// Distance within which every training patch had a row, in the space in which they were chosen.
  public var coverage: Double?
  /// Map values at or above this are shown as defective; nil without a threshold.
  public var mapThreshold: Double?
  public var calibration: Calibration
  /// A proven bound of the overkill rate, when the threshold was set by one; nil otherwise.
  public var guarantee: Double?
  public var isolated: [Isolated]
  /// What a threshold lets pass, where defects were tested; nil where none were, in bundles of earlier versions, and when
  /// the memory has changed since.
  public var tested: Tested?

  public init(
    method: String, patches: PatchSpecification, grid: PatchSpecification.Grid, tiling: Tiling?, smoothing: Double,
    scoreShare: Double?, region: RegionOfInterest?, memoryRows: Int?, patchCount: Int, coverage: Double?,
    mapThreshold: Double?,
    calibration: Calibration, guarantee: Double?, isolated: [Isolated],
    tested: Tested? = nil
  ) {
    self.method = method
    self.patches = patches
    self.grid = grid
    self.tiling = tiling
    self.smoothing = smoothing
    self.scoreShare = scoreShare
    self.region = region
    self.memoryRows = memoryRows
    self.patchCount = patchCount
    self.coverage = coverage
    self.mapThreshold = mapThreshold
    self.calibration = calibration
    self.guarantee = guarantee
    self.isolated = isolated
    self.tested = tested
  }
}

/// Which part of a photograph is judged.
public struct RegionOfInterest: Codable, Sendable, Equatable {
  /// Size in pixels of the photographs that the coordinates belong to; other sizes are scaled to it.
  public var width: Int
  public var height: Int
  /// Polygons of which one must contain a place; empty for everywhere. Corners in pixels.
  public var include: [[PixelPoint]]
  /// Polygons of which none may contain it.
  public var ignore: [[PixelPoint]]
  /// Runs of pixels that a mask leaves open, row by row: lengths of closed and open runs in turn, beginning with closed;
  /// nil without a mask.
  public var runs: [Int]?

  public init(
    width: Int, height: Int, include: [[PixelPoint]] = [], ignore: [[PixelPoint]] = [], runs: [Int]? = nil
  ) {
    self.width = width
    self.height = height
    self.include = include
    self.ignore = ignore
    self.runs = runs
  }

  /// `[height, width]`, true where parts are judged.
  public func mask() -> [Bool] {
    var result = [Bool](repeating: true, count: width * height)
    if let runs {
      var position = 0
      var isOpen = false
      for length in runs {
        let end = min(result.count, position + max(0, length))
        for index in position..<end { result[index] = isOpen }
        position = end
        isOpen.toggle()
      }
      for index in position..<result.count { result[index] = false }
    }
    guard !include.isEmpty || !ignore.isEmpty else { return result }
    for y in 0..<height {
      for x in 0..<width where result[y * width + x] {
        let point = PixelPoint(x: Double(x) + 0.5, y: Double(y) + 0.5)
        let isIncluded = include.isEmpty || include.contains { Self.contains($0, point) }
        result[y * width + x] = isIncluded && !ignore.contains { Self.contains($0, point) }
      }
    }
    return result
  }

  /// Lengths of the runs of a mask.
  public static func runs(of mask: [Bool]) -> [Int] {
    var runs: [Int] = []
    var current = false
    var length = 0
    for value in mask {
      if value == current {
        length += 1
      } else {
        runs.append(length)
        current = value
        length = 1
      }
    }
    return runs + [length]
  }

  /// The even-odd rule.
  private static func contains(_ polygon: [PixelPoint], _ point: PixelPoint) -> Bool {
    guard var last = polygon.last else { return false }
    var isInside = false
    for corner in polygon {
      if (corner.y > point.y) != (last.y > point.y) {
        let x = corner.x + (point.y - corner.y) / (last.y - corner.y) * (last.x - corner.x)
        if point.x < x { isInside.toggle() }
      }
      last = corner
    }
    return isInside
  }
}
