/// Pixel-level figures of anomaly maps against masks, collected image by image in memory that does not grow with their
/// number.
///
/// Scores are sorted into bins by the leading bits of their floating-point form: 11 bits of mantissa, so that two scores
/// count as equal only when they differ by less than 0.05 %. Everything below is exact for scores that are not that close.
public struct SegmentationScores: Sendable {
  /// A sign-free 32-bit float has 31 bits; the leading 20 hold the exponent and 11 (rounded up 12) bits of the mantissa.
  private static let shift: UInt32 = 11
  private static let binCount = 1 << 20

  private var goodPixels: [Int64]
  private var defectPixels: [Int64]
  /// Of each region, the share that lies in the bin, summed over regions.
  private var regionShares: [Double]
  public private(set) var regionCount = 0
  public private(set) var goodCount: Int64 = 0
  public private(set) var defectCount: Int64 = 0
  public private(set) var imageCount = 0

  public init() {
    goodPixels = [Int64](repeating: 0, count: Self.binCount)
    defectPixels = goodPixels
    regionShares = [Double](repeating: 0, count: Self.binCount)
  }

  private static func bin(_ score: Float) -> Int {
    score > 0 ? Int(min(score, .greatestFiniteMagnitude).bitPattern >> shift) : 0
  }

  /// Adds an image.
  /// - Parameters:
  ///   - scores: `[height, width]`, not negative.
  ///   - mask: true where the image shows a defect; all false for a good part.
  ///   - counted: false where a pixel is not judged (outside of the region of interest); nil for all.
  public mutating func add(scores: [Float], mask: [Bool], width: Int, height: Int, counted: [Bool]? = nil) {
    precondition(scores.count == width * height && mask.count == scores.count, "map and mask differ in size")
    imageCount += 1
    guard mask.contains(true) else {
      for (index, score) in scores.enumerated() where counted?[index] ?? true {
        goodPixels[Self.bin(score)] += 1
        goodCount += 1
      }
      return
    }
    let visible = counted.map { counted in mask.indices.map { mask[$0] && counted[$0] } } ?? mask
    let regions = ConnectedComponents(mask: visible, width: width, height: height)
    let weights = regions.areas.map { 1 / Double($0) }
    regionCount += regions.count
    for (index, score) in scores.enumerated() where counted?[index] ?? true {
      let bin = Self.bin(score)
      let region = Int(regions.labels[index])
      if region == 0 {
        goodPixels[bin] += 1
        goodCount += 1
      } else {
        defectPixels[bin] += 1
        defectCount += 1
        regionShares[bin] += weights[region - 1]
      }
    }
  }

  /// Adds what another collection has seen.
  public mutating func merge(_ other: SegmentationScores) {
    for bin in 0..<Self.binCount {
      goodPixels[bin] += other.goodPixels[bin]
      defectPixels[bin] += other.defectPixels[bin]
      regionShares[bin] += other.regionShares[bin]
    }
    regionCount += other.regionCount
    goodCount += other.goodCount
    defectCount += other.defectCount
    imageCount += other.imageCount
  }

  /// Bins from the highest score to the lowest that are not empty.
  private func descending(_ body: (_ good: Double, _ defect: Double, _ share: Double) -> Bool) {
    for bin in stride(from: Self.binCount - 1, through: 0, by: -1) {
      guard goodPixels[bin] > 0 || defectPixels[bin] > 0 else { continue }
      guard body(Double(goodPixels[bin]), Double(defectPixels[bin]), regionShares[bin]) else { return }
    }
  }

  /// Area under the ROC curve over all pixels; nil unless both kinds occur.
  public var rocArea: Double? {
    guard goodCount > 0, defectCount > 0 else { return nil }
    var (found, area) = (0.0, 0.0)
    descending { good, defect, _ in
      area += good * (found + defect / 2)
      found += defect
      return true
    }
    return area / (Double(goodCount) * Double(defectCount))
  }

  /// Average precision over all pixels, without interpolation; nil without defective pixels.
  public var averagePrecision: Double? {
    guard defectCount > 0 else { return nil }
    var (found, alarms, sum) = (0.0, 0.0, 0.0)
    descending { good, defect, _ in
      found += defect
      alarms += good + defect
      sum += defect / Double(defectCount) * found / alarms
      return true
    }
    return sum
  }

  /// Area under the per-region-overlap curve up to a false-positive rate, divided by that rate (Bergmann et al. 2019,
  /// section 4.2, and 2021, section 5.3): at each threshold the mean, over all defective regions, of the share of the
  /// region that is found, against the share of good pixels that are marked. Between two thresholds the curve is a
  /// straight line, also at the limit.
  /// - Parameter limit: 0 < limit <= 1; 0.3 and 0.05 are usual.
  /// - Returns: nil without regions or without good pixels.
  public func perRegionOverlapArea(limit: Double) -> Double? {
    precondition(limit > 0 && limit <= 1, "a false-positive rate of \(limit)")
    guard regionCount > 0, goodCount > 0 else { return nil }
    var (rate, overlap, area) = (0.0, 0.0, 0.0)
    descending { good, _, share in
      let nextRate = rate + good / Double(goodCount)
      let nextOverlap = overlap + share / Double(regionCount)
      if nextRate >= limit, nextRate > rate {
        let atLimit = overlap + (nextOverlap - overlap) * (limit - rate) / (nextRate - rate)
        area += (limit - rate) * (overlap + atLimit) / 2
        rate = limit
        return false
      }
      area += (nextRate - rate) * (overlap + nextOverlap) / 2
      (rate, overlap) = (nextRate, nextOverlap)
      return true
    }
    return min(1, area / limit)
  }

  /// Points (false-positive rate, per-region overlap) up to a rate, at most `count` or so of them.
  public func perRegionOverlapCurve(limit: Double, count: Int = 200) -> [(x: Double, y: Double)] {
    guard regionCount > 0, goodCount > 0 else { return [] }
    var points = [(x: 0.0, y: 0.0)]
    var (rate, overlap) = (0.0, 0.0)
    descending { good, _, share in
      rate += good / Double(goodCount)
      overlap += share / Double(regionCount)
      if rate - points[points.count - 1].x >= limit / Double(count) { points.append((rate, overlap)) }
      return rate < limit
    }
    return points
  }
}
