import AssayGraph
import AssayImage
import AssayRuntime
import AssayWeights
import Foundation
import Testing

/// The weights that `make setup` puts into the cache folder.
enum Weights {
  static func load(_ variant: EfficientNetLite.Variant) throws -> EfficientNetLite {
    let path = "\(FeatureCache.defaultFolder)/weights/\(variant.rawValue)/\(variant.fileName)"
    return EfficientNetLite(variant, weights: try StateDict(path: path), weightsHash: "")
  }
}

// Fixtures/efficientnet-lite.json was made with PyTorch 2.13 from the same weights, on the upper left 224 x 224 and
// 288 x 288 pixels of ELPV's images/cell0001.png (values / 255, three equal channels), by the textbook network: TensorFlow's
// "same" padding, batch normalisation with epsilon 1e-3, ReLU6, (x - 127/255) / (128/255) at the input. For each tap t:
//   t.mean((2, 3))[0, :4] and t.std((2, 3), correction=0)[0, :4]
@Suite struct EfficientNetLiteTests {
  private static let fixture: [String: [String: [Float]]] = {
    let url = Bundle.module.url(forResource: "Fixtures/efficientnet-lite", withExtension: "json")!
    return try! JSONDecoder().decode([String: [String: [Float]]].self, from: Data(contentsOf: url))
  }()

  @Test(arguments: EfficientNetLite.Variant.allCases, [224, 288])
  func agreesWithPyTorch(variant: EfficientNetLite.Variant, size: Int) throws {
    for kind in EngineKind.allCases { try agreesWithPyTorch(variant, size, Engines(kind)) }
  }

