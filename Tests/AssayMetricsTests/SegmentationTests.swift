import AssayMetrics
import Testing

@Suite struct ConnectedComponentsTests {
  @Test func cornersTouch() {
    let mask = [
      1, 0, 0, 1,
      0, 1, 0, 0,
      0, 0, 0, 0,
      1, 1, 0, 1,
    ].map { $0 == 1 }
    let components = ConnectedComponents(mask: mask, width: 4, height: 4)
    #expect(components.areas == [2, 1, 2, 1])
    #expect(components.labels == [1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 3, 3, 0, 4])
  }

  @Test func aRingIsOneRegion() {
    let mask = [1, 1, 1, 1, 0, 1, 1, 1, 1].map { $0 == 1 }
    #expect(ConnectedComponents(mask: mask, width: 3, height: 3).areas == [8])
  }
}

@Suite struct SegmentationScoresTests {
  /// Two regions on 4 x 4 pixels: four pixels (upper left) and one (lower right), eleven good ones.
  private static let mask = [
    1, 1, 0, 0,
    1, 1, 0, 0,
    0, 0, 0, 0,
    0, 0, 0, 1,
  ].map { $0 == 1 }

  /// By hand: at a threshold of 9 half of the large region is found (overlap (1/2 + 0)/2 = 1/4) without a false alarm; at 8
  /// one good pixel of 11 joins; at 7 the small region (1/4 + 1/2 = 3/4); at 6 the rest of the large one (1) together with
  /// one more good pixel; everything else scores 1.
  private static let scores: [Float] = [
    9, 9, 8, 1,
    6, 6, 1, 1,
    1, 6, 1, 1,
    1, 1, 1, 7,
  ]

  private func collected(_ scores: [Float]) -> SegmentationScores {
    var result = SegmentationScores()
    result.add(scores: scores, mask: Self.mask, width: 4, height: 4)
    return result
  }

  @Test func perRegionOverlapByHand() throws {
    let found = collected(Self.scores)
    #expect(found.regionCount == 2 && found.goodCount == 11 && found.defectCount == 5)
    // Corners (0, 1/4), (1/11, 1/4), (1/11, 3/4), (2/11, 1), (1, 1); up to 0.05 < 1/11 it is flat.
    #expect(abs(try #require(found.perRegionOverlapArea(limit: 0.05)) - 0.25) < 1e-12)
    let upTo = 1.0 / 11 * 0.25 + 1.0 / 11 * (0.75 + 1) / 2 + (0.3 - 2.0 / 11)
    #expect(abs(try #require(found.perRegionOverlapArea(limit: 0.3)) - upTo / 0.3) < 1e-12)
    // Between two corners the limit cuts a straight line: at 1.5/11 the overlap is 0.875.
    let cut = (1.0 / 11 * 0.25 + 0.5 / 11 * (0.75 + 0.875) / 2) / (1.5 / 11)
    #expect(abs(try #require(found.perRegionOverlapArea(limit: 1.5 / 11)) - cut) < 1e-12)
  }

  @Test func perfectAndUselessMaps() throws {
    let perfect = collected(Self.mask.map { $0 ? 2 : 1 })
    #expect(perfect.perRegionOverlapArea(limit: 0.3) == 1 && perfect.rocArea == 1 && perfect.averagePrecision == 1)
    let flat = collected([Float](repeating: 0.5, count: 16))
    #expect(flat.rocArea == 0.5)
    // One straight line from (0, 0) to (1, 1): the area up to 0.3 is 0.3² / 2.
    #expect(abs(try #require(flat.perRegionOverlapArea(limit: 0.3)) - 0.15) < 1e-12)
  }

  @Test func whatIsMissing() {
    var good = SegmentationScores()
    good.add(scores: [1, 2], mask: [false, false], width: 2, height: 1)
    #expect(good.perRegionOverlapArea(limit: 0.3) == nil && good.rocArea == nil && good.averagePrecision == nil)
  }

  @Test func pixelsOutsideOfTheRegionOfInterestDoNotCount() {
    var found = SegmentationScores()
    var counted = [Bool](repeating: true, count: 16)
    counted[15] = false
    found.add(scores: Self.scores, mask: Self.mask, width: 4, height: 4, counted: counted)
    #expect(found.regionCount == 1 && found.defectCount == 4 && found.goodCount == 11)
  }

  // a = lcg(48, 1), b = lcg(48, 2), rounded to 1/100; regions of 6 and 2 pixels (touching at a corner) in the first of two
  // 6 x 8 maps, 0.2 higher there. With numpy and scikit-learn 1.9:
  //   roc_auc_score(y, s), average_precision_score(y, s)
  // and AU-PRO over np.unique(s)[::-1] with np.interp at the limit.
  @Test func agreesWithScikitLearn() throws {
    func noise(_ seed: Int) -> [Double] {
      var state = seed
      return (0..<48).map { _ in
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        return (Double(state) / 2_147_483_648 * 100).rounded(.toNearestOrEven) / 100
      }
    }
    var mask = [Bool](repeating: false, count: 48)
    for y in 1..<3 { for x in 1..<4 { mask[y * 8 + x] = true } }
    mask[4 * 8 + 6] = true
    mask[5 * 8 + 7] = true
    let first = zip(noise(1), mask).map { Float((($0 + ($1 ? 0.2 : 0)) * 100).rounded(.toNearestOrEven) / 100) }
    var one = SegmentationScores()
    one.add(scores: first, mask: mask, width: 8, height: 6)
    var two = SegmentationScores()
    two.add(scores: noise(2).map { Float($0) }, mask: [Bool](repeating: false, count: 48), width: 8, height: 6)
    one.merge(two)
    #expect(one.imageCount == 2)
    #expect(abs(try #require(one.rocArea) - 0.609375) < 1e-9)
    #expect(abs(try #require(one.averagePrecision) - 0.15212351531001414) < 1e-9)
    #expect(abs(try #require(one.perRegionOverlapArea(limit: 0.3)) - 0.18055555555555555) < 1e-9)
    #expect(abs(try #require(one.perRegionOverlapArea(limit: 0.05)) - 0.03409090909090909) < 1e-9)
    #expect(abs(try #require(one.perRegionOverlapArea(limit: 1)) - 0.5729166666666666) < 1e-9)
  }
}
