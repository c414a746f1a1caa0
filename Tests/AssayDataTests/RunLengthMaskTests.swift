import AssayData
import AssayImage
import AssayTestSupport
import Testing

@Suite struct RunLengthMaskTests {
  private func failure(_ make: () throws -> RunLengthMask) -> String? {
    do {
      _ = try make()
      return nil
    } catch { return (error as? RunLengthMask.Failure)?.cause ?? "\(error)" }
  }

  /// The competition: "pixels are one-indexed and numbered from top to bottom, then left to right".
  @Test func severstalCountsDownTheColumns() throws {
    let mask = try RunLengthMask(startsAndLengths: "2 1 4 2", width: 3, height: 2)
    let sample = Sample(path: "", name: "", labels: ["1"], regions: [.init(label: "1", shape: .runs(mask))])
    // Columns: (-, x), (-, x), (x, -).
    #expect(try sample.markedPixels(width: 3, height: 2) == [false, false, true, true, true, false])
    let full = try RunLengthMask(startsAndLengths: "1 409600", width: 1600, height: 256)
    #expect(full.area == 409_600)
  }

  @Test func runsThatCannotBe() {
    func text(_ runs: String) -> String? {
      failure { try RunLengthMask(startsAndLengths: runs, width: 1600, height: 256) }
    }
    #expect(text("1 2 3")?.contains("pairs") == true)
    #expect(text("1 x")?.contains("whole numbers") == true)
    #expect(text("0 3")?.contains("start at 1") == true)
    #expect(text("5 0")?.contains("at least 1") == true)
    #expect(text("5 -3") != nil)
    #expect(text("409600 2")?.contains("beyond") == true)
    #expect(text("9223372036854775807 9223372036854775807")?.contains("beyond") == true)
    #expect(text("2 9223372036854775807")?.contains("beyond") == true)
    #expect(text("99999999999999999999 1")?.contains("whole numbers") == true)
    #expect(text("10 5 14 2")?.contains("overlaps") == true)
    #expect(text("10 5 3 2")?.contains("comes too late") == true)
    #expect(text("10 5 15 2") == nil, "runs may touch")
    #expect(failure { try RunLengthMask(startsAndLengths: "1 1", width: 0, height: 5) } != nil)
    #expect(failure { try RunLengthMask(startsAndLengths: "1 1", width: .max, height: 2) } != nil)
  }

  @Test func countsMustCoverTheFrame() {
    func counts(_ counts: [Int], isComplete: Bool = true) -> String? {
      failure { try RunLengthMask(counts: counts, width: 4, height: 3, order: .rows, isComplete: isComplete) }
    }
    #expect(counts([2, 3, 7]) == nil && counts([0, 12]) == nil)
    #expect(counts([2, 3, 6])?.contains("11 pixels") == true)
    #expect(counts([2, 3], isComplete: false) == nil)
    #expect(counts([2, 11])?.contains("more than the 12") == true)
    #expect(counts([2, -1, 11])?.contains("negative") == true)
    #expect(counts([.max, .max]) != nil)
  }

  /// pycocotools 2.0.11: `m = np.zeros((5, 7), np.uint8, order="F"); m[1:4, 2:5] = 1; m[4, 6] = 1; mask.encode(m)["counts"]`
  /// gives b";320008N"; its counts are 11, 3, 2, 3, 2, 3, 10, 1.
  @Test func cocoCompressed() throws {
    let mask = try RunLengthMask(compressed: ";320008N", width: 7, height: 5)
    let plain = try RunLengthMask(
      counts: [11, 3, 2, 3, 2, 3, 10, 1], width: 7, height: 5, order: .columns, isComplete: true)
    #expect(mask == plain)
    let sample = Sample(path: "", name: "", regions: [.init(label: "a", shape: .runs(mask))])
    let marked = try #require(try sample.markedPixels(width: 7, height: 5))
    for row in 0..<5 {
      for column in 0..<7 {
        let expected = ((1..<4).contains(row) && (2..<5).contains(column)) || (row == 4 && column == 6)
        #expect(marked[row * 7 + column] == expected)
      }
    }
    for text in ["", ";32", ";320008M", "~~~~", "ooooooooooooooo", "o", "é"] {
      #expect(failure { try RunLengthMask(compressed: text, width: 7, height: 5) } != nil, "\(text)")
    }
    // Many lengths, each as large as one may be, must not overflow in the sums.
    let hostile = String(repeating: "ooooooooo0", count: 20_000)
    #expect(failure { try RunLengthMask(compressed: hostile, width: 7, height: 5) } != nil)
  }

