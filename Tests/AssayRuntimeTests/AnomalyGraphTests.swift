import AssayBase
import AssayGraph
import AssayLearning
import AssayRuntime
import Testing

/// The graph's nodes against the definitions, computed plainly in double precision.
@Suite struct AnomalyEndingTests {
  private static let grid = PatchSpecification.Grid(channels: 20, height: 5, width: 6)
  private static let specification = PatchSpecification(taps: ["x"], width: 48, height: 40)

  private static func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
  }

  private static func run(_ ending: AnomalyGraph.Ending, _ patches: [Float]) throws -> [String: [Float]] {
    let model = AnomalyGraph.endingOnly(specification, grid: grid, ending)
    let answers = try EngineKind.allCases.map { kind in
      try Network(
        onnx: model.serialized(), inputShape: [1, grid.channels, grid.height, grid.width], mode: .latency,
        engines: Engines(kind)
      ).run(patches).mapValues(\.values)
    }
    // Every engine computes the same; which of them is compared with the definition does not matter.
    for answer in answers.dropFirst() {
      for (name, values) in answers[0] {
        for (own, other) in zip(values, try #require(answer[name])) { #expect(abs(own - other) < 1e-4, "\(name)") }
      }
    }
    return answers[0]
  }

  private static func patch(_ map: [Float], _ position: Int) -> [Double] {
    (0..<grid.channels).map { Double(map[$0 * grid.positions + position]) }
  }

  private static func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// Roth et al. 2022, equations 6 and 7.
  @Test(arguments: [true, false])
  func memoryBank(isReweighted: Bool) throws {
    let rows = Self.noise(70 * 20, seed: 1)
    let bank = MemoryBank(fitting: rows, dimension: 20, isReweighted: isReweighted)
    let map = Self.noise(Self.grid.count, seed: 2)
    let found = try Self.run(.init(scoring: bank), map)
    let members = (0..<70).map { row in (0..<20).map { Double(rows[row * 20 + $0]) } }
    let nearest = (0..<Self.grid.positions).map { position -> (distance: Double, row: Int) in
      let all = members.map { Self.distance($0, Self.patch(map, position)) }
      let row = all.indices.min { all[$0] < all[$1] } ?? 0
      return (all[row], row)
    }
    let distances = try #require(found["distances"])
    for (own, expected) in zip(distances, nearest) { #expect(abs(Double(own) - expected.distance) < 1e-4) }
    let top = nearest.indices.max { nearest[$0].distance < nearest[$1].distance } ?? 0
    var expected = nearest[top].distance
    if isReweighted {
      let around = (0..<70).sorted {
        Self.distance(members[nearest[top].row], members[$0]) < Self.distance(members[nearest[top].row], members[$1])
      }.prefix(9)
      let query = Self.patch(map, top)
      let shares = around.map { Self.exponential(Self.distance(query, members[$0])) }
      expected *= 1 - shares[0] / shares.reduce(0, +)
    }
    #expect(abs(Double(try #require(found["score"])[0]) - expected) < 1e-4)
  }

  private static func exponential(_ x: Double) -> Double {
    // A series is enough for distances of a few units.
    var (term, sum) = (1.0, 1.0)
    for n in 1..<80 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  @Test func gaussians() throws {
    let d = 3
    let channels = [2, 7, 19]
    let means = Self.noise(Self.grid.positions * d, seed: 3)
    let whitening = Self.noise(Self.grid.positions * d * d, seed: 4)
    let map = Self.noise(Self.grid.count, seed: 5)
    let model = PatchGaussians(channels: channels, means: means, whitening: whitening)
    let found = try Self.run(.init(scoring: model, smoothing: 0), map)
    let distances = try #require(found["distances"])
    for position in 0..<Self.grid.positions {
      let x = channels.enumerated().map { Double(map[$1 * Self.grid.positions + position] - means[position * d + $0]) }
      let y = (0..<d).map { i in (0..<d).reduce(0.0) { $0 + Double(whitening[(position * d + i) * d + $1]) * x[$1] } }
      let expected = y.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(Double(distances[position]) - expected) < 1e-4 * max(1, expected))
    }
    // The image's score is the map's largest value.
    #expect(found["score"]?[0] == found["map"]?.max())
  }

  @Test func subspace() throws {
    // Two orthonormal components.
    let root = Float(0.5).squareRoot()
    var components = [Float](repeating: 0, count: 40)
    components[0] = root
    components[1] = root
    components[20 + 5] = 1
    let mean = Self.noise(20, seed: 6)
    let map = Self.noise(Self.grid.count, seed: 7)
    let found = try Self.run(.init(scoring: PatchSubspace(mean: mean, components: components)), map)
    let expected = (0..<Self.grid.positions).map { position -> Double in
      var x = zip(Self.patch(map, position), mean).map { $0 - Double($1) }
      let along = (x[0] + x[1]) / 2
      x[0] -= along
      x[1] -= along
      x[5] = 0
      return x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    for (own, value) in zip(try #require(found["distances"]), expected) { #expect(abs(Double(own) - value) < 1e-4) }
    // A hundredth of 30 patches is one.
    #expect(abs(Double(try #require(found["score"])[0]) - (expected.max() ?? 0)) < 1e-4)
  }

  @Test func regionAndShareOfTheLargest() throws {
    let bank = MemoryBank(fitting: Self.noise(20 * 20, seed: 8), dimension: 20, isReweighted: false)
    let map = Self.noise(Self.grid.count, seed: 9)
    let free = try #require(try Self.run(.init(scoring: bank), map)["distances"])
    let region = (0..<30).map { Float($0 % 6 < 3 ? 1 : 0) }
    let found = try Self.run(.init(scoring: bank, region: region, scoreShare: 0.1), map)
    #expect(found["distances"] == zip(free, region).map { $0 * $1 })
    let largest = zip(free, region).filter { $0.1 > 0 }.map(\.0).sorted().suffix(3)
    #expect(abs(try #require(found["score"])[0] - largest.reduce(0, +) / 3) < 1e-5)
  }

  // x = np.arange(12.).reshape(3, 4) ** 1.5
  // up = F.interpolate(x, size=(24, 32), mode="bilinear", align_corners=False); gaussian_filter(up, 2.0)
  // with PyTorch 2.15 and SciPy 1.17, at (0, 0), (5, 7), (12, 20) and (23, 31); up[5, 7] for no smoothing.
  @Test func mapIsEnlargedAndSmoothedAsBySciPy() throws {
    let grid = PatchSpecification.Grid(channels: 1, height: 3, width: 4)
    let size = PatchSpecification(taps: ["x"], width: 32, height: 24)
    // A memory of one patch at 0: the distance is the feature itself.
    let bank = MemoryBank(fitting: [0], dimension: 1, isReweighted: false)
    let x = (0..<12).map { Float($0) * Float($0).squareRoot() }
    for (smoothing, places) in [
      (
        2.0,
        [
          (0, 0, 0.04848746790834336), (5, 7, 2.4243489551965074), (12, 20, 16.385831869824532),
          (23, 31, 36.36010550468244),
        ]
      ),
      (0.0, [(5, 7, 2.116356006396398)]),
    ] {
      let model = AnomalyGraph.endingOnly(size, grid: grid, .init(scoring: bank, smoothing: smoothing))
      let network = try Network(
        onnx: model.serialized(), inputShape: [1, 1, 3, 4], mode: .latency, engines: .automatic)
      let map = try #require(try network.run(x)["map"])
      #expect(map.shape == [1, 1, 24, 32])
      for (row, column, value) in places { #expect(abs(Double(map.values[row * 32 + column]) - value) < 1e-4) }
    }
  }
}

@Suite struct AnomalyGraphTests {
  /// Patches by hand from a tap that the backbone gives: means over 3 x 3 positions, zeros outside.
  @Test func patchesAreAveragedNeighbourhoods() throws {
    let backbone = try Weights.load(.lite0)
    var builder = GraphBuilder(name: "tap")
    let image = builder.input("image", shape: [3, 64, 64])
    let tap = try #require(try backbone.write(to: &builder, image: image, taps: ["stage3"])["stage3"])
    builder.output(tap, as: "tap")
    let input = (0..<3 * 64 * 64).map { Float($0 % 97) / 96 }
    let raw = try #require(
      try Network(onnx: builder.model().serialized(), inputShape: [1, 3, 64, 64], mode: .latency, engines: .automatic)
        .run(input)["tap"])
    let specification = PatchSpecification(taps: ["stage3"], width: 64, height: 64)
    let patches = try #require(
      try Network(
        onnx: PatchGraph.build(backbone, specification).serialized(), inputShape: [1, 3, 64, 64], mode: .latency,
        engines: .automatic
      ).run(input)["patches"])
    #expect(patches.shape == [1, 40, 8, 8] && raw.shape == patches.shape)
    for (c, y, x) in [(0, 0, 0), (3, 4, 5), (39, 7, 7), (20, 0, 6)] {
      var sum: Float = 0
      for ny in max(0, y - 1)...min(7, y + 1) {
        for nx in max(0, x - 1)...min(7, x + 1) { sum += raw.values[(c * 8 + ny) * 8 + nx] }
      }
      #expect(abs(patches.values[(c * 8 + y) * 8 + x] - sum / 9) < 1e-4)
    }
  }

  /// Another memory behind the same backbone gives the graph that would have been built with it.
  @Test func replacedEnding() throws {
    let backbone = try Weights.load(.lite0)
    let specification = PatchSpecification(taps: ["stage3", "stage5"], width: 64, height: 64)
    let grid = try specification.grid(of: backbone)
    func bank(_ seed: UInt64, _ count: Int) -> MemoryBank {
      var generator = SplitMix64(seed: seed)
      return MemoryBank(
        fitting: (0..<count * grid.channels).map { _ in Float.random(in: -1...1, using: &generator) },
        dimension: grid.channels, isReweighted: true)
    }
    let first = try AnomalyGraph.build(backbone, specification, .init(scoring: bank(1, 12)), metadata: [("a", "b")])
    let second = try AnomalyGraph.build(backbone, specification, .init(scoring: bank(2, 30)), metadata: [("a", "b")])
    let changed = try AnomalyGraph.replacingEnding(
      in: first, specification, grid: grid, .init(scoring: bank(2, 30)))
    #expect(changed.metadata == ["a": "b"])
    let input = (0..<3 * 64 * 64).map { Float($0 % 101) / 100 }
    func outputs(_ model: ONNXModel) throws -> [String: Tensor] {
      try Network(onnx: model.serialized(), inputShape: [1, 3, 64, 64], mode: .latency, engines: .automatic).run(input)
    }
    #expect(try outputs(changed) == outputs(second))
  }

  /// A network brought as ONNX gives the same as the one that is built in, its normalisation undone and applied again.
  @Test func importedNetwork() throws {
    let backbone = try Weights.load(.lite0)
    var builder = GraphBuilder(name: "own", opset: 15)
    let image = builder.input("pixels", shape: [3, 64, 64])
    let taps = try backbone.write(to: &builder, image: image, taps: ["stage3"])
    let tap = try #require(taps["stage3"])
    builder.declareOutput(tap)
    let card = ImportedBackbone.Card(
      description: BackboneDescription(name: "own", nativeSize: 64, licence: "", source: ""), sha256: "",
      input: "pixels",
      taps: [Tap(name: tap.name, channels: 40, stride: 8)], defaultTaps: [tap.name], patchTaps: [tap.name],
      normalisation: .init(range: 255, mean: [0, 0, 0], deviation: [255, 255, 255], isBGR: true))
    let imported = ImportedBackbone(card, model: builder.model())
    #expect(imported.opset == 15)
    let input: [Float] = (0..<12_288).map { Float(($0 * 7) % 103) / 102 }
    let swapped: [Float] = Array(input[8192...]) + Array(input[4096..<8192]) + Array(input[..<4096])
    func patches(_ backbone: any Backbone, _ tap: String, _ input: [Float]) throws -> [Float] {
      let model = try PatchGraph.build(backbone, .init(taps: [tap], width: 64, height: 64))
      let network = try Network(
        onnx: model.serialized(), inputShape: [1, 3, 64, 64], mode: .latency, engines: .automatic)
      return try #require(try network.run(input)["patches"]).values
    }
    let own: [Float] = try patches(imported, tap.name, swapped)
    let expected: [Float] = try patches(backbone, "stage3", input)
    #expect(own.count == expected.count && zip(own, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}

@Suite struct HalfFloatsTests {
  /// The standard's own conversion, bit by bit: all finite halves survive, and floats are rounded as the compiler does it.
  @Test func agreesWithIEEE754() {
    var generator = SplitMix64(seed: 1)
    var values: [Float] = [0, -0.0, 1, -1, 65_504, 5.9604645e-8, 6.1035156e-5, 0.333, 1e-9, 70_000, -70_000]
    values += (0..<20_000).map { _ in
      Float(
        sign: .plus, exponent: Int.random(in: -26...15, using: &generator),
        significand: Float.random(in: -2..<2, using: &generator))
    }
    let decoded = HalfFloats.decode(HalfFloats.encode(values))
    for (value, own) in zip(values, decoded) {
      #expect(own == Float(Float16(max(-65_504, min(65_504, value)))), "\(value)")
    }
  }
}
