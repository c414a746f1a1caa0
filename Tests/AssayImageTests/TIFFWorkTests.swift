import AssayImage
import Testing

/// What a TIFF's directory can ask for is bounded before it is done.
@Suite struct TIFFWorkTests {
  private func refusal(_ bytes: [UInt8]) -> ImageError? {
    #expect(throws: ImageError.self) { try ImageFile.decode(bytes, name: "part.tif") }
  }

  @Test func stripsAndTilesAreRead() throws {
    // Two strips of one row, and two tiles of which the second reaches beyond the page.
    let strips = MadeFile.tiff(width: 3, height: 2, rowsPerStrip: 1, blocks: [[1, 2, 3], [4, 5, 6]])
    #expect(try ImageFile.decode(strips, name: "part.tif").uint8 == [1, 2, 3, 4, 5, 6])
    let rows = [UInt8](repeating: 0, count: 16 * 15)
    let tiles = MadeFile.tiff(
      width: 18, height: 1, tile: (16, 16), blocks: [(1...16).map { $0 } + rows, (17...32).map { $0 } + rows])
    #expect(try ImageFile.decode(tiles, name: "part.tif").uint8 == (1...18).map { $0 })
  }

  /// 700,000 tiles of one pixel.
  @Test func aPageOfTinyTilesIsRefused() throws {
    let error = try #require(refusal(MadeFile.tiff(width: 1_000, height: 700, tile: (1, 1), blocks: [[0], [0]])))
    #expect(error.reason == .tooLarge)
    #expect(error.cause.contains("700000 blocks of 1 x 1 pixels"), "\(error)")
  }

  /// Every one of 64 tiles is the same 100,000 bytes of the file, which would be read 64 times.
  @Test func blocksThatOverlapAreRefused() throws {
    let block = [UInt8](repeating: 0, count: 100_000)
    let error = try #require(
      refusal(MadeFile.tiff(width: 128, height: 128, tile: (16, 16), sharedBlock: (block, count: 64))))
    #expect(error.reason == .corrupt && error.cause.contains("6400000 bytes"), "\(error)")
  }

  /// A tile may be larger than the page, but not out of all proportion: 65,536 x 65,536 for one pixel.
  @Test func aTileOutOfProportionIsRefused() throws {
    let error = try #require(refusal(MadeFile.tiff(width: 1, height: 1, tile: (65_536, 65_536))))
    #expect(error.reason == .corrupt && error.cause.contains("4294967296 bytes"), "\(error)")
  }

  /// Scans inside a block are counted like those of a file.
  @Test func scansOfABlockAreCounted() throws {
    let scans = [[UInt8]](repeating: [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x7F], count: 101).joined()
    let bytes = MadeFile.tiff(
      width: 4_000, height: 4_000, compression: 7, blocks: [[0xFF, 0xD8] + Array(scans) + [0xFF, 0xD9]])
    let error = try #require(refusal(bytes))
    #expect(error.reason == .tooLarge)
    #expect(error.cause.hasPrefix("TIFF goes 101 times through its 4000 x 4000 pixels"), "\(error)")
  }
}
