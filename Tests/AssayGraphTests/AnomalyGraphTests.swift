import AssayBundle
import AssayGraph
import AssayImage
import Testing

@Suite struct RegionOfInterestTests {
  @Test func polygonsAndMasks() {
    func corners(_ points: [(Double, Double)]) -> [PixelPoint] { points.map { PixelPoint(x: $0.0, y: $0.1) } }
    let square = corners([(1, 1), (4, 1), (4, 4), (1, 4)])
    let hole = corners([(2, 2), (3, 2), (3, 3), (2, 3)])
    let region = RegionOfInterest(width: 5, height: 5, include: [square], ignore: [hole])
    let expected = [
      0, 0, 0, 0, 0,
      0, 1, 1, 1, 0,
      0, 1, 0, 1, 0,
      0, 1, 1, 1, 0,
      0, 0, 0, 0, 0,
    ].map { $0 == 1 }
    #expect(region.mask() == expected)
    let runs = RegionOfInterest.runs(of: expected)
    #expect(runs == [6, 3, 2, 1, 1, 1, 2, 3, 6])
    #expect(RegionOfInterest(width: 5, height: 5, runs: runs).mask() == expected)
    #expect(RegionOfInterest(width: 2, height: 1, runs: [0, 2]).mask() == [true, true])
  }
}

@Suite struct PatchSpecificationTests {
  private struct Fake: Backbone {
    let description = BackboneDescription(name: "fake", nativeSize: 64, licence: "", source: "")
    let weightsHash = ""
    let taps = [Tap(name: "a", channels: 3, stride: 8), Tap(name: "b", channels: 5, stride: 16)]
    let defaultTaps = ["a"]
    let patchTaps = ["a", "b"]

    func write(to builder: inout GraphBuilder, image: GraphValue, taps: Set<String>) -> [String: GraphValue] { [:] }
  }

  @Test func theFinestTapDecidesTheGrid() throws {
    let grid = try PatchSpecification(taps: ["b", "a"], width: 96, height: 64).grid(of: Fake())
    #expect(grid == .init(channels: 8, height: 8, width: 12))
  }

  @Test func whatCannotBeReadIsNamed() {
    #expect(throws: ModelError.self) { try PatchSpecification(taps: ["c"], width: 64, height: 64).grid(of: Fake()) }
    #expect(throws: ModelError.self) { try PatchSpecification(taps: ["a"], width: 60, height: 64).grid(of: Fake()) }
    #expect(throws: ModelError.self) {
      try PatchSpecification(taps: ["a"], width: 64, height: 64, neighbourhood: 2).grid(of: Fake())
    }
  }
}
