import AssayImage
import Testing

@Suite struct TilingTests {
  @Test(arguments: [(100, 64), (64, 64), (30, 20), (4096, 3000), (65, 640)])
  func tilesCoverThePhotographAndOwnItOnce(width: Int, height: Int) {
    let tiling = Tiling(size: 64, overlap: 16)
    let tiles = tiling.tiles(width: width, height: height)
    let area = tiles.reduce(0.0) { $0 + $1.owned.width * $1.owned.height }
    #expect(abs(area - Double(width * height)) < 1e-6)
    for tile in tiles {
      #expect(tile.x >= 0 && tile.y >= 0)
      #expect(width < 64 ? tile.x == 0 : tile.x + 64 <= width)
      #expect(height < 64 ? tile.y == 0 : tile.y + 64 <= height)
      #expect(tile.owned.x >= Double(tile.x) && tile.owned.x + tile.owned.width <= Double(tile.x + 64))
    }
    let columns = Set(tiles.map(\.x)).sorted()
    for (a, b) in zip(columns, columns.dropFirst()) { #expect(b - a <= 48, "neighbours share 16 pixels at least") }
  }

  @Test func pixelsAreTakenAsTheyAre() {
    let pixels = (0..<6 * 4).map { UInt16($0 * 1000) }
    let image = Image(width: 6, height: 4, channels: 1, samples: .uint16(pixels))
    let tiling = Tiling(size: 3, overlap: 1)
    let tile = tiling.tiles(width: 6, height: 4)[1]
    #expect(tile.y == 0)
    var cut = [Float](repeating: -1, count: 27)
    cut.withUnsafeMutableBufferPointer { tiling.cut(tile, of: image, white: 65_535, into: $0) }
    for c in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 { #expect(cut[c * 9 + y * 3 + x] == Float(y * 6 + tile.x + x) * 1000 / 65_535) }
      }
    }
  }

  @Test func aSmallPhotographIsContinuedByItsEdge() {
    let image = Image(width: 2, height: 1, channels: 1, samples: .uint8([10, 20]))
    let tiling = Tiling(size: 4, overlap: 1)
    let tiles = tiling.tiles(width: 2, height: 1)
    #expect(tiles.count == 1)
    var cut = [Float](repeating: 0, count: 48)
    cut.withUnsafeMutableBufferPointer { tiling.cut(tiles[0], of: image, white: 65_535, into: $0) }
    #expect(cut[0..<4].map { ($0 * 255).rounded() } == [10, 20, 20, 20] && cut[12] == cut[0])
  }
}
