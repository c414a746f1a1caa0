import AssayMetrics
import Testing

@Suite struct RegionRunsTests {
  private struct Pixel: Hashable {
    let row: Int
    let column: Int
  }

  /// Regions by flooding, in the order of their first pixels.
  private func flooded(_ mask: Int, width: Int, height: Int) -> [Set<Pixel>] {
    func isInside(_ pixel: Pixel) -> Bool { mask >> (pixel.row * width + pixel.column) & 1 == 1 }
    var seen: Set<Pixel> = []
    var regions: [Set<Pixel>] = []
    for row in 0..<height {
      for column in 0..<width {
        let start = Pixel(row: row, column: column)
        guard isInside(start), !seen.contains(start) else { continue }
        var region: Set<Pixel> = []
        var open = [start]
        while let pixel = open.popLast() {
          guard (0..<height).contains(pixel.row), (0..<width).contains(pixel.column), isInside(pixel),
            seen.insert(pixel).inserted
          else { continue }
          region.insert(pixel)
          for dy in -1...1 { for dx in -1...1 { open.append(Pixel(row: pixel.row + dy, column: pixel.column + dx)) } }
        }
        regions.append(region)
      }
    }
    return regions
  }

  /// Every picture of 3 x 4 and 5 x 2 pixels.
  @Test(arguments: [(3, 4), (5, 2)])
  func regionsAreThoseOfFlooding(_ width: Int, _ height: Int) {
    for mask in 0..<1 << (width * height) {
      let runs = RegionRuns(width: width, height: height) { mask >> $0 & 1 == 1 }
      var found = [Set<Pixel>](repeating: [], count: runs.count)
      for run in runs.runs {
        for column in run.columns { found[run.region].insert(Pixel(row: run.row, column: column)) }
      }
      guard found == flooded(mask, width: width, height: height) else {
        Issue.record("\(String(mask, radix: 2)) of \(width) x \(height): \(found)")
        return
      }
    }
  }

  @Test func whatIsKeptIsDividedAgain() {
    // A bar of five pixels without its middle.
    let runs = RegionRuns(width: 5, height: 1) { _ in true }
    let kept = runs.keeping { region, row, column in region == 0 && row == 0 && column != 2 }
    #expect(runs.count == 1 && kept.count == 2)
    #expect(kept.runs.map(\.columns) == [0..<2, 3..<5])
  }
}