  /// label-studio-converter 0.0.59: `brush.mask2rle(np.pad(np.full((2, 2), 255, np.uint8), ((0, 1), (1, 0))))`.
  @Test func labelStudioBrush() throws {
    let bytes = Self.packed([0, 255, 255, 0, 255, 255, 0, 0, 0])
    let mask = try RunLengthMask(packed: bytes, width: 3, height: 3)
    #expect(mask.runs == [1..<3, 4..<6] && mask.order == .rows)
    #expect(failure { try RunLengthMask(packed: bytes, width: 3, height: 4) }?.contains("36 values") == true)
    for end in 0..<bytes.count {
      #expect(failure { try RunLengthMask(packed: Array(bytes[..<end]), width: 3, height: 3) } != nil)
    }
    #expect(
      failure { try RunLengthMask(packed: [0, 0, 0, 36, 0x3B, 0xFF, 0xFF, 0xFF, 0xFF], width: 3, height: 3) } != nil)
  }

  /// Packs gray values as RGBA, by rle-pack's definition: 32 bits count, 5 bits word size - 1, four sizes of lengths - 1, then
  /// runs of equal values (1, which size, length - 1, value).
  static func packed(_ gray: [UInt8]) -> [UInt8] {
    var bits: [UInt8] = []
    func put(_ value: Int, _ count: Int) { bits += (0..<count).map { UInt8(value >> (count - 1 - $0) & 1) } }
    let values = gray.flatMap { [$0, $0, $0, $0] }
    put(values.count, 32)
    put(7, 5)
    for size in [3, 4, 8, 16] { put(size - 1, 4) }
    var start = 0
    while start < values.count {
      let end = values[start...].firstIndex { $0 != values[start] } ?? values.count
      put(1, 1)
      put(3, 2)
      put(end - start - 1, 16)
      put(Int(values[start]), 8)
      start = end
    }
    while bits.count % 8 != 0 { bits.append(0) }
    return stride(from: 0, to: bits.count, by: 8).map { at in bits[at..<at + 8].reduce(0) { $0 << 1 | $1 } }
  }
}

@Suite struct RegionShapeTests {
  private func marked(_ shape: AnnotatedRegion.Shape) throws -> [Int] {
    let sample = Sample(path: "", name: "", regions: [.init(label: "a", shape: shape)])
    let pixels = try #require(try sample.markedPixels(width: 5, height: 4))
    return pixels.indices.filter { pixels[$0] }
  }

  /// A pixel counts when its centre is inside.
  @Test func boxesAndPolygons() throws {
    #expect(try marked(.box(PixelRectangle(x: 1, y: 1, width: 2, height: 1))) == [6, 7])
    #expect(try marked(.box(PixelRectangle(x: 0.6, y: 0.4, width: 1, height: 0.2))) == [1], "its centre at 1.5, 0.5")
    #expect(try marked(.box(PixelRectangle(x: -5, y: 3, width: 100, height: 100))) == [15, 16, 17, 18, 19])
    let square = [PixelPoint(x: 1, y: 1), PixelPoint(x: 3, y: 1), PixelPoint(x: 3, y: 3), PixelPoint(x: 1, y: 3)]
    #expect(try marked(.polygons([square])) == [6, 7, 11, 12])
    #expect(try marked(.polygons([square.reversed()])) == [6, 7, 11, 12])
    let triangle = [PixelPoint(x: 0, y: 0), PixelPoint(x: 4, y: 0), PixelPoint(x: 0, y: 4)]
    #expect(try marked(.polygons([triangle])) == [0, 1, 2, 5, 6, 10])
    let far = [PixelPoint(x: -1e300, y: -1e300), PixelPoint(x: 1e300, y: -1e300), PixelPoint(x: 0, y: 1e300)]
    #expect(try marked(.polygons([far])).count == 20)
  }

  @Test func masksOfAnotherSizeAreRefused() throws {
    let folder = TemporaryFolder()
    folder.picture("m.png", seed: 1)
    #expect(throws: ImageError.self) { try marked(.file(folder.path + "/m.png")) }
    #expect(throws: ImageError.self) { try marked(.file(folder.path + "/none.png")) }
    #expect(try Sample(path: "", name: "").markedPixels(width: 5, height: 4) == nil)
  }
}
