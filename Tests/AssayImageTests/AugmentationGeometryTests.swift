import AssayImage
import Foundation
import Testing

@Suite struct AugmentationGeometryTests {
  private func geometry(_ change: (inout AugmentationGeometry) -> Void) -> Augmentation {
    .with { change(&$0.geometry) }
  }

  /// 0 ... 15 in rows, as sixteenths.
  private let square = (0..<16).map { Float($0) / 16 }

  @Test func flipsByHand() throws {
    #expect(
      try geometry { $0.flipsHorizontally = true }.plane(of: square, width: 4).map { $0 * 16 }
        == [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12])
    #expect(
      try geometry { $0.flipsVertically = true }.plane(of: square, width: 4).map { $0 * 16 }
        == [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3])
  }

  /// Counter-clockwise, as numpy.rot90 turns.
  @Test(arguments: [
    (1, [3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12]),
    (2, [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
    (3, [12, 8, 4, 0, 13, 9, 5, 1, 14, 10, 6, 2, 15, 11, 7, 3]),
    (4, Array(0..<16)),
  ])
  func turnsByHand(_ turns: Int, _ expected: [Int]) throws {
    let turned = try geometry { $0.quarterTurns = turns }.plane(of: square, width: 4)
    #expect(turned.map { Int($0 * 16) } == expected)
  }

  /// The flip comes first: numpy.rot90(numpy.fliplr(a)).
  @Test func aFlipIsTurned() throws {
    let both = geometry {
      $0.flipsHorizontally = true
      $0.quarterTurns = 1
    }
    #expect(
      try both.plane(of: square, width: 4).map { Int($0 * 16) }
        == [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15])
  }

  /// Every plane, bit by bit, also of sides that no vector fits in.
  @Test(arguments: [1, 2, 5, 17]) func flipsAndTurnsOnlyExchangePixels(_ side: Int) throws {
    let source = AugmentationSource.random(width: side, height: side)
    let original = try Augmentation().input(from: source)
    let count = side * side
    for turns in 0..<4 {
      for flips in [false, true] {
        let output = try geometry {
          $0.quarterTurns = turns
          $0.flipsVertically = flips
        }.input(from: source)
        var wrong = 0
        for y in 0..<side {
          for x in 0..<side {
            // From the definition: out[y][x] of one turn is in[x][side - 1 - y].
            var (row, column) = (y, x)
            for _ in 0..<turns { (row, column) = (column, side - 1 - row) }
            if flips { row = side - 1 - row }
            for start in [0, count, 2 * count]
            where output[start + y * side + x] != original[start + row * side + column] { wrong += 1 }
          }
        }
        #expect(wrong == 0, "\(turns) turns, flips: \(flips)")
      }
    }
  }

  @Test func anOblongIsTurnedUpsideDown() throws {
    let output = try geometry { $0.quarterTurns = 2 }.plane(of: [1, 2, 3, 4, 5, 6].map { $0 / 8 }, width: 3)
    #expect(output.map { $0 * 8 } == [6, 5, 4, 3, 2, 1])
  }

  @Test func ninetyDegreesAreAQuarterTurn() throws {
    let source = AugmentationSource.random(width: 9, height: 9)
    for turns in 1..<4 {
      let turned = try geometry { $0.quarterTurns = turns }.input(from: source)
      let rotated = try geometry { $0.degrees = Double(turns) * 90 }.input(from: source)
      #expect(largestDifference(turned, rotated) < 1e-5)
    }
  }

  /// Two pixels to the right: what comes in is mirrored at the border's edge, c b a | a b c.
  @Test func theBorderIsAMirror() throws {
    let row: [Float] = [0.1, 0.2, 0.4, 0.8]
    #expect(try geometry { $0.shiftX = 0.5 }.plane(of: row, width: 4) == [0.2, 0.1, 0.1, 0.2])
    #expect(try geometry { $0.shiftX = -0.5 }.plane(of: row, width: 4) == [0.4, 0.8, 0.8, 0.4])
    #expect(try geometry { $0.shiftY = 0.25 }.plane(of: row, width: 1) == [0.1, 0.1, 0.2, 0.4])
    // Further than the image is wide.
    #expect(try geometry { $0.shiftX = 2.25 }.plane(of: row, width: 4) == [0.1, 0.1, 0.2, 0.4])
  }

  @Test func halfAPixelIsTheMean() throws {
    let output = try geometry { $0.shiftX = 0.125 }.plane(of: [0.25, 0.5, 1, 0], width: 4)
    #expect(output == [0.25, 0.375, 0.75, 0.5])
  }

  /// Half the sides: output x is at source 0.5 x - 0.25 from the left end, or 1.75 further to the right.
  @Test func cropsByHand() throws {
    let ramp = (0..<4).flatMap { y in (0..<4).map { (x: Int) -> Float in Float(x) / 8 + Float(y) / 16 } }
    let left = try geometry {
      $0.cropShare = 0.5
      $0.cropX = 0
      $0.cropY = 1
    }.plane(of: ramp, width: 4)
    let (columns, rows): ([Float], [Float]) = ([0, 0.25, 0.75, 1.25], [1.75, 2.25, 2.75, 3])
    let expected = rows.flatMap { y in columns.map { x in x / 8 + y / 16 } }
    #expect(largestDifference(left, expected) < 1e-6)
  }

  /// A ramp of twice the size: output x is at source 2 x + 0.5.
  @Test func aLargerSourceIsSeenWhole() throws {
    let values = (0..<64).map { Float($0 % 8) / 8 }
    let source = AugmentationSource(planar: values + values + values, width: 8, height: 8, precision: .float)
    let output = try Augmentation().input(from: source, width: 4, height: 4)
    let expected = (0..<48).map { (i: Int) -> Float in (2 * Float(i % 4) + 0.5) / 8 }
    #expect(output == expected)
  }

  /// 5 x 6 values, and what PyTorch 2.15 and SciPy 1.17 (which agree to 4e-16) make of them:
  ///
  ///     i = numpy.arange(30); s = ((7 * i * i + 3 * i) % 31 / 31).reshape(5, 6)
  ///     t = radians(deg); zx, zy = scale * sqrt(aspect), scale / sqrt(aspect)
  ///     A = [[cos(t), sin(t)], [-sin(t), cos(t)]] @ diag([zx, zy]) @ diag([-1 if flip else 1, 1])
  ///     q = solve(A, [x + .5 - 3 - shift_x * 6, y + .5 - 2.5 - shift_y * 5]); grid[y, x] = q[0] / 3, q[1] / 2.5
  ///     grid_sample(s, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
  ///     scipy.ndimage.map_coordinates(s, [q[1] + 2, q[0] + 2.5], order=1, mode="reflect")
  private let table = (0..<30).map { (i: Int) -> Float in Float((7 * i * i + 3 * i) % 31) / 31 }

  @Test func agreesWithPyTorchAndSciPy() throws {
    let rotated = try geometry {
      $0.degrees = 30
      $0.scale = 1.25
      $0.aspect = 1.21
      $0.shiftX = 0.1
      $0.shiftY = -0.2
    }.plane(of: table, width: 6)
    let expected: [Float] = [
      0.29392, 0.28276, 0.19524, 0.20414, 0.31005, 0.39139, 0.52688, 0.63545, 0.45446, 0.44638, 0.39736, 0.45304,
      0.68152, 0.51090, 0.45145, 0.36945, 0.46001, 0.45829, 0.71359, 0.61838, 0.35395, 0.28015, 0.19879, 0.22383,
      0.88568, 0.69105, 0.50417, 0.41441, 0.17060, 0.23372,
    ]
    #expect(largestDifference(rotated, expected) < 1e-5)

    // So small that 26 of 30 pixels lie beyond the border, some by more than one image.
    let reduced = try geometry {
      $0.flipsHorizontally = true
      $0.degrees = -20
      $0.scale = 0.4
    }.plane(of: table, width: 6)
    let mirrored: [Float] = [
      0.29575, 0.24820, 0.52694, 0.30491, 0.52639, 0.50151, 0.52110, 0.49464, 0.09924, 0.13752, 0.44838, 0.49650,
      0.20174, 0.68234, 0.39132, 0.52152, 0.51187, 0.18102, 0.41499, 0.68930, 0.21417, 0.47723, 0.42842, 0.34121,
      0.11734, 0.49833, 0.56044, 0.84205, 0.27240, 0.73925,
    ]
    #expect(largestDifference(reduced, mirrored) < 1e-5)
  }

  /// Any map and any size, against the definition: bilinear between neighbours of mirrored indices, in double precision.
  @Test func agreesWithTheDefinitionEverywhere() throws {
    var random = SplitMix64(state: 3)
    for _ in 0..<300 {
      let (width, height) = (Int.random(in: 1...23, using: &random), Int.random(in: 1...23, using: &random))
      let source = AugmentationSource.random(
        width: Int.random(in: 1...30, using: &random), height: Int.random(in: 1...30, using: &random))
      var change = AugmentationGeometry()
      change.flipsHorizontally = .random(using: &random)
      change.flipsVertically = .random(using: &random)
      change.quarterTurns = width == height ? .random(in: 0...3, using: &random) : 2
      change.degrees = .random(in: -45...45, using: &random)
      change.scale = .random(in: 0.3...3, using: &random)
      change.aspect = .random(in: 0.5...2, using: &random)
      change.shiftX = .random(in: -2...2, using: &random)
      change.shiftY = .random(in: -2...2, using: &random)
      change.cropShare = .random(in: 0.5...1, using: &random)
      change.cropX = .random(in: 0...1, using: &random)
      change.cropY = .random(in: 0...1, using: &random)
      let output = try geometry { $0 = change }.input(from: source, width: width, height: height)
      let pixels = try Augmentation().input(from: source)
      let expected = (0..<3 * width * height).map { index in
        let place = sourcePlace(change, index % width, index / width % height, width, height)
        return bilinear(
          pixels, index / (width * height), x: place.x * Double(source.width) - 0.5,
          y: place.y * Double(source.height) - 0.5, source)
      }
      #expect(largestDifference(output, expected) < 1e-4)
    }
  }

  /// Where output (x, y) comes from, as shares of the source's sides: the described steps, undone from last to first.
  private func sourcePlace(
    _ change: AugmentationGeometry, _ x: Int, _ y: Int, _ width: Int, _ height: Int
  ) -> (x: Double, y: Double) {
    let (w, h) = (Double(width), Double(height))
    // The window's left end is at cropX of what the window leaves free.
    var u = change.cropX * (1 - change.cropShare) * w + change.cropShare * (Double(x) + 0.5) - w / 2
    var v = change.cropY * (1 - change.cropShare) * h + change.cropShare * (Double(y) + 0.5) - h / 2
    u -= change.shiftX * w
    v -= change.shiftY * h
    let angle = change.degrees * .pi / 180
    // Counter-clockwise as seen, with y downwards, takes (1, 0) to (cos, -sin); back is its transpose.
    (u, v) = (cos(angle) * u - sin(angle) * v, sin(angle) * u + cos(angle) * v)
    u /= change.scale * change.aspect.squareRoot()
    v /= change.scale / change.aspect.squareRoot()
    for _ in 0..<change.quarterTurns { (u, v) = (-v, u) }
    if change.flipsHorizontally { u = -u }
    if change.flipsVertically { v = -v }
    return (u / w + 0.5, v / h + 0.5)
  }

  private func bilinear(_ pixels: [Float], _ plane: Int, x: Double, y: Double, _ source: AugmentationSource) -> Float {
    func mirrored(_ index: Int, _ count: Int) -> Int {
      var index = index
      while !(0..<count).contains(index) { index = index < 0 ? -1 - index : 2 * count - 1 - index }
      return index
    }
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    var sum = 0.0
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
      let weight = (1 - abs(x - left - Double(dx))) * (1 - abs(y - top - Double(dy)))
      let row = mirrored(Int(top) + dy, source.height)
      let column = mirrored(Int(left) + dx, source.width)
      sum += weight * Double(pixels[(plane * source.height + row) * source.width + column])
    }
    return Float(sum)
  }

  @Test func aPlaneStaysAPlaneUnderRotation() throws {
    let side = 33
    let values = (0..<side * side).map { (i: Int) -> Float in Float(i % side) / 99 + Float(i / side) / 66 }
    let output = try geometry { $0.degrees = 10 }.plane(of: values, width: side)
    let (s, c) = (Float(0.173_648_18), Float(0.984_807_75))
    for y in 8..<25 {
      for x in 8..<25 {
        let (dx, dy) = (Float(x - 16), Float(y - 16))
        // Counter-clockwise as seen: what is at the right comes from below the middle line of the source.
        let expected: Float = (16 + c * dx - s * dy) / 99 + (16 + s * dx + c * dy) / 66
        #expect(abs(output[y * side + x] - expected) < 1e-5)
      }
    }
  }
}
