import AssayGraph
import AssayLearning
import AssayRuntime
import Foundation
import Testing

@Suite struct MultiTaskGraphTests {
  private static let width = 24
  private var state: UInt64 = 9

  private mutating func random() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 24) - 0.5
  }

  private mutating func head(_ rows: Int, _ dimension: Int, _ scale: Float) -> LinearHead {
    LinearHead(
      weights: (0..<rows * dimension).map { _ in random() * scale }, bias: (0..<rows).map { _ in random() },
      center: (0..<dimension).map { _ in random() })
  }

  /// Every named output follows from the features by the heads' definition, the primary task's also under the usual names,
  /// and the map's mean is the logit, with a shared layer too.
  @Test(arguments: [false, true], [false, true])
  func outputsFollowFromTheFeatures(isShared: Bool, hasBaseline: Bool) throws {
    var own = self
    let backbone = try Weights.load(.lite0)
    let specification = FeatureSpecification(taps: ["stage2", "stage3.expanded", "head"], width: 128, height: 96)
    let dimension = specification.dimension(of: backbone)
    let layer =
      isShared
      ? SharedLayer(
        weights: (0..<Self.width * dimension).map { _ in own.random() * 0.1 },
        bias: (0..<Self.width).map { _ in own.random() }, center: [Float](repeating: 0, count: dimension)) : nil
    let size = layer?.width ?? dimension
    let scale: Float = isShared ? 1 : 0.1
    let line = own.head(3, size, scale)
    let defect = own.head(2, size, scale)
    let grade = own.head(1, size, scale)
    let depth = own.head(1, size, scale)
    let heads = [
      TaskHead(name: "line", kind: .classification(classes: ["a", "b", "c"]), head: line),
      TaskHead(name: "defect", kind: .classification(classes: ["bad", "good"]), head: defect),
      TaskHead(name: "grade", kind: .ordinal(levels: [1, 2, 5], thresholds: [0, 0.75]), head: grade),
      TaskHead(name: "depth", kind: .real, head: depth),
    ]
    let baseline = hasBaseline ? (0..<2 * 12 * 16).map { _ in own.random() } : nil
    let graph = try MultiTaskGraph.build(
      backbone, specification, shared: layer, heads: heads, primary: "defect", baseline: baseline)
    #expect(
      graph.outputs.map(\.name) == [
        "line.logits", "line.probabilities", "defect.logits", "defect.probabilities", "logits", "probabilities", "map",
        "grade.probabilities", "grade.value", "depth.value", "features",
      ])
    let input = (0..<3 * 96 * 128).map { _ in own.random() + 0.5 }
    let shape = [1, 3, 96, 128]
    let output = try Network(onnx: graph.serialized(), inputShape: shape, mode: .latency, engines: .automatic).run(
      input)
    let features = try #require(
      try Network(
        onnx: FeatureGraph.build(backbone, specification).serialized(), inputShape: shape, mode: .latency,
        engines: .automatic
      ).run(input)["features"]
    ).values
    let representation =
      layer.map { layer in
        LinearHead(weights: layer.weights, bias: layer.bias, center: layer.center).logits(features).map {
          Float(max(0, $0))
        }
      } ?? features
    func values(_ name: String) throws -> [Double] { try #require(output[name]).values.map(Double.init) }
    func agree(_ a: [Double], _ b: [Double], _ tolerance: Double = 2e-3) -> Bool {
      a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < tolerance * max(1, abs($1)) }
    }
    #expect(agree(try values("line.logits"), line.logits(representation)))
    #expect(try values("logits") == (try values("defect.logits")))
    #expect(try values("probabilities") == (try values("defect.probabilities")))
    let exponentials = try values("line.logits").map { exp($0) }
    #expect(agree(try values("line.probabilities"), exponentials.map { $0 / exponentials.reduce(0, +) }))
    let levels = CumulativeLink(thresholds: [0, 0.75]).probabilities(score: grade.logits(representation)[0])
    #expect(agree(try values("grade.probabilities"), levels))
    #expect(agree(try values("grade.value"), [levels[0] + 2 * levels[1] + 5 * levels[2]]))
    #expect(agree(try values("depth.value"), depth.logits(representation)))
    let map = try #require(output["map"])
    #expect(map.shape == [1, 2, 12, 16])
    for k in 0..<2 {
      let mean = map.values[k * 192..<(k + 1) * 192].reduce(0.0) { $0 + Double($1) } / 192
      #expect(abs(mean - (try values("logits")[k])) < 2e-3 * max(1, abs(mean)))
    }
  }

  @Test func withoutAClassificationThereIsNoMap() throws {
    var own = self
    let backbone = try Weights.load(.lite0)
    let specification = FeatureSpecification(taps: ["head"], width: 64, height: 64)
    let graph = try MultiTaskGraph.build(
      backbone, specification,
      heads: [TaskHead(name: "depth", kind: .real, head: own.head(1, specification.dimension(of: backbone), 1))],
      primary: nil)
    #expect(
      graph.outputs == [
        .init(name: "depth.value", shape: [-1, 1]),
        .init(name: "features", shape: [-1, specification.dimension(of: backbone)]),
      ])
  }
}