  private func agreesWithPyTorch(_ variant: EfficientNetLite.Variant, _ size: Int, _ engines: Engines) throws {
    let backbone = try Weights.load(variant)
    let expected = try #require(Self.fixture["\(variant.rawValue) \(size)"])
    let taps = expected.keys.sorted()
    let specification = FeatureSpecification(taps: taps, width: size, height: size)
    let network = try Network(
      onnx: FeatureGraph.build(backbone, specification).serialized(), inputShape: [1, 3, size, size], mode: .latency,
      engines: engines)
    let image = try ImageFile.read(path: "\(FeatureCache.defaultFolder)/data/elpv/images/cell0001.png")
    let crop = try #require(Self.upperLeft(image, size))
    let features = try #require(try network.run(crop)["features"]).values
    var offset = 0
    for tap in taps {
      let channels = try #require(backbone.taps.first { $0.name == tap }).channels
      let own = Array(features[offset..<offset + 4] + features[offset + channels..<offset + channels + 4])
      for (a, b) in zip(own, try #require(expected[tap])) { #expect(abs(a - b) < 1e-4, "\(tap)") }
      offset += 2 * channels
    }
    #expect(offset == features.count)
  }

  private static func upperLeft(_ image: Image, _ size: Int) -> [Float]? {
    guard case .uint8(let pixels) = image.samples, image.channels == 1 else { return nil }
    let plane = (0..<size * size).map { Float(pixels[$0 / size * image.width + $0 % size]) / 255 }
    return plane + plane + plane
  }
}

@Suite struct InspectorGraphTests {
  /// The mean of the map over all positions is the logit; a baseline does not change that; probabilities are its softmax.
  @Test(arguments: [false, true])
  func mapAveragesToTheLogit(hasBaseline: Bool) throws {
    let backbone = try Weights.load(.lite0)
    let specification = FeatureSpecification(
      taps: ["stage2", "stage3.expanded", "stage5", "head"], width: 128, height: 96)
    let dimension = specification.dimension(of: backbone)
    var state: UInt64 = 5
    func random() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    let head = LinearHead(
      weights: (0..<3 * dimension).map { _ in random() * 0.1 }, bias: [0.5, -1, 2],
      center: (0..<dimension).map { _ in random() })
    let baseline = hasBaseline ? (0..<3 * 12 * 16).map { _ in random() } : nil
    let graph = try InspectorGraph.build(backbone, specification, head: head, baseline: baseline)
    let network = try Network(
      onnx: graph.serialized(), inputShape: [1, 3, 96, 128], mode: .latency, engines: .automatic)
    let output = try network.run((0..<3 * 96 * 128).map { _ in random() + 0.5 })
    let (logits, map) = (try #require(output["logits"]), try #require(output["map"]))
    #expect(map.shape == [1, 3, 12, 16] && logits.shape == [1, 3])
    for k in 0..<3 {
      let mean = map.values[k * 192..<(k + 1) * 192].reduce(0.0) { $0 + Double($1) } / 192
      #expect(abs(mean - Double(logits.values[k])) < 2e-3 * max(1, abs(mean)))
    }
    let exponentials = logits.values.map { exp(Double($0) - Double(logits.values.max() ?? 0)) }
    let sum = exponentials.reduce(0, +)
    for k in 0..<3 {
      #expect(abs(Double(try #require(output["probabilities"]).values[k]) - exponentials[k] / sum) < 1e-5)
    }
    let withoutMap = try InspectorGraph.build(backbone, specification, head: head, includesMap: false)
    #expect(withoutMap.outputs.map(\.name) == ["logits", "probabilities", "features"])
  }

  /// The same where the maps' sides do not divide each other: 53, 25, 11 and 1 positions on a grid of 13, and a vector.
  @Test(arguments: ["inception-v3", "vit"])
  func mapAveragesToTheLogitOnAnyGrid(name: String) throws {
    let network: any Architecture =
      name == "vit"
      ? VisionTransformer(.init(width: 192, depth: 4, patch: 14, gridSide: 3), naming: .timm) : InceptionV3()
    let side = name == "vit" ? 70 : 110
    let backbone = PretrainedBackbone(
      network, weights: SeededWeights(), description: .init(name: name, nativeSize: side, licence: "", source: ""),
      weightsHash: "")
    let taps = name == "vit" ? ["stage2", "token", "features"] : ["stage1", "stage2", "stage3", "features"]
    let specification = FeatureSpecification(taps: taps, width: side, height: side)
    let dimension = specification.dimension(of: backbone)
    let formula = SeededWeights(seed: 3)
    let head = LinearHead(
      weights: formula.uniform("weights", count: 2 * dimension).map { $0 * 0.05 }, bias: [0.5, -1],
      center: formula.uniform("center", count: dimension))
    let graph = try InspectorGraph.build(backbone, specification, head: head, baseline: nil)
    let compiled = try Network(
      onnx: graph.serialized(), inputShape: [1, 3, side, side], mode: .latency, engines: .automatic)
    let output = try compiled.run(formula.uniform("image", count: 3 * side * side).map { (1 + $0) / 2 })
    let (logits, map) = (try #require(output["logits"]), try #require(output["map"]))
    let plane = map.shape[2] * map.shape[3]
    #expect(map.shape[2] == (name == "vit" ? 5 : 13))
    for k in 0..<2 {
      let mean = map.values[k * plane..<(k + 1) * plane].reduce(0.0) { $0 + Double($1) } / Double(plane)
      #expect(abs(mean - Double(logits.values[k])) < 2e-3 * max(1, abs(mean)), "\(mean) and \(logits.values[k])")
    }
  }

  @Test func mistakesAreTypedErrors() throws {
    #expect(throws: RuntimeError.self) {
      try Network(onnx: Array("no model".utf8), inputShape: [1, 3, 32, 32], mode: .latency, engines: .automatic)
    }
    var builder = GraphBuilder(name: "tiny")
    let x = builder.input("image", shape: [3, 2, 2])
    builder.output(builder.node("Relu", [x.name], name: "relu", shape: x.shape), as: "y")
    let network = try Network(
      onnx: builder.model().serialized(), inputShape: [1, 3, 2, 2], mode: .throughput, engines: .automatic)
    #expect(try network.run((0..<12).map { Float($0) - 6 })["y"]?.values == [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5])
    do {
      _ = try network.run([1, 2])
      Issue.record("a wrong shape was accepted")
    } catch {
      #expect(error.description.contains("[1, 3, 2, 2]") && error.description.contains("2 values"))
    }
    #expect(throws: RuntimeError.self) { try network.makeRequest().withOutput("z") { $0.count } }
  }
}
