import AssayBase
import AssayGraph
import AssayLearning
import Testing

/// Patches in memory.
struct MemorySource: PatchSource {
  let grid: PatchSpecification.Grid
  /// `[D, positions]` of each item.
  let maps: [[Float]]
  var count: Int { maps.count }

  func read(_ item: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    _ = buffer.update(fromContentsOf: maps[item])
  }

  var everything: PatchSelection {
    PatchSelection(items: Array(maps.indices), positions: maps.map { _ in nil })
  }

  static func random(_ grid: PatchSpecification.Grid, count: Int, seed: UInt64) -> MemorySource {
    var generator = SplitMix64(seed: seed)
    return MemorySource(
      grid: grid,
      maps: (0..<count).map { _ in (0..<grid.count).map { _ in Float.random(in: -1...1, using: &generator) } })
  }
}

@Suite struct PatchCoreTests {
  private let source = MemorySource.random(.init(channels: 6, height: 3, width: 4), count: 5, seed: 1)

  @Test func rowsAreThePatchesThatTheyComeFrom() {
    let fit = PatchCore(fraction: 0.25).fit(source, source.everything)
    #expect(fit.patchCount == 60 && fit.bank.count == 15 && fit.origins.count == 15)
    for (row, origin) in fit.origins.enumerated() {
      for d in 0..<6 { #expect(fit.bank.rows[row * 6 + d] == source.maps[origin.item][d * 12 + origin.position]) }
    }
  }

  /// Small sets are kept whole, and every row's nearest neighbours come in order, itself first.
  @Test func neighboursByDefinition() {
    let bank = PatchCore().fit(source, source.everything).bank
    #expect(bank.count == 60 && bank.neighbourCount == 9)
    func square(_ a: Int, _ b: Int) -> Float {
      (0..<6).reduce(Float(0)) {
        $0 + (bank.rows[a * 6 + $1] - bank.rows[b * 6 + $1]) * (bank.rows[a * 6 + $1] - bank.rows[b * 6 + $1])
      }
    }
    for row in 0..<60 {
      let expected = (0..<60).sorted { (square(row, $0), $0) < (square(row, $1), $1) }.prefix(9)
      #expect(Array(bank.neighbours[row * 9..<(row + 1) * 9]) == Array(expected))
    }
  }

  @Test func onlyPositionsThatCount() {
    let selection = PatchSelection(items: [1, 3], positions: [[0, 5], [11]])
    let fit = PatchCore(fraction: 1).fit(source, selection)
    #expect(Set(fit.origins.map { "\($0.item) \($0.position)" }) == ["1 0", "1 5", "3 11"])
  }

  /// Wide patches go through the projection, which nearly keeps distances: the same seed gives the same bank.
  @Test func projectionIsReproducible() {
    let wide = MemorySource.random(.init(channels: 300, height: 2, width: 2), count: 12, seed: 4)
    func chosen(_ seed: UInt64) -> [String] {
      PatchCore(fraction: 0.5, seed: seed).fit(wide, wide.everything).origins.map { "\($0.item) \($0.position)" }
    }
    #expect(chosen(7) == chosen(7) && chosen(7) != chosen(8))
  }

  private static func distance(_ a: [Float], _ b: [Float]) -> Float {
    var square: Float = 0
    for d in a.indices { square += (a[d] - b[d]) * (a[d] - b[d]) }
    return square.squareRoot()
  }

  @Test func theStrangeImageIsIsolated() {
    var maps = MemorySource.random(.init(channels: 6, height: 3, width: 4), count: 12, seed: 2).maps
    maps[7][5] += 9
    let source = MemorySource(grid: .init(channels: 6, height: 3, width: 4), maps: maps)
    let fit = PatchCore().fit(source, source.everything)
    let scores = IsolationScores(source, source.everything, images: (0..<12).map { [$0] }, fit: fit, seed: 0)
    #expect(scores.outliers() == [7])
    // By definition: the largest distance of a patch of image 0 from its nearest patch in another image.
    func patch(_ image: Int, _ position: Int) -> [Float] { (0..<6).map { maps[image][$0 * 12 + position] } }
    var expected: Float = 0
    for position in 0..<12 {
      var nearest = Float.infinity
      for image in 1..<12 {
        for other in 0..<12 { nearest = min(nearest, Self.distance(patch(0, position), patch(image, other))) }
      }
      expected = max(expected, nearest)
    }
    #expect(abs(scores.values[0] - Double(expected)) < 1e-4)
  }

  @Test func uncoveredPatchesAreFarFromTheMemoryAndEachOther() {
    let memory = PatchCore().fit(source, source.everything).bank.rows
    let spacing = MemoryCoverage.typicalSpacing(memory, dimension: 6)
    #expect(MemoryCoverage.uncovered(source, source.everything, memory: memory, spacing: spacing).isEmpty)
    var strange = source.maps
    for d in 0..<6 { strange[2][d * 12 + 3] += 5 }
    let changed = MemorySource(grid: source.grid, maps: strange)
    let found = MemoryCoverage.uncovered(changed, changed.everything, memory: memory, spacing: spacing)
    #expect(found.map { "\($0.item) \($0.position)" } == ["2 3"])
  }
}

@Suite struct PaDiMTests {
  /// Two features at one position: mean (1, 2) and sample covariance [[2, 1], [1, 2]] by hand, plus 0.01 on the diagonal.
  @Test func mahalanobisByHand() {
    let points: [(Float, Float)] = [(1 - 1, 2 + 1), (1 + 1, 2 - 1), (1 + 2, 2 + 2), (1 - 2, 2 - 2)]
    // Scatter: xx 1+1+4+4 = 10, yy 10, xy -1-1+4+4 = 6; divided by 3.
    let source = MemorySource(
      grid: .init(channels: 2, height: 1, width: 1), maps: points.map { [$0.0, $0.1] })
    let model = PaDiM().fit(source, items: [0, 1, 2, 3])
    #expect(model.channels == [0, 1] && model.means == [1, 2])
    let (a, b) = (10.0 / 3 + 0.01, 2.0)
    let l11 = a.squareRoot()
    let l21 = b / l11
    let l22 = (a - l21 * l21).squareRoot()
    let expected = [1 / l11, 0, -l21 / (l11 * l22), 1 / l22]
    for (own, value) in zip(model.whitening, expected) { #expect(abs(Double(own) - value) < 1e-6) }
  }

  @Test func featuresAreChosenByTheSeed() {
    let source = MemorySource.random(.init(channels: 30, height: 1, width: 2), count: 4, seed: 3)
    let model = PaDiM(dimension: 5, seed: 2).fit(source, items: [0, 1, 2, 3])
    #expect(model.channels.count == 5 && model.channels == model.channels.sorted())
    #expect(PaDiM(dimension: 5, seed: 2).fit(source, items: [0, 1, 2, 3]).channels == model.channels)
  }

  /// Position by position or all at once: every position is fitted by itself.
  @Test func positionsAreFittedAlikeHoweverManyAtATime() {
    let source = MemorySource.random(.init(channels: 6, height: 3, width: 5), count: 7, seed: 4)
    let whole = PaDiM(dimension: 4, seed: 1).fit(source, items: Array(0..<7))
    for held in [1, 4 * 7 * 2, 4 * 7 * 4] {
      var blockwise = PaDiM(dimension: 4, seed: 1)
      blockwise.heldValues = held
      let found = blockwise.fit(source, items: Array(0..<7))
      #expect(found.means == whole.means && found.whitening == whole.whitening)
    }
  }
}

@Suite struct SubspaceTests {
  /// Patches on a plane in ten dimensions: two components explain them all, and their residual is nothing.
  @Test func aPlaneIsFound() {
    var generator = SplitMix64(seed: 1)
    let axes = (0..<2).map { _ in (0..<10).map { _ in Float.random(in: -1...1, using: &generator) } }
    let offset = (0..<10).map { _ in Float.random(in: -3...3, using: &generator) }
    let maps = (0..<4).map { _ in
      let weights = (0..<9).map { _ in
        (Float.random(in: -2...2, using: &generator), Float.random(in: -1...1, using: &generator))
      }
      return (0..<10).flatMap { d in weights.map { offset[d] + $0.0 * axes[0][d] + $0.1 * axes[1][d] } }
    }
    let source = MemorySource(grid: .init(channels: 10, height: 3, width: 3), maps: maps)
    let (model, explained) = SubspaceModel(variance: 0.9999).fit(source, source.everything)
    #expect(model.componentCount == 2 && explained > 0.9999)
    for i in 0..<2 {
      for j in 0...i {
        let product = (0..<10).reduce(Float(0)) { $0 + model.components[i * 10 + $1] * model.components[j * 10 + $1] }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-4, "orthonormal")
      }
    }
    for position in 0..<9 {
      let x = (0..<10).map { maps[0][$0 * 9 + position] - model.mean[$0] }
      let rest = (0..<2).reduce(x) { rest, i in
        let row = Array(model.components[i * 10..<(i + 1) * 10])
        let share = zip(x, row).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        return zip(rest, row).map { $0 - share * $1 }
      }
      #expect(rest.allSatisfy { abs($0) < 1e-3 })
    }
  }

  /// Independent features of known variance: the components are the axes, the strongest first.
  @Test func componentsComeInOrder() {
    var generator = SplitMix64(seed: 8)
    let widths: [Float] = [0.5, 4, 0.25, 2]
    let maps = (0..<30).map { _ in
      widths.flatMap { width in (0..<100).map { _ in Float.random(in: -width...width, using: &generator) } }
    }
    let source = MemorySource(grid: .init(channels: 4, height: 10, width: 10), maps: maps)
    let (model, explained) = SubspaceModel(variance: 0.98).fit(source, source.everything)
    // Variances are proportional to 16 : 4 : 0.25 : 0.0625.
    #expect(model.componentCount == 2 && abs(explained - 20 / 20.3125) < 0.01)
    #expect(abs(abs(model.components[1]) - 1) < 0.01 && abs(abs(model.components[4 + 3]) - 1) < 0.01)
  }
}
